"""Estimators whose compiled code takes the sizes of their arrays for granted.

scikit-learn checks the data that it predicts and not the arrays that a model was loaded with, so a
crafted file could make `predict` read or write foreign memory. Trees are checked in the file, by
`_bounds.py`; the arrays of all other estimators here, before anybody predicts with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepwell import ModelError


def check_sizes(live: Any) -> None:
    """Raise ModelError if an array in a loaded estimator has a size that it never has."""
    boosted = []
    for part in _parts(live):
        kinds = {base.__name__ for base in type(part).__mro__}
        if "BaseLibSVM" in kinds:
            _check_machine(part)
        if "KMeans" in kinds or "MiniBatchKMeans" in kinds:
            _check_centers(part.cluster_centers_, part.n_features_in_)
        if "BisectingKMeans" in kinds:
            _check_bisection(part)
        if "NeighborsBase" in kinds:
            _check_neighbours(part)
        if "BaseGradientBoosting" in kinds:
            boosted.append(part)
        if hasattr(part, "indptr"):
            part.check_format(full_check=True)
    for ensemble in boosted:  # what they begin with is predicted by another estimator in them
        _check_boosting(ensemble)


def _parts(live: Any) -> Iterator[Any]:
    """Every fitted estimator of scikit-learn and every sparse matrix in an object."""
    import numpy as np

    waiting, seen = [live], {id(live): live}
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            inner: Any = part.values()
        elif isinstance(part, list | tuple | set | frozenset):
            inner = part
        elif isinstance(part, np.ndarray):
            inner = part.flat if part.dtype.hasobject else ()
        else:
            inner = getattr(part, "__dict__", {}).values()
            if "n_features_in_" in getattr(part, "__dict__", ()) or hasattr(part, "indptr"):
                yield part
        new = [one for one in inner if id(one) not in seen]
        seen.update((id(one), one) for one in new)
        waiting.extend(new)


def _check_machine(machine: Any) -> None:
    """Support vectors, their weights and the thresholds of all pairs of classes fit together."""
    rows, classes = len(machine.support_), len(machine._n_support)
    pairs = classes * (classes - 1) // 2
    if callable(machine.kernel) or machine.kernel == "precomputed":
        support, known = machine.support_, machine.shape_fit_[0]
        _require(not machine._sparse and bool(((support >= 0) & (support < known)).all()))
    else:
        _require(machine.support_vectors_.shape == (rows, machine.n_features_in_))
    decides_classes = machine._impl in ("c_svc", "nu_svc")
    counted = machine._n_support.sum() if decides_classes else machine._n_support.max()
    _require(classes >= 2 and machine._n_support.min() >= 0 and counted == rows)
    _require(machine._dual_coef_.shape == (classes - 1, rows))
    if machine._sparse:
        _require(machine._dual_coef_.data.shape == ((classes - 1) * rows,))
    _require(machine._intercept_.shape == (pairs,))
    for slopes in (machine._probA, machine._probB):
        _require(slopes.shape in ((0,), (pairs,)))


def _check_centers(centers: Any, width: int) -> None:
    _require(centers.ndim == 2 and centers.shape[1] == width)


def _check_bisection(estimator: Any) -> None:
    waiting = [estimator._bisecting_tree]
    while waiting:
        node = waiting.pop()
        _require(node.center.shape == (estimator.n_features_in_,))
        waiting.extend(child for child in (node.left, node.right) if child is not None)


def _check_neighbours(estimator: Any) -> None:
    rows, width = estimator._fit_X.shape
    _require(width == estimator.n_features_in_ and rows == estimator.n_samples_fit_)
    _require(not hasattr(estimator, "_y") or len(estimator._y) == rows)


def _check_boosting(ensemble: Any) -> None:
    """As many trees in each iteration as columns in what the ensemble begins with."""
    import numpy as np

    begin = ensemble._raw_predict_init(np.zeros((1, ensemble.n_features_in_), dtype=np.float32))
    _require(ensemble.estimators_.ndim == 2 and begin.shape == (1, ensemble.estimators_.shape[1]))


def _require(holds: bool) -> None:
    if not holds:
        raise ModelError("The model file is refused: an array in it has a size that it never has.")
