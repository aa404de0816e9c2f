import numpy as np
import polars as pl
from sklearn.linear_model import LinearRegression

from stepwell import Model
from stepwell_sklearn import seen_rows, training_rows

ROWS = pl.DataFrame({"id": range(10), "x": np.linspace(0, 1, 10)})


def model_that_saw(rows: pl.DataFrame, columns: list[str], most: int = 1_000_000) -> Model:
    described, content = training_rows(rows, columns, most=most)
    fitted = LinearRegression().fit(rows[["x"]].to_pandas(), np.arange(rows.height))
    return Model.of(fitted, metadata={"training_rows": described}, files={"training_rows": content})


def test_training_rows_are_told_from_others() -> None:
    """(fault 59)"""
    model = model_that_saw(ROWS[:6], ["id"])
    assert seen_rows(model, ROWS).to_list() == [True] * 6 + [False] * 4


def test_rows_are_recognised_after_a_round_trip_through_a_folder(tmp_path) -> None:
    model = Model.open(model_that_saw(ROWS[:6], ["id", "x"]).save(tmp_path / "model"))
    assert seen_rows(model, ROWS.select("x", "id").to_pandas().pipe(pl.from_pandas)).sum() == 6


def test_rows_without_the_columns_that_tell_them_apart_are_unknown() -> None:
    model = model_that_saw(ROWS, ["id"])
    assert seen_rows(model, ROWS.drop("id")).to_list() == [None] * 10


def test_model_without_memory_knows_nothing() -> None:
    model = Model.of(LinearRegression().fit(ROWS[["x"]].to_pandas(), np.arange(10)))
    assert seen_rows(model, ROWS).null_count() == 10


def test_sketch_of_many_rows_never_claims_what_it_does_not_know() -> None:
    many = pl.DataFrame({"id": range(2_000), "x": np.zeros(2_000)})
    model = model_that_saw(many[:1_000], ["id"], most=100)
    seen = seen_rows(model, many)
    assert seen[:1_000].drop_nulls().all()
    assert not seen[1_000:].drop_nulls().any()
    assert seen[:1_000].sum() == 100
    assert len(model.read("training_rows")) == 800


def test_empty_frame_has_no_answer() -> None:
    assert seen_rows(model_that_saw(ROWS, ["id"]), ROWS.clear()).to_list() == []
