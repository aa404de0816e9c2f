"""The seven functions as nodes of Kedro: in memory, or stored in a folder if one is given."""

import sys

from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from seven_functions import check, decide, evaluate, load, scan, split, train

STORED = {
    "pandas.ParquetDataset": ["data", "training", "holdout"],
    "pickle.PickleDataset": ["model"],
    "json.JSONDataset": ["checked", "scanned", "metrics", "accepted"],
}

source, *folders = sys.argv[1:]
catalog = DataCatalog.from_config(
    {
        name: {"type": kind, "filepath": f"{folder}/{name}"}
        for folder in folders
        for kind, names in STORED.items()
        for name in names
    }
)
catalog["params:source"] = source
nodes = [
    Node(load, {"source": "params:source"}, "data"),
    Node(check, "data", "checked"),
    Node(scan, "data", "scanned"),
    Node(split, "data", ["training", "holdout"]),
    Node(train, "training", "model"),
    Node(evaluate, ["model", "holdout"], "metrics"),
    Node(decide, ["checked", "scanned", "metrics"], "accepted"),
]
assert SequentialRunner().run(Pipeline(nodes), catalog)["accepted"].load()
