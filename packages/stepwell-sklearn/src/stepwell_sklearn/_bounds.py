"""Trees whose nodes point where they may: compiled code follows them without looking.

scikit-learn checks the type of a loaded tree and not its content, so a crafted file could make
`predict` read or write foreign memory. The nodes are therefore checked in the file, before any
object is made: children come after their parents and exist, features exist, counts are true.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell import ModelError
from stepwell_sklearn._archive import Archive
from stepwell_sklearn._schema import Node

Attributes = Mapping[str, Any]

_SHARED_CHECK = (
    "sklearn.ensemble._forest",
    "sklearn.ensemble._gb",
    "sklearn.ensemble._iforest",
)
"""Ensembles that check the width of the data once, for all of their trees."""


@dataclass(frozen=True)
class _Place:
    """A described object, and the attributes of the estimator around it."""

    node: Node
    owner: Attributes
    outer: Attributes
    outer_module: str


def check_bounds(archive: Archive) -> None:
    """Raise ModelError if a tree in the file would read outside of its memory."""
    read = _Reader(archive)
    for place in _places(archive.schema):
        check = _CHECKS.get(place.node["__class__"])
        if check is not None and place.node["__loader__"] in ("TreeNode", "ObjectNode"):
            check(read, place)


class _Reader:
    """Plain values out of described ones."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def __call__(self, node: Any) -> Any:
        import numpy as np

        if node["__loader__"] == "JsonNode":
            return json.loads(node["content"])
        if node["__loader__"] == "TupleNode":
            return tuple(node["content"])
        if node["__loader__"] == "NdArrayNode" and node["type"] == "numpy":
            content = self._archive.members[node["file"]]
            return np.load(io.BytesIO(content), allow_pickle=False)
        raise _refused("has a part of a type that it never has")


def _places(schema: Node) -> Iterator[_Place]:
    waiting: list[tuple[Any, Attributes, Attributes, str, str]] = [(schema, {}, {}, "", "")]
    while waiting:
        value, owner, outer, module, outer_module = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("__loader__"), str):
                yield _Place(value, owner, outer, outer_module)
                attributes = _attributes(value)
                if "n_features_in_" in attributes:
                    owner, outer = attributes, owner
                    module, outer_module = value["__module__"], module
            value = list(value.values())
        if isinstance(value, list):
            waiting.extend((inner, owner, outer, module, outer_module) for inner in value)


def _attributes(node: Node) -> Attributes:
    content = node.get("content")
    described = content.get("content") if isinstance(content, dict) else None
    return described if isinstance(described, dict) else {}


def _check_decision_tree(read: _Reader, place: _Place) -> None:
    n_features, n_classes, n_outputs = map(read, read(place.node["__reduce__"]["args"]))
    state = _attributes(place.node)
    nodes = read(state["nodes"])
    width = _width(read, place)
    _require(n_classes.ndim == 1 and 0 < len(n_classes) == n_outputs, "has false counts of classes")
    _require(n_classes.min() > 0, "has false counts of classes")
    _require(n_features == width, "expects other columns than its estimator")
    _require(len(nodes) == read(state["node_count"]), "has another number of nodes than it says")
    leaves = nodes["left_child"] == -1
    depth = _depth(nodes["left_child"], nodes["right_child"], leaves)
    _require(depth <= read(state["max_depth"]), "is deeper than it says")
    _require(_within(nodes["feature"][~leaves], width), "asks for columns that do not exist")


def _check_boosted_tree(read: _Reader, place: _Place) -> None:
    state = _attributes(place.node)
    nodes, bitsets = read(state["nodes"]), read(state["raw_left_cat_bitsets"])
    inner = ~nodes["is_leaf"].astype(bool)
    width = _width(read, place)
    _depth(nodes["left"].astype("i8"), nodes["right"].astype("i8"), ~inner)
    _require(_within(nodes["feature_idx"][inner], width), "asks for columns that do not exist")
    categorical = inner & nodes["is_categorical"].astype(bool)
    if categorical.any():
        bins = _attributes(place.owner["_bin_mapper"])
        known = read(bins["is_categorical_"]).astype(bool)
        _require(len(known) == width, "has false categories")
        _require(known[nodes["feature_idx"][categorical]].all(), "has false categories")
        _require(bitsets.shape[1:] == (8,), "has false categories")
        _require(_within(nodes["bitset_idx"][categorical], len(bitsets)), "has false categories")


