"""What `Train` learns from, refuses and leaves behind."""

import subprocess
import sys
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from stepwell import ConfigurationError, DataError, Dataset, ModelError, StepwellError, Target
from stepwell_train import Train

FAST = "sklearn.linear_model.LogisticRegression"


def loans(rows: int = 200) -> pl.DataFrame:
    random = np.random.default_rng(0)
    income = random.normal(3000, 800, rows)
    town = random.choice(["north", "south", "east"], rows)
    risk = income + np.where(town == "south", -900, 0) + random.normal(0, 400, rows)
    return pl.DataFrame(
        {
            "income": income,
            "town": town,
            "age": random.integers(18, 80, rows),
            "sex": random.choice(["female", "male"], rows),
            "repaid": np.where(risk > 2700, "yes", "no"),
        }
    )


def dataset(frame: pl.DataFrame | None = None) -> Dataset:
    roles: dict[str, Any] = {
        "repaid": Target(favourable="yes"),
        "sex": "protected",
        "age": "protected",
    }
    return Dataset.of(loans() if frame is None else frame, roles=roles)


@pytest.mark.parametrize(
    "estimator",
    [
        FAST,
        "sklearn.ensemble.HistGradientBoostingClassifier",
        "sklearn.ensemble.RandomForestClassifier",
        "sklearn.neighbors.KNeighborsClassifier",
        "sklearn.svm.SVC",
    ],
)
def test_text_and_missing_values_are_treated_for_the_estimator(estimator: str) -> None:
    frame = loans().with_columns(
        income=pl.when(pl.int_range(pl.len()) % 10 == 0).then(None).otherwise("income"),
        town=pl.when(pl.int_range(pl.len()) % 9 == 0).then(None).otherwise("town"),
    )
    model = Train(estimator=estimator).run(data=dataset(frame)).model
    strange = frame.with_columns(town=pl.lit("a town of which nobody heard"))
    assert model.predict(strange)["prediction"].null_count() == 0


def test_score_is_the_probability_of_the_favourable_class() -> None:
    frame = loans()
    model = Train(estimator=FAST).run(data=dataset(frame)).model
    assert roc_auc_score(frame["repaid"].to_numpy() == "yes", model.predict(frame)["score"]) > 0.9
    assert model.description.favourable == "yes"


def test_protected_columns_are_left_out_unless_kept() -> None:
    without = Train(estimator=FAST).run(data=dataset())
    kept = Train(estimator=FAST, keep=["age"]).run(data=dataset())
    assert [feature.name for feature in without.model.description.features] == ["income", "town"]
    assert "age" in [feature.name for feature in kept.model.description.features]
    assert kept.report.verdict == "warned"


def test_column_that_gives_a_protected_one_away_is_warned_of() -> None:
    frame = loans().with_columns(title=pl.col("sex").replace_strict({"female": "Ms", "male": "Mr"}))
    report = Train(estimator=FAST).run(data=dataset(frame)).report
    assert [f.columns for f in report.findings if f.check == "proxy"] == [("title", "sex")]


def test_free_text_dates_and_lists_are_left_out_with_a_reason() -> None:
    frame = loans(400).with_columns(
        note=pl.int_range(pl.len()).cast(pl.String),
        day=pl.date(2026, 1, 1),
        many=pl.concat_list("age", "age"),
    )
    left_out: Any = Train(estimator=FAST).run(data=dataset(frame)).report.details["left_out"]
    assert "different values" in left_out["note"]
    assert "date" in left_out["day"]
    assert "List" in left_out["many"]


def test_weights_by_role_count() -> None:
    frame = loans().with_columns(weight=pl.when(pl.col("repaid") == "yes").then(9.0).otherwise(1.0))
    weighted = dataset(frame).with_roles({"weight": "weight"})
    plain = Train(estimator=FAST).run(data=dataset()).model.predict(frame)["score"]
    heavy = Train(estimator=FAST).run(data=weighted).model.predict(frame)["score"]
    assert heavy.mean() > plain.mean()  # type: ignore[operator]


@pytest.mark.parametrize(
    "labels", [["a", "b", "c"], [0, 1], [True, False], [1.0, 0.0], [3, 7, 9]], ids=str
)
def test_classes_come_back_in_their_type(labels: list[Any]) -> None:
    frame = pl.DataFrame(
        {"x": [float(i) for i in range(60)], "y": [labels[i % len(labels)] for i in range(60)]}
    )
    model = Train(estimator=FAST, target="y").run(data=Dataset.of(frame)).model
    assert set(model.predict(frame)["prediction"]) <= set(labels)
    assert model.description.task == ("binary" if len(labels) == 2 else "multiclass")


