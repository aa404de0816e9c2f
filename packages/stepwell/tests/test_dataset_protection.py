"""Nothing that anybody does to a frame, before or after, changes the dataset."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

from stepwell import Dataset

FRAME = pl.DataFrame(
    {
        "number": [1, 2, 3],
        "missing": [1, None, 3],
        "flag": [True, False, True],
        "flag_missing": [True, None, False],
        "text": ["a", "b", None],
        "kind": pl.Series(["x", "y", None], dtype=pl.Categorical),
        "moment": pl.Series([0, 1, 2]).cast(pl.Datetime("us")),
        "zoned": [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)],
        "tags": [["a"], [], None],
    }
)
IN_PLACE: dict[str, Callable[[pd.DataFrame, str], object]] = {
    "loc": lambda frame, column: frame.loc.__setitem__((0, column), frame[column][1]),
    "assign": lambda frame, column: frame.__setitem__(column, 0),
    "delete": lambda frame, column: frame.__delitem__(column),
}
BELOW_PANDAS: dict[str, Callable[[pd.DataFrame, str], object]] = {
    "array": lambda frame, column: frame[column].array.__setitem__(0, frame[column][1]),
    "values": lambda frame, column: frame[column].to_numpy().__setitem__(0, frame[column][1]),
}
REFUSALS = (ValueError, TypeError, NotImplementedError)  # to refuse a write is as good
EVERY = {**IN_PLACE, **BELOW_PANDAS}


@pytest.mark.parametrize("column", FRAME.columns)
@pytest.mark.parametrize("write", EVERY.values(), ids=EVERY.keys())
@pytest.mark.parametrize("view", [Dataset.to_pandas, Dataset.lend_pandas])
def test_writing_to_a_pandas_view_leaves_the_dataset(
    view: Callable[[Dataset], pd.DataFrame],
    write: Callable[[pd.DataFrame, str], object],
    column: str,
) -> None:
    dataset = Dataset.of(FRAME)
    before = dataset.to_pandas()
    with suppress(*REFUSALS):
        write(view(dataset), column)
    pd.testing.assert_frame_equal(view(dataset), before)
    assert dataset.to_polars().equals(FRAME)


def test_frame_from_a_dataset_that_is_gone_can_be_written_to() -> None:
    frame = Dataset.of(FRAME).to_pandas().drop(columns="tags")
    frame.loc[0, "number"] = 9
    assert list(frame["number"]) == [9, 2, 3]


def test_lent_frame_can_be_written_to() -> None:
    dataset = Dataset.of(FRAME)
    frame = dataset.lend_pandas().rename(columns={"number": "n"})
    frame.loc[0, "n"] = 9
    assert list(frame["n"]) == [9, 2, 3]


def test_lent_numbers_are_not_copied() -> None:
    dataset = Dataset.of(FRAME)
    lent = dataset.lend_pandas()["number"].to_numpy()
    assert np.shares_memory(lent, dataset.to_polars()["number"].to_numpy())


def test_without_copy_on_write_the_lent_frame_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Dataset.of(FRAME)
    first = dataset.lend_pandas()["number"].to_numpy()
    monkeypatch.setattr(pd, "__version__", "2.3.0")
    assert not np.shares_memory(dataset.lend_pandas()["number"].to_numpy(), first)


@pytest.mark.parametrize("write", IN_PLACE.values(), ids=IN_PLACE.keys())
@pytest.mark.parametrize("column", FRAME.columns)
def test_writing_to_the_pandas_frame_that_was_given_leaves_the_dataset(
    column: str, write: Callable[[pd.DataFrame, str], object]
) -> None:
    given = Dataset.of(FRAME).to_pandas()
    dataset = Dataset.of(given)
    with suppress(*REFUSALS):
        write(given, column)
    assert dataset.to_polars().equals(FRAME)


def test_writing_to_the_polars_frame_that_was_given_leaves_the_dataset() -> None:
    given = FRAME.clone()
    dataset = Dataset.of(given)
    given[0, "number"] = 9
    given.drop_in_place("text")
    assert dataset.to_polars().equals(FRAME)


def test_writing_to_a_polars_view_leaves_the_dataset() -> None:
    dataset = Dataset.of(FRAME)
    view = dataset.to_polars()
    view[0, "number"] = 9
    view.insert_column(0, pl.Series("new", [1, 2, 3]))
    assert dataset.to_polars().equals(FRAME)


def test_columns_and_schema_cannot_be_changed_through_what_is_returned() -> None:
    dataset = Dataset.of(FRAME)
    schema = dataset.schema
    schema["new"] = pl.Int64()
    assert dataset.columns == tuple(FRAME.columns)
    assert "new" not in Dataset.of(dataset.lazy()).schema
