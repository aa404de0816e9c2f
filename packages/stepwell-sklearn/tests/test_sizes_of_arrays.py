"""Arrays of a size that scikit-learn never makes crash or read foreign memory; they never load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import BisectingKMeans, KMeans
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, OneClassSVM

from stepwell import ModelError
from stepwell_sklearn._load import loaded, stored

X = np.random.default_rng(0).normal(size=(60, 4))
CLASSES = np.digitize(X[:, 0], [-0.5, 0.5])
ONE = slice(0, 1)


def set_to(name: str, value: Callable[[Any], Any]) -> Callable[[Any], None]:
    """Changes an attribute of an estimator."""

    def change(estimator: Any) -> None:
        setattr(estimator, name, np.ascontiguousarray(value(getattr(estimator, name))))

    return change


def repeat_trees(ensemble: Any) -> None:
    ensemble.estimators_ = np.repeat(ensemble.estimators_, 2, axis=1)


def repeat_trees_and_claim(ensemble: Any) -> None:
    repeat_trees(ensemble)
    ensemble.n_trees_per_iteration_ *= 2


def begin_with_nothing(ensemble: Any) -> None:
    ensemble.init_.constant_ = np.zeros((1, 0))
    ensemble.init_.n_outputs_ = 0


def far_indices(classifier: Any) -> None:
    classifier.sparsify()
    classifier.coef_.indices = classifier.coef_.indices + 10**7


def narrow_leaf(estimator: Any) -> None:
    estimator._bisecting_tree.left.center = estimator._bisecting_tree.left.center[ONE]


PRECOMPUTED = X @ X.T
SPOILT: dict[str, tuple[Any, Callable[[Any], None]]] = {
    "thresholds of a machine": (SVC(), set_to("_intercept_", lambda a: a[ONE])),
    "weights of a machine": (SVC(), set_to("_dual_coef_", lambda a: a[ONE, :3])),
    "more classes": (SVC(), set_to("_n_support", lambda a: np.append(a, 0).astype(a.dtype))),
    "fewer than no vectors": (SVC(), set_to("_n_support", lambda a: a + np.int32([9, -9, 0]) * 99)),
    "width of vectors": (SVC(), set_to("support_vectors_", lambda a: a[:, ONE])),
    "number of vectors": (SVC(), set_to("support_", lambda a: np.tile(a, 9))),
    "slopes": (SVC(), set_to("_probA", lambda a: np.zeros(1))),
    "regression": (SVR(), set_to("_dual_coef_", lambda a: a[:, :3])),
    "one class": (OneClassSVM(), set_to("support_vectors_", lambda a: a[:3])),
    "indices of vectors": (SVC(kernel="precomputed"), set_to("support_", lambda a: a + 10**6)),
    "trees of an iteration": (GradientBoostingClassifier(n_estimators=2), repeat_trees),
    "and their number": (GradientBoostingRegressor(n_estimators=2), repeat_trees_and_claim),
    "beginning": (GradientBoostingRegressor(n_estimators=2), begin_with_nothing),
    "centers": (KMeans(2, n_init=1), set_to("cluster_centers_", lambda a: a[:, ONE])),
    "centers in a tree": (BisectingKMeans(2), narrow_leaf),
    "width of neighbours": (
        NearestNeighbors(algorithm="brute"),
        set_to("_fit_X", lambda a: a[:, ONE]),
    ),
    "number of neighbours": (LocalOutlierFactor(novelty=True), set_to("_fit_X", lambda a: a[:3])),
    "labels of neighbours": (KNeighborsClassifier(), set_to("_y", lambda a: a[:3])),
}


@pytest.mark.parametrize(("estimator", "spoil"), SPOILT.values(), ids=SPOILT)
def test_array_of_a_false_size_is_refused(estimator: Any, spoil: Callable[[Any], None]) -> None:
    """(fault 1)"""
    precomputed = getattr(estimator, "kernel", None) == "precomputed"
    fitted = clone(estimator).fit(PRECOMPUTED if precomputed else X, CLASSES)
    loaded(stored(fitted).content)
    spoil(fitted)
    with pytest.raises(ModelError, match="an array in it has a size that it never has"):
        loaded(stored(fitted).content)


def test_array_of_a_false_size_is_found_in_a_pipeline() -> None:
    machine = make_pipeline(StandardScaler(), SVC()).fit(X, CLASSES)
    machine[-1]._intercept_ = machine[-1]._intercept_[ONE]
    with pytest.raises(ModelError, match="has a size that it never has"):
        loaded(stored(machine).content)


def test_sparse_matrix_whose_indices_lead_out_is_refused() -> None:
    classifier = SGDClassifier().fit(X, CLASSES)
    far_indices(classifier)
    with pytest.raises(ModelError, match=r"The model cannot be loaded here \(ValueError\)"):
        loaded(stored(classifier).content)
