"""The seven functions as nodes of Kedro: in memory, or stored in a folder if one is given."""

import sys

from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from seven_functions import check, decide, evaluate, load, scan, split, train

source, *folders = sys.argv[1:]
stored = {
    f"{name}": {"type": f"{kind}Dataset", "filepath": f"{folder}/{name}.{ending}"}
    for folder in folders
    for kind, ending, names in (
        ("pandas.Parquet", "parquet", ["data", "training", "holdout"]),
        ("pickle.Pickle", "pickle", ["model"]),
        ("json.JSON", "json", ["checked", "scanned", "metrics", "accepted"]),
    )
    for name in names
}
catalog = DataCatalog.from_config(stored)
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