def _check_binary_tree(read: _Reader, place: _Place) -> None:
    state = read(place.node["content"])
    data, index, nodes, bounds = map(read, state[:4])
    n_levels, n_nodes = map(read, state[5:7])
    weight = read(state[12])
    corners = 2 if place.node["__class__"] == "KDTree" else 1
    _require(data.ndim == 2 and index.shape == data.shape[:1], "has false rows")
    _require(_within(index, len(data)), "has false rows")
    _require(weight is None or weight.shape == index.shape, "has false weights")
    _require(0 < n_levels < 60 and len(nodes) == n_nodes == 2**n_levels - 1, "has false levels")
    _require(bounds.shape == (corners, n_nodes, data.shape[1]), "has false bounds")
    start, end = nodes["idx_start"], nodes["idx_end"]
    _require(bool(((start >= 0) & (start <= end) & (end <= len(data))).all()), "has false rows")
    _require(bool(nodes["is_leaf"][n_nodes // 2 :].all()), "has nodes without children")
    _check_distance(read, state[11], data.shape[1])


def _check_distance(read: _Reader, metric: Node, width: int) -> None:
    """Some metrics have a weight for each column, or know how many columns there are."""
    _, weights, _ = map(read, read(metric["content"]))
    if metric["__class__"].startswith("Minkowski"):
        _require(weights.shape in ((0,), (width,)), "has false weights")
    if metric["__class__"].startswith("Haversine"):
        _require(width == 2, "has other columns than latitude and longitude")


def _check_spline(read: _Reader, place: _Place) -> None:
    state = _attributes(place.node)
    knots, coefficients, degree = (read(state[name]) for name in ("_t", "_c", "k"))
    _require(isinstance(degree, int) and 0 <= degree < 100, "has a false degree")
    _require(knots.ndim == 1 and len(knots) >= 2 * (degree + 1), "has too few knots")
    _require(len(coefficients) >= len(knots) - degree - 1, "has too few coefficients")


def _width(read: _Reader, place: _Place) -> int:
    """How many columns the estimator of a tree checks for, before the tree sees the data."""
    width = read(place.owner["n_features_in_"])
    if place.outer_module in _SHARED_CHECK:
        checked = place.outer.get("_max_features", place.outer["n_features_in_"])
        _require(width == read(checked), "expects other columns than its ensemble")
        if "_max_features" in place.outer:
            _check_subsets(read, place.outer, width)
    return int(width)


def _check_subsets(read: _Reader, ensemble: Attributes, width: int) -> None:
    for subset in ensemble["estimators_features_"]["content"]:
        _require(read(subset).shape == (width,), "expects other columns than its ensemble")


def _depth(left: Any, right: Any, leaves: Any) -> int:
    """How deep a tree is; every child exists and comes after its parent."""
    import numpy as np

    _require(len(leaves) > 0, "has no nodes")
    parents = np.flatnonzero(~leaves)
    for children in (left[parents], right[parents]):
        _require(bool(((children > parents) & (children < len(leaves))).all()), "has stray nodes")
    depth, level = 0, np.array([0])
    while (level := level[~leaves[level]]).size:
        level = np.unique(np.concatenate([left[level], right[level]]))
        depth += 1
    return depth


def _within(indices: Any, size: int) -> bool:
    return bool(((indices >= 0) & (indices < size)).all())


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise _refused(problem)


def _refused(problem: str) -> ModelError:
    return ModelError(f"The model file is refused: a tree in it {problem}.")


_CHECKS: Mapping[str, Callable[[_Reader, _Place], None]] = {
    "Tree": _check_decision_tree,
    "TreePredictor": _check_boosted_tree,
    "KDTree": _check_binary_tree,
    "BallTree": _check_binary_tree,
    "BSpline": _check_spline,
}
