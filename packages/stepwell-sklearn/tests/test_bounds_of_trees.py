"""Trees that point outside of themselves crash or read foreign memory; they are never made."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import SplineTransformer
from sklearn.tree import DecisionTreeClassifier

from stepwell import ModelError
from stepwell_sklearn._archive import packed, unpacked
from stepwell_sklearn._load import loaded, stored
from stepwell_sklearn._schema import nodes

X = np.random.default_rng(0).normal(size=(60, 3))
X[:, 2] = np.arange(60) % 4
Y = np.arange(60) % 2

TREE = DecisionTreeClassifier(random_state=0).fit(X, Y)
FOREST = RandomForestClassifier(n_estimators=2, random_state=0).fit(X, Y)
BOOSTED = HistGradientBoostingClassifier(
    max_iter=2, min_samples_leaf=2, categorical_features=[2], random_state=0
).fit(X, X[:, 0] > 0)
NEIGHBOURS = KNeighborsClassifier(algorithm="kd_tree", leaf_size=5).fit(X, Y)
FAR_NEIGHBOURS = KNeighborsClassifier(algorithm="ball_tree", p=3).fit(X, Y)
SPLINES = SplineTransformer().fit(X)
ISOLATION = IsolationForest(n_estimators=2, max_features=2, random_state=0).fit(X)
GRADIENT = GradientBoostingRegressor(n_estimators=2, random_state=0).fit(X, Y)

Change = Callable[[Any], None]


def changed(estimator: Any, kind: str, array: str | int, change: Change) -> bytes:
    """The bytes of an estimator in which an array of the first object of a kind was changed."""
    archive = unpacked(stored(estimator).content)
    found = next(node for node in nodes(archive.schema) if node["__class__"] == kind)
    described = found["content"]["content"][array]
    values = np.load(io.BytesIO(archive.members[described["file"]]))
    change(values)
    buffer = io.BytesIO()
    np.save(buffer, values)
    return packed({**archive.members, described["file"]: buffer.getvalue()})


def with_number(estimator: Any, kind: str, name: str | int, number: int) -> bytes:
    """The bytes of an estimator in which a number of the first object of a kind was changed."""
    archive = unpacked(stored(estimator).content)
    found = next(node for node in nodes(archive.schema) if node["__class__"] == kind)
    node = found["content"]["content"][name]
    node.clear()
    node.update(__class__="str", __module__="builtins", __loader__="JsonNode", content=str(number))
    return packed({**archive.members, "schema.json": json.dumps(archive.schema).encode()})


def changed_distance(estimator: Any) -> bytes:
    """The bytes of neighbours whose metric has a weight for one column only."""
    archive = unpacked(stored(estimator).content)
    metric = next(node for node in nodes(archive.schema) if "Distance" in node["__class__"])
    weights = metric["content"]["content"][1]
    buffer = io.BytesIO()
    np.save(buffer, np.ones(1))
    return packed({**archive.members, weights["file"]: buffer.getvalue()})


def put(field: str, value: int, row: int = 0) -> Change:
    def change(values: Any) -> None:
        values[field][row] = value

    return change


def put_plain(value: int) -> Change:
    def change(values: Any) -> None:
        values[0] = value

    return change


def numbers_as_categories(values: Any) -> None:
    values["is_categorical"][values["feature_idx"] != 0] = 1  # categories are the first columns


def pointing_back(values: Any) -> None:
    inner = np.flatnonzero(values["left_child"] != -1)
    values["left_child"][inner[-1]] = 0


HOSTILE: dict[str, Callable[[], bytes]] = {
    "child that does not exist": lambda: changed(TREE, "Tree", "nodes", put("left_child", 9999)),
    "child before the tree": lambda: changed(TREE, "Tree", "nodes", put("right_child", -7)),
    "endless loop": lambda: changed(TREE, "Tree", "nodes", pointing_back),
    "column that does not exist": lambda: changed(TREE, "Tree", "nodes", put("feature", 3)),
    "more nodes than there are": lambda: with_number(TREE, "Tree", "node_count", 10**6),
    "deeper than it says": lambda: with_number(TREE, "Tree", "max_depth", 1),
    "wider than its estimator": lambda: with_number(
        TREE, "DecisionTreeClassifier", "n_features_in_", 2
    ),
    "wider than its forest": lambda: with_number(
        FOREST, "RandomForestClassifier", "n_features_in_", 2
    ),
    "wider than its boosting": lambda: with_number(
        GRADIENT, "GradientBoostingRegressor", "n_features_in_", 2
    ),
    "wider than its subset": lambda: with_number(ISOLATION, "IsolationForest", "_max_features", 1),
    "boosted child": lambda: changed(BOOSTED, "TreePredictor", "nodes", put("left", 9999)),
    "boosted loop": lambda: changed(BOOSTED, "TreePredictor", "nodes", put("right", 0)),
    "boosted column": lambda: changed(BOOSTED, "TreePredictor", "nodes", put("feature_idx", 3)),
    "number as category": lambda: changed(BOOSTED, "TreePredictor", "nodes", numbers_as_categories),
    "row that does not exist": lambda: changed(NEIGHBOURS, "KDTree", 1, put_plain(60)),
    "rows after the last": lambda: changed(NEIGHBOURS, "KDTree", 2, put("idx_end", 61)),
    "leaf with children": lambda: changed(NEIGHBOURS, "KDTree", 2, put("is_leaf", 0, -1)),
    "levels that do not exist": lambda: with_number(NEIGHBOURS, "KDTree", 5, 9),
    "weights of other columns": lambda: changed_distance(FAR_NEIGHBOURS),
    "degree without knots": lambda: with_number(SPLINES, "BSpline", "k", 50),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_tree_that_leaves_its_bounds_is_refused(content: Callable[[], bytes]) -> None:
    with pytest.raises(ModelError, match="refused: a tree in it"):
        loaded(content())


HONEST = [TREE, FOREST, BOOSTED, NEIGHBOURS, FAR_NEIGHBOURS, ISOLATION, GRADIENT]


@pytest.mark.parametrize("estimator", HONEST, ids=repr)
def test_honest_tree_is_loaded(estimator: Any) -> None:
    assert (loaded(stored(estimator).content).predict(X) == estimator.predict(X)).all()
