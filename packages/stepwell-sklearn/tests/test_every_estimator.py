"""Every estimator of scikit-learn: fitted, stored, loaded with the reviewed list, and equal."""

from __future__ import annotations

import inspect
import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.experimental import (  # noqa: F401 - they make their estimators visible
    enable_halving_search_cv,
    enable_iterative_imputer,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils import all_estimators

from stepwell import Model, ModelError
from stepwell_sklearn._trust import trusted_types

NOT_STORED = {"Birch": "skops refuses it: its tree of nodes refers to itself"}
CHANGED_BY_USE = {"HashingVectorizer", "MultiLabelBinarizer"}  # they remember what they computed

CLASSIFIER = LogisticRegression()
NEEDS: dict[str, dict[str, Any]] = {
    "ClassifierChain": {"estimator": CLASSIFIER},
    "ColumnTransformer": {"transformers": [("a", FunctionTransformer(np.log1p), [0, 1])]},
    "FeatureUnion": {"transformer_list": [("a", FunctionTransformer(np.log1p))]},
    "FixedThresholdClassifier": {"estimator": CLASSIFIER},
    "FrozenEstimator": {"estimator": LinearRegression().fit(np.eye(4), np.arange(4.0))},
    "GridSearchCV": {"estimator": Ridge(), "param_grid": {"alpha": [0.1, 1.0]}},
    "HalvingGridSearchCV": {"estimator": Ridge(), "param_grid": {"alpha": [0.1, 1.0]}},
    "HalvingRandomSearchCV": {"estimator": Ridge(), "param_distributions": {"alpha": [0.1, 1.0]}},
    "LinearDiscriminantAnalysis": {"n_components": 1},
    "MultiOutputClassifier": {"estimator": CLASSIFIER},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "OneVsOneClassifier": {"estimator": CLASSIFIER},
    "OneVsRestClassifier": {"estimator": DecisionTreeClassifier()},
    "OrthogonalMatchingPursuitCV": {"max_iter": 2, "cv": 2},
    "OutputCodeClassifier": {"estimator": CLASSIFIER},
    "Pipeline": {"steps": [("scale", FunctionTransformer(np.log1p)), ("model", Ridge())]},
    "RFE": {"estimator": Ridge()},
    "RFECV": {"estimator": Ridge()},
    "RandomizedSearchCV": {
        "estimator": Ridge(),
        "param_distributions": {"alpha": [0.1, 1.0]},
        "n_iter": 2,
    },
    "RegressorChain": {"estimator": Ridge()},
    "SelectFromModel": {"estimator": Ridge()},
    "SelfTrainingClassifier": {"estimator": CLASSIFIER},
    "SequentialFeatureSelector": {"estimator": Ridge(), "cv": 2},
    "SparseCoder": {"dictionary": np.eye(4)},
    "SpectralBiclustering": {"n_components": 3, "n_best": 2},
    "StackingClassifier": {"estimators": [("tree", DecisionTreeClassifier())]},
    "StackingRegressor": {"estimators": [("ridge", Ridge())]},
    "TSNE": {"max_iter": 250, "perplexity": 5},
    "TunedThresholdClassifierCV": {"estimator": CLASSIFIER},
    "VotingClassifier": {"estimators": [("tree", DecisionTreeClassifier())]},
    "VotingRegressor": {"estimators": [("ridge", Ridge())]},
}
SMALL = {"n_estimators": 3, "max_iter": 5, "n_components": 2, "n_clusters": 2, "cv": 2, "n_init": 1}

X = np.abs(np.random.default_rng(0).normal(size=(40, 4))) + 0.1
NUMBERS = X @ np.array([1.0, 2.0, 3.0, 4.0])
CLASSES = np.arange(40) % 2
PAIRS = np.column_stack([CLASSES, 1 - CLASSES])
TEXTS = ["red green", "green blue"] * 20
COUNTS = [{"red": 1, "blue": 2}] * 40
DATA: list[tuple[Any, Any]] = [
    (X, CLASSES),
    (X, NUMBERS),
    (X[:, :1], NUMBERS),
    (X, np.column_stack([NUMBERS, NUMBERS])),
    (X, PAIRS),
    (X @ X.T, None),
]
FITTED_ON: dict[str, tuple[Any, Any]] = {
    "ClassifierChain": (X, PAIRS),
    "CountVectorizer": (TEXTS, None),
    "DictVectorizer": (COUNTS, None),
    "FeatureHasher": (COUNTS, None),
    "HashingVectorizer": (TEXTS, None),
    "LabelBinarizer": (CLASSES, None),
    "LabelEncoder": (CLASSES, None),
    "MultiLabelBinarizer": (PAIRS, None),
    "PatchExtractor": (np.zeros((4, 20, 20)), None),
    "RegressorChain": (X, PAIRS),
    "TfidfVectorizer": (TEXTS, None),
}


def estimators() -> list[Any]:
    return [pytest.param(made, id=name) for name, made in all_estimators()]


@cache
def fitted(made: type) -> tuple[Any, Any]:
    """The estimator fitted on the first data that it accepts, and that data."""
    needs, known = NEEDS.get(made.__name__, {}), inspect.signature(made).parameters
    small = {name: value for name, value in SMALL.items() if name in known and name not in needs}
    estimator = made(**small, **needs)
    seeds = {name: 0 for name in estimator.get_params(deep=False) if name.endswith("random_state")}
    estimator.set_params(**seeds)
    data = [FITTED_ON[made.__name__]] if made.__name__ in FITTED_ON else DATA
    for features, target in data:
        try:
            if target is None:
                return estimator.fit(features), features
            return estimator.fit(features, target), features
        except (TypeError, ValueError):
            continue
    raise AssertionError(f"{made.__name__} accepts none of the data sets of this test.")


@pytest.mark.filterwarnings("ignore")  # three iterations do not converge
@pytest.mark.parametrize("made", estimators())
def test_estimator_is_stored_and_loaded_with_the_same_predictions(
    made: type, tmp_path: Any
) -> None:
    if made.__name__ in NOT_STORED:
        with pytest.raises(ModelError, match="Birch cannot be stored"):
            Model.of(fitted(made)[0])
        return
    estimator, features = fitted(made)
    before = Model.of(estimator)
    state = before.state_digest()
    Model.open(before.save(tmp_path / "model")).verify()
    loaded = Model.open(tmp_path / "model").load()
    assert Model.of(loaded).version == before.version  # storing it once more changes nothing
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(estimator, method):
            ours, theirs = getattr(estimator, method)(features), getattr(loaded, method)(features)
            np.testing.assert_allclose(dense(theirs), dense(ours), rtol=1e-9)
    assert (before.state_digest() != state) == (made.__name__ in CHANGED_BY_USE)


def dense(values: Any) -> Any:
    return values.toarray() if hasattr(values, "toarray") else np.asarray(values)


def test_reviewed_list_names_every_estimator() -> None:
    names = {f"{made.__module__}.{made.__qualname__}" for _, made in all_estimators()}
    unlisted = {name.rpartition(".")[2] for name in names - trusted_types()["types"]}
    assert unlisted == set(NOT_STORED)


def test_reviewed_names_are_names_of_what_they_say() -> None:
    from importlib import import_module

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for use, names in trusted_types().items():
            for name in names:
                module, _, attribute = name.rpartition(".")
                found = getattr(import_module(module), attribute)
                assert isinstance(found, type) == (use != "functions"), name
