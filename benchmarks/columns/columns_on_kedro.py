"""Pass through, one column added, one changed: in Kedro, stored as Parquet."""

import sys

import pandas as pd
from columns_frame import numbers, tell
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner


def unchanged(data: pd.DataFrame) -> pd.DataFrame:
    """Pass through."""
    return data


def one_added(data: pd.DataFrame) -> pd.DataFrame:
    """Add a column."""
    return data.assign(added=data["column_0"] + 1)


def one_changed(data: pd.DataFrame) -> pd.DataFrame:
    """Change a column."""
    return data.assign(column_1=data["column_1"] * 2)


names = ("passed", "added", "changed")
catalog = DataCatalog.from_config(
    {
        name: {"type": "pandas.ParquetDataset", "filepath": f"{sys.argv[1]}/{name}.parquet"}
        for name in names
    }
)
catalog["data"] = pd.DataFrame(numbers(), copy=False)
pipeline = Pipeline(
    [
        Node(unchanged, "data", "passed"),
        Node(one_added, "passed", "added"),
        Node(one_changed, "added", "changed"),
    ]
)
tell(lambda: SequentialRunner().run(pipeline, catalog))
