"""Tables that are scored while somebody reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from stepwell import DataError, Dataset, Model
from stepwell_predict import Predict, _predictions

STEP = Predict(at=datetime(2026, 1, 1, tzinfo=UTC), batch_rows=64)


def data(rows: int = 1_000) -> pl.DataFrame:
    number = pl.int_range(rows)
    return pl.select(
        (number % 700).cast(pl.Float64).alias("income"),
        (number % 7).alias("age"),
        (number % 2).alias("good"),
    )


@pytest.fixture
def model() -> Model:
    frame = data()
    live = LogisticRegression().fit(frame.select("income", "age").to_pandas(), frame["good"])
    return Model.of(live, target="good", data=frame)


@pytest.fixture
def champion() -> Model:
    frame = data()
    live = LogisticRegression().fit(frame.select("age").to_pandas(), frame["good"])
    return Model.of(live, target="good", data=frame)


@pytest.fixture
def at_once(model: Model, champion: Model) -> Dataset:
    return STEP.run(model=model, data=data(), champion=champion).predictions


@pytest.fixture
def later(
    model: Model, champion: Model, at_once: Dataset, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Dataset:
    monkeypatch.setattr(_predictions, "MOST_CELLS", 0)
    data().write_parquet(tmp_path / "data.parquet")
    rows = pl.scan_parquet(tmp_path / "data.parquet")
    return STEP.run(model=model, data=Dataset.of(rows), champion=champion).predictions


def test_table_that_is_scored_later_is_the_same(later: Dataset, at_once: Dataset) -> None:
    assert later.schema == at_once.schema
    assert later.fingerprint == at_once.fingerprint


def test_table_that_is_read_again_is_the_same(later: Dataset) -> None:
    assert later.lazy().collect().equals(later.lazy().collect())


def test_columns_rows_and_filters_are_asked_for_as_usual(later: Dataset, at_once: Dataset) -> None:
    asked = (
        lambda rows: rows.select("score"),
        lambda rows: rows.head(70),
        lambda rows: rows.filter(pl.col("score") > 0.5).select("prediction_id", "age"),
        lambda rows: rows.select(pl.len()),
        lambda rows: rows.filter(pl.col("age") == 3).head(5),
        lambda rows: rows.group_by("model_version").agg(pl.col("score").count()).sort(pl.all()),
    )
    for ask in asked:
        assert ask(later.lazy()).collect().equals(ask(at_once.lazy()).collect())


def test_table_is_written_batch_by_batch(later: Dataset, at_once: Dataset, tmp_path: Path) -> None:
    later.lazy().sink_parquet(tmp_path / "predictions.parquet")
    assert pl.read_parquet(tmp_path / "predictions.parquet").equals(at_once.to_polars())


def test_error_while_reading_is_as_readable_as_before(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_predictions, "MOST_CELLS", 0)
    gap = pl.when(pl.int_range(pl.len()) == 900).then(None).otherwise(pl.col("age"))
    rows = Dataset.of(data().with_columns(age=gap))
    scored = STEP.run(model=model, data=rows).predictions
    with pytest.raises(DataError, match=r"cannot predict 64 rows: Input X contains NaN"):
        scored.to_polars()
