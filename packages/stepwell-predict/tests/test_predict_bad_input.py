"""Rows and models that do not fit: one readable message each."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression

from stepwell import (
    ConfigurationError,
    DataError,
    Dataset,
    Model,
    ModelDescription,
    ModelError,
    StepwellError,
    Target,
)
from stepwell_predict import Predict

CANARY = "Erika Mustermann"


def data(**columns: Any) -> pl.DataFrame:
    usual = pl.DataFrame(
        {"income": [1.0, 2.0, 3.0, 4.0] * 5, "age": [30, 40, 50, 60] * 5, "good": [0, 0, 1, 1] * 5}
    )
    return usual.with_columns(**columns)


def model(*features: str, live: Any = None, on: pl.DataFrame | None = None) -> Model:
    frame = data() if on is None else on
    features = features or ("income", "age")
    estimator = live or LogisticRegression()
    estimator.fit(frame.select(features).to_pandas(), frame["good"].to_list())
    return Model.of(estimator, target="good", data=frame)


THREE = data().with_columns(good=pl.int_range(pl.len()) % 3)
TEXT = data().with_columns(good=pl.col("good").cast(pl.String))


@pytest.mark.parametrize(
    ("inputs", "kind", "message"),
    [
        (
            {"data": data().rename({"income": "Income"})},
            DataError,
            "the data lacks 1 of the 2 columns that the model {model} takes: income. Is 'income' "
            "what the data calls 'Income'? Columns: Income, age, good.",
        ),
        (
            {"champion": model("income"), "model": model("age"), "data": data().drop("income")},
            DataError,
            "the data lacks 1 of the 1 columns that the champion",
        ),
        (
            {"data": data(age=pl.lit(CANARY))},
            DataError,
            "Predict: model {model} cannot score the rows: Column 'age' is text (String); the "
            "model was trained on a number (Int64). Load it with the type that it had in training.",
        ),
        (
            {"data": data(age=pl.lit(None, pl.Int64))},
            DataError,
            "LogisticRegression cannot predict 20 rows: Input X contains NaN. Columns with missing "
            "values: age.",
        ),
        (
            {"data": data(score=0.5, model_version=pl.lit("v1"))},
            DataError,
            "the data has columns that predictions will have: score, model_version. Rename them "
            'before the model is trained: .rename({{"score": "score_before"}}).',
        ),
        (
            {"data": data(actual=1)},
            DataError,
            "the data has columns that predictions will have: actual.",
        ),
        (
            {"champion": model(live=LinearRegression())},
            ModelError,
            "model {model} is for binary predictions, the champion",
        ),
        (
            {"champion": model(on=TEXT)},
            ModelError,
            "model {model} tells other classes apart (2 of type int) than the champion",
        ),
        (
            {"champion": model(on=data(good=pl.col("good").cast(pl.Boolean)))},
            ModelError,
            "model {model} tells other classes apart (2 of type int) than the champion",
        ),
        (
            {"data": Dataset.of(data(), roles={"good": Target(favourable="yes")})},
            ConfigurationError,
            "the favourable value of the target is 'yes' (str), which model {model} does not know. "
            "Its classes: 2 of type int.",
        ),
        ({"model": model(live=KMeans(2))}, ModelError, "does not say what it predicts"),
        ({"data": "people.csv"}, DataError, "this is a str"),
        (
            {"model": Model.from_files(ModelDescription(format="tensor", task="regression"), {})},
            ModelError,
            "format 'tensor', which no installed package reads",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    inputs: dict[str, Any], kind: type[StepwellError], message: str
) -> None:
    given = {"model": model(), "data": data()} | inputs
    with pytest.raises(kind, match=re.escape(message.format(model=model().version))) as caught:
        Predict().run(**given)
    assert CANARY not in str(caught.value)


def test_champion_with_classes_of_another_type_is_refused() -> None:
    text = THREE.with_columns(pl.col("good").cast(pl.String))
    with pytest.raises(ModelError, match=r"apart \(3 of type int\) than .* \(3 of type str\)"):
        Predict().run(model=model(on=THREE), data=THREE, champion=model(on=text))


def test_column_called_like_a_score_of_a_class_is_refused() -> None:
    with pytest.raises(DataError, match="predictions will have: score_2"):
        Predict().run(model=model(on=THREE), data=THREE.with_columns(score_2=1.0))


def test_column_called_score_is_no_matter_where_no_score_is_made() -> None:
    regression = model(live=LinearRegression())
    table = Predict().run(model=regression, data=data(score=0.5)).predictions
    assert "score" in table.columns


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"Predict, field 'at'.*timezone"):
        Predict(at=datetime(2026, 1, 1))


@pytest.mark.parametrize("batch_rows", [0, -1])
def test_batches_hold_a_row_at_least(batch_rows: int) -> None:
    with pytest.raises(ConfigurationError, match="field 'batch_rows'"):
        Predict(batch_rows=batch_rows)
