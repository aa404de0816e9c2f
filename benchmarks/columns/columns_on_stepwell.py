"""Pass through, one column added, one changed: in Stepwell, with store and record."""

import sys

import polars as pl
from columns_frame import numbers, tell

from stepwell import Pipeline, step


@step
def unchanged(data: pl.DataFrame) -> pl.DataFrame:
    """Pass through."""
    return data


@step
def one_added(data: pl.DataFrame) -> pl.DataFrame:
    """Add a column."""
    return data.with_columns(added=pl.col("column_0") + 1)


@step
def one_changed(data: pl.DataFrame) -> pl.DataFrame:
    """Change a column."""
    return data.with_columns(column_1=pl.col("column_1") * 2)


steps = [unchanged(), one_added(), one_changed()]
pipeline = Pipeline("columns", steps, inputs={"data": pl.DataFrame})
frame = pl.DataFrame(numbers())
tell(lambda: pipeline.run(store=sys.argv[1], observers=[], data=frame).raise_for_status())
