"""Configurations and predictions that cannot be right: one readable message each."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Target
from stepwell_evaluate import Evaluate

CANARY = "Erika Mustermann"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"metrics": ["roc_acu"]}, "there is no metric 'roc_acu'. Did you mean 'roc_auc'?"),
        ({"at_least": {"auc": 0.7}}, "there is no metric 'auc'. Did you mean 'roc_auc'?"),
        ({"at_most": {"RMSE": 3}}, "Did you mean 'root_mean_squared_error'?"),
        ({"metrics": ["happiness"]}, "Metrics: accuracy, balanced_accuracy"),
        ({"metrics": ["r2"], "task": "binary"}, "'r2' is a metric of regression predictions"),
        (
            {"at_least": {"roc_auc": 0.7}, "task": "multiclass"},
            "these are multiclass. Did you mean 'roc_auc_ovr'?",
        ),
        ({"metrics": []}, "name at least one metric, or leave the field out"),
        ({"at_least": {"f1": float("nan")}}, "the threshold of 'f1' is not a number"),
        ({"bootstrap": 10}, "bootstrap must be 0, or 100 at least"),
        ({"bootstrap": 0, "gate": "interval"}, "bootstrap=0 makes none"),
        ({"positive": "good", "task": "regression"}, "'positive' is for binary predictions"),
        ({"metric": ["f1"]}, "Evaluate has no field 'metric'. Did you mean 'metrics'?"),
        ({"confidence": 95}, "confidence"),
    ],
)
def test_wrong_configuration_is_refused_at_construction(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Evaluate(**fields)


def frame(**columns: Any) -> pl.DataFrame:
    usual = {"actual": [0, 1] * 20, "prediction": [0, 1] * 20, "score": [0.2, 0.7] * 20}
    return pl.DataFrame(usual).with_columns(**columns)


def replaced(column: str, value: Any, rows: int = 3) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) < rows).then(pl.lit(value)).otherwise(pl.col(column))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            frame().rename({"actual": "actuals"}),
            "no column 'actual' (what really happened). Did you mean 'actuals'? "
            "Columns: actuals, prediction, score.",
        ),
        (frame().drop("prediction"), "no column 'prediction' (what the model said)"),
        (
            frame(score=replaced("score", float("nan"))),
            "column 'score' is NaN or infinite in 3 labelled rows",
        ),
        (
            frame(score=replaced("score", float("-inf"), 2)),
            "column 'score' is NaN or infinite in 2 labelled rows",
        ),
        (frame(score=pl.lit(CANARY)), "column 'score' is of type String; scores are numbers"),
        (frame(score=replaced("score", None)), "column 'score' is null in 3 labelled rows"),
        (
            frame(prediction=replaced("prediction", None)),
            "column 'prediction' is null in 3 labelled rows",
        ),
        (
            frame(actual=pl.lit(float("nan"))),
            "column 'actual' is NaN or infinite in 40 labelled rows. A row is left out where",
        ),
        (
            frame(prediction=pl.lit(CANARY)),
            "column 'actual' holds numbers and 'prediction' holds text",
        ),
        (
            frame(actual=pl.int_range(pl.len())),
            "binary metrics need two classes; there are 40. If that is right,",
        ),
        (
            frame(model_version=replaced("score", None).cast(pl.String)),
            "column 'model_version' is null in 3 rows. Every prediction says which model",
        ),
    ],
)
def test_wrong_predictions_are_refused_with_what_exists(data: pl.DataFrame, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        Evaluate().run(predictions=data)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([-1.0] + [1.0] * 39, "column 'importance' is negative in 1 labelled rows"),
        ([None] + [1.0] * 39, "column 'importance' is null in 1 labelled rows"),
        ([float("inf")] + [1.0] * 39, "column 'importance' is NaN or infinite in 1 labelled rows"),
        ([0.0] * 40, "every weight in column 'importance' is 0"),
    ],
)
def test_wrong_weights_are_refused(weights: list[float | None], message: str) -> None:
    data = Dataset.of(frame(importance=pl.Series(weights)), roles={"importance": "weight"})
    with pytest.raises(DataError, match=re.escape(message)):
        Evaluate().run(predictions=data)


def test_metric_of_another_task_is_refused_with_the_right_one() -> None:
    numbers = pl.DataFrame({"actual": [1.0, 2.5], "prediction": [1.5, 2.0]})
    with pytest.raises(ConfigurationError, match="'f1' is a metric of binary predictions"):
        Evaluate(metrics=["f1"]).run(predictions=numbers)


def test_metric_that_needs_missing_scores_is_refused() -> None:
    with pytest.raises(DataError, match="roc_auc needs the column 'score'"):
        Evaluate(at_least={"roc_auc": 0.7}).run(predictions=frame().drop("score"))


def test_usual_metrics_do_without_missing_scores() -> None:
    report = Evaluate().run(predictions=frame().drop("score")).report
    assert report.metric("accuracy") is not None
    assert report.metric("roc_auc") is None


def test_positive_class_that_does_not_exist_is_refused_with_its_type() -> None:
    message = (
        "positive is '1' (str), which is no class. Classes: 2 of type int; one differs from it in "
        "type, capitals or spaces only."
    )
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Evaluate(positive="1").run(predictions=frame())


def test_favourable_value_that_is_no_class_is_refused() -> None:
    data = Dataset.of(frame(), roles={"actual": Target(favourable="good")})
    with pytest.raises(ConfigurationError, match="favourable value of the target's role is 'good'"):
        Evaluate().run(predictions=data)


def test_text_in_a_regression_is_refused() -> None:
    with pytest.raises(DataError, match="'prediction' is of type String; a regression needs"):
        Evaluate(task="regression").run(predictions=frame(prediction=pl.lit(CANARY)))


def test_numbers_taken_for_classes_are_told_apart() -> None:
    numbers = pl.DataFrame({"actual": range(5_000), "prediction": range(5_000)})
    with pytest.raises(DataError, match=r'5,000 different values.*Evaluate\(task="regression"\)'):
        Evaluate().run(predictions=numbers)


def test_model_without_version_column_is_refused() -> None:
    from stepwell import Model, ModelDescription

    model = Model.from_files(ModelDescription(format="test"), {"model.bin": b""})
    with pytest.raises(DataError, match="no column 'model_version'"):
        Evaluate().run(predictions=frame(), model=model)


def test_something_else_than_a_table_is_refused() -> None:
    with pytest.raises(DataError, match="this is a str"):
        Evaluate().run(predictions="predictions.csv")