def test_regressor_predicts_numbers() -> None:
    frame = pl.DataFrame({"x": [float(i) for i in range(60)], "y": [2.0 * i for i in range(60)]})
    model = (
        Train(estimator="sklearn.linear_model.LinearRegression", target="y")
        .run(data=Dataset.of(frame))
        .model
    )
    assert model.predict(frame)["prediction"].to_list() == pytest.approx(frame["y"].to_list())


# estimators as configuration


PIPELINE = make_pipeline(
    make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    ),
    LogisticRegression(C=0.5),
)


@pytest.mark.parametrize("estimator", [LogisticRegression(), LogisticRegression(C=0.1), PIPELINE])
def test_object_is_normalised_to_json_and_built_again(estimator: Any) -> None:
    step = Train(estimator=estimator)
    again = Train.model_validate_json(step.model_dump_json())
    assert again == step
    assert again.run(data=dataset()).model.version == step.run(data=dataset()).model.version


def test_object_and_path_of_the_same_estimator_are_the_same_model() -> None:
    by_path = Train(estimator=FAST, parameters={"C": 0.1}).run(data=dataset()).model
    by_object = Train(estimator=LogisticRegression(C=0.1)).run(data=dataset()).model
    assert by_path.read("model.skops") == by_object.read("model.skops")


def test_seed_reaches_every_random_state() -> None:
    forest = "sklearn.ensemble.RandomForestClassifier"
    first, same, other = (
        Train(estimator=forest, seed=seed).run(data=dataset()).model.version for seed in (1, 1, 2)
    )
    assert first == same != other


def test_same_training_in_two_processes_gives_the_same_bytes() -> None:
    code = (
        "from stepwell_train import Train; step, inputs = Train.example(); "
        "print(step.run(**inputs).model.fingerprint)"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


# what is refused


def spoilt(column: str, value: Any) -> Dataset:
    frame = loans()
    spoilt_column = pl.when(pl.int_range(pl.len()) < 3).then(value).otherwise(pl.col(column))
    return dataset(frame.with_columns(spoilt_column.alias(column)))


@pytest.mark.parametrize(
    ("step", "data", "message"),
    [
        (Train(target="repayed"), dataset(), "Did you mean 'repaid'?"),
        (Train(estimator=FAST), spoilt("repaid", None), "missing in 3 of 200 rows"),
        (
            Train(estimator=FAST),
            dataset(loans().filter(pl.col("repaid") == "yes")),
            "one class only",
        ),
        (Train(estimator=FAST), dataset(loans().head(0)), "has no rows"),
        (Train(estimator=Ridge()), dataset(), "Ridge predicts numbers"),
        (Train(estimator=FAST, target="income"), dataset(), "holds fractions"),
        (
            Train(estimator=Ridge(), target="income"),
            spoilt("income", float("nan")),
            "NaN or infinite in 3",
        ),
        (
            Train(estimator=Ridge(), target="income"),
            spoilt("income", float("inf")),
            "NaN or infinite in 3",
        ),
        (Train(estimator=FAST, drop=["income", "town"]), dataset(), "no column is left"),
        (Train(estimator=FAST, keep=["agee"]), dataset(), "Did you mean 'age'?"),
        (
            Train(estimator="sklearn.linear_model.LogisticRegresion"),
            dataset(),
            "sklearn.linear_model.LogisticRegression",
        ),
        (Train(estimator=FAST, parameters={"c": 1}), dataset(), "has no parameter 'c'"),
        (Train(estimator="json.dumps"), dataset(), "no estimator class"),
        (Train(estimator=FAST, parameters={"C": -1.0}), dataset(), "could not be trained"),
    ],
)
def test_training_that_cannot_be_done_says_why(step: Train, data: Dataset, message: str) -> None:
    with pytest.raises(StepwellError) as caught:
        step.run(data=data)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (LogisticRegression, "write LogisticRegression()"),
        ("LogisticRegression", "no import path"),
        (3, "no scikit-learn estimator"),
        (make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression()), "no import path"),
    ],
)
def test_estimator_that_cannot_be_configuration_is_refused(estimator: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Train(estimator=estimator)


def test_message_of_a_failed_fit_quotes_no_cell() -> None:
    frame = loans().with_columns(town=pl.lit("confidential"), repaid=pl.col("repaid"))
    with pytest.raises((ModelError, DataError)) as caught:
        Train(estimator=make_pipeline(StandardScaler(), LogisticRegression())).run(
            data=dataset(frame)
        )
    assert "confidential" not in str(caught.value)
