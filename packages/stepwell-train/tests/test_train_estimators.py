"""Estimators as configuration: JSON, and built again as they were."""

import json
import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from stepwell import ConfigurationError, Dataset
from stepwell_train import Train

COLUMNS = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["income", "age"]),
        ("text", OneHotEncoder(handle_unknown="ignore"), make_column_selector(pattern="town")),
        ("logs", FunctionTransformer(np.log1p, feature_names_out="one-to-one"), slice(0, 1)),
    ]
)

OBJECTS = [
    LogisticRegression(),
    LogisticRegression(C=0.5, class_weight={"yes": 2.0, "no": 1.0}),
    HistGradientBoostingClassifier(class_weight={0: 1.0, 1: 5.0}, categorical_features=["town"]),
    RandomForestClassifier(class_weight={True: 1.0, False: 5.0}, max_features=None),
    make_pipeline(StandardScaler(with_mean=False), SelectKBest(f_classif, k=1), Ridge()),
    GridSearchCV(
        Pipeline([("scale", "passthrough"), ("model", LogisticRegression())]),
        {"scale": [StandardScaler(), None], "model__C": [0.1, 1.0]},
        cv=StratifiedKFold(3, shuffle=True),
        scoring="roc_auc",
    ),
    StackingClassifier([("tree", RandomForestClassifier(3)), ("line", LogisticRegression())]),
    CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=3), method="isotonic"),
    TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1),
    MLPRegressor(hidden_layer_sizes=(5, 3)),
    GaussianProcessRegressor(RBF(2.0) + WhiteKernel()),
    make_pipeline(SimpleImputer(missing_values=-1, fill_value=float("inf")), Ridge()),
]


@pytest.mark.parametrize("estimator", OBJECTS)
def test_object_goes_through_json_and_comes_back(estimator: Any) -> None:
    from stepwell_train._estimators import build

    step = Train(estimator=estimator)
    written = json.loads(json.dumps(step.model_dump(mode="json"), allow_nan=False))
    again = Train(**written)
    assert again == step
    assert hash(again) == hash(step)
    assert repr(build(again.estimator, {})) == repr(estimator)


def test_plain_estimator_is_its_import_path() -> None:
    assert Train(estimator=Ridge()).estimator == "sklearn.linear_model._ridge.Ridge"


def test_numbers_of_numpy_become_plain() -> None:
    recipe: Any = Train(
        estimator=LogisticRegression(C=np.float64(0.5), max_iter=np.int64(7))
    ).estimator
    assert json.dumps(recipe["parameters"]) == '{"C": 0.5, "max_iter": 7}'


def test_slice_of_columns_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="holds a slice, which cannot be written"):
        Train(estimator=make_pipeline(COLUMNS, LogisticRegression()))


def test_only_what_differs_from_the_defaults_is_written() -> None:
    recipe: Any = Train(estimator=LogisticRegression(C=0.5, max_iter=100)).estimator
    assert recipe["parameters"] == {"C": 0.5}


@pytest.mark.parametrize(
    "parameters",
    [
        {"hidden_layer_sizes": (5, 3), "alpha": np.float64(0.1)},
        {"hidden_layer_sizes": [5, 3]},
    ],
)
def test_parameters_are_json_and_keep_their_types(parameters: dict[str, Any]) -> None:
    from stepwell_train._estimators import build

    step = Train(estimator="sklearn.neural_network.MLPRegressor", parameters=parameters)
    again = Train(**json.loads(step.model_dump_json()))
    assert again == step
    built = build(again.estimator, again.parameters)
    assert built.hidden_layer_sizes == parameters["hidden_layer_sizes"]


def test_parameters_of_another_step_can_be_handed_on() -> None:
    first = Train(estimator=MLPRegressor(), parameters={"hidden_layer_sizes": (5, 3)})
    second = Train(estimator=first.estimator, parameters=first.parameters)
    assert second == first


def test_parameters_may_hold_estimators_by_object_and_by_recipe() -> None:
    path = "sklearn.ensemble.BaggingClassifier"
    by_object = Train(estimator=path, parameters={"estimator": LogisticRegression(C=0.1)})
    recipe = {
        "class": "sklearn.linear_model._logistic.LogisticRegression",
        "parameters": {"C": 0.1},
    }
    assert Train(estimator=path, parameters={"estimator": recipe}) == by_object


class InTheTest(LogisticRegression):
    """An estimator that other processes find by this module's name."""


def test_estimator_of_a_module_is_found_and_one_of_a_function_is_not() -> None:
    class Inside(LogisticRegression):
        pass

    assert Train(estimator=InTheTest()).estimator == f"{__name__}.InTheTest"
    with pytest.raises(ConfigurationError, match="has no import path"):
        Train(estimator=Inside())


def test_estimator_of_a_script_is_refused_with_what_to_do() -> None:
    code = (
        "from sklearn.linear_model import Ridge; from stepwell_train import Train\n"
        "class Mine(Ridge): pass\n"
        "try: Train(estimator=Mine())\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "Mine is defined in the script itself; move it into a module" in done.stdout


def test_spelling_of_a_path_is_checked_without_importing_the_library() -> None:
    """A cached run need not wait for scikit-learn."""
    code = (
        "import sys; from stepwell_train import Train\n"
        "Train(estimator='sklearn.ensemble.RandomForestClassifier', parameters={'max_depth': 3})\n"
        "print('sklearn' in sys.modules)\n"
        "try: Train(estimator='sklearn.ensemble.RandomForrestClassifier')\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    first, second = done.stdout.splitlines()
    assert first == "False"
    assert "Did you mean 'sklearn.ensemble.RandomForestClassifier'?" in second


ROWS = pl.DataFrame(
    {
        "x": np.random.default_rng(0).normal(size=120),
        "town": ["north", "south", "east"] * 40,
        "y": ["yes", "no"] * 60,
    }
)


def version(**fields: Any) -> str:
    return Train(target="y", **fields).run(data=Dataset.of(ROWS)).model.version


def test_seed_reaches_forests_splitters_and_parts() -> None:
    search = GridSearchCV(
        make_pipeline(
            ColumnTransformer([("town", OneHotEncoder(), ["town"])], remainder="passthrough"),
            RandomForestClassifier(3),
        ),
        {"randomforestclassifier__max_depth": [1, 5]},
        cv=StratifiedKFold(3, shuffle=True),
    )
    assert version(estimator=search, seed=1) == version(estimator=search, seed=1)
    assert version(estimator=search, seed=1) != version(estimator=search, seed=2)


def test_seed_that_is_given_stays() -> None:
    forest = RandomForestClassifier(3, random_state=7)
    first, second = (
        Train(estimator=forest, target="y", seed=seed).run(data=Dataset.of(ROWS)).model
        for seed in (1, 2)
    )
    assert first.read("model.skops") == second.read("model.skops")
