"""A dataset through pandas, Arrow and Polars and back: every cell, type and null stays."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

from stepwell import Dataset

FLAT = [
    pl.Binary,
    pl.Boolean,
    pl.Categorical,
    pl.Date,
    pl.Datetime("ms"),
    pl.Datetime("ns", "Europe/Berlin"),
    pl.Datetime("us", "UTC"),
    pl.Decimal(20, 4),
    pl.Duration("us"),
    pl.Enum(["low", "high", "never seen"]),
    pl.Float32,
    pl.Float64,
    pl.Int8,
    pl.Int64,
    pl.Null,
    pl.String,
    pl.Time,
    pl.UInt64,
]
NESTED = [
    pl.List(pl.Categorical),
    pl.List(pl.Enum(["low", "high"])),
    pl.List(pl.List(pl.Float32)),
    pl.Array(pl.Boolean, 3),
    pl.Array(pl.Array(pl.Int64, 2), 2),
    pl.List(pl.Struct({"amount": pl.Decimal(10, 2), "at": pl.Datetime("us")})),
    pl.Struct({"name": pl.String, "tags": pl.List(pl.String), "flag": pl.Boolean}),
]
WAYS: dict[str, Callable[[Dataset], object]] = {
    "pandas": Dataset.to_pandas,
    "lent pandas": Dataset.lend_pandas,
    "polars": Dataset.to_polars,
    "lazy": Dataset.lazy,
    "arrow": Dataset.to_arrow,
    "arrow views": lambda dataset: dataset.to_polars().to_arrow(
        compat_level=pl.CompatLevel.newest()
    ),
    "capsule": lambda dataset: dataset,
}


def frames() -> st.SearchStrategy[pl.DataFrame]:
    return dataframes(allowed_dtypes=[*FLAT, *NESTED], max_cols=4, max_size=12, allow_chunks=True)


def there_and_back(frame: pl.DataFrame, way: Callable[[Dataset], object]) -> None:
    before = Dataset.of(frame)
    after = Dataset.of(way(before))
    assert after.schema == before.schema
    assert_frame_equal(after.to_polars(), frame, check_exact=True)
    assert after.fingerprint == before.fingerprint


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@given(frame=frames())
def test_every_type_comes_back_as_it_was(
    frame: pl.DataFrame, way: Callable[[Dataset], object]
) -> None:
    there_and_back(frame, way)


@given(frame=frames(), cut=st.integers(0, 12))
def test_chunks_and_slices_do_not_show(frame: pl.DataFrame, cut: int) -> None:
    whole = Dataset.of(frame.rechunk()).fingerprint
    chunks = pl.concat([frame.head(cut), frame.slice(cut)], rechunk=False)
    assert Dataset.of(chunks).fingerprint == whole
    assert Dataset.of(pl.concat([frame, frame]).slice(frame.height)).fingerprint == whole


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("dtype", [*FLAT, *NESTED], ids=str)
def test_every_type_survives_without_rows_and_with_nulls_only(
    dtype: pl.DataType, way: Callable[[Dataset], object]
) -> None:
    there_and_back(pl.DataFrame({"column": pl.Series([], dtype=dtype)}), way)
    there_and_back(pl.DataFrame({"column": pl.Series([None, None], dtype=dtype)}), way)


EDGES = {
    "integers beyond 2**53 beside null": pl.Series([2**53 + 1, None, -(2**63)]),
    "unsigned beyond the signed range": pl.Series([2**64 - 1, None], dtype=pl.UInt64),
    "NaN beside null": pl.Series([float("nan"), None, float("inf"), -0.0]),
    "NaN without null": pl.Series([float("nan"), 1.0]),
    "first and last date": pl.Series([date(1, 1, 1), None, date(9999, 12, 31)]),
    "far timestamp": pl.Series([datetime(9999, 12, 31, 23, 59, tzinfo=UTC), None]),
    "instant that a clock shows twice": pl.Series(
        [datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC)]
    ).dt.convert_time_zone("Europe/Berlin"),
    "negative duration": pl.Series([timedelta(days=-999, microseconds=1), None]),
    "time with nanoseconds": pl.Series([time(23, 59, 59, 999_999), None]),
    "decimal of 38 digits": pl.Series([Decimal("9" * 36 + ".99"), None], dtype=pl.Decimal(38, 2)),
    "narrow decimal": pl.Series([Decimal("1.5"), None], dtype=pl.Decimal(2, 1)),
    "enum with unused category": pl.Series(["b", None], dtype=pl.Enum(["a", "b", "c"])),
    "empty text beside null": pl.Series(["", None, "\0", "naïve 🧮"]),
    "empty bytes beside null": pl.Series([b"", None, b"\0"]),
    "empty list beside null": pl.Series([[], None, [None], [1]]),
    "struct of nulls beside null": pl.Series([{"a": None, "b": 1}, None]),
    "half precision": pl.Series([1.5, None], dtype=pl.Float16),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("column", EDGES.values(), ids=EDGES.keys())
def test_edge_survives(column: pl.Series, way: Callable[[Dataset], object]) -> None:
    there_and_back(column.to_frame("column"), way)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_no_columns_survive(way: Callable[[Dataset], object]) -> None:
    there_and_back(pl.DataFrame(), way)


@pytest.mark.parametrize("way", ["pandas", "lent pandas", "polars"])
def test_rows_without_columns_survive_where_they_are_counted(way: str) -> None:
    before = Dataset.of(pl.DataFrame(height=3))
    after = Dataset.of(WAYS[way](before))
    assert (after.columns, len(after)) == ((), 3)
    assert after.fingerprint == before.fingerprint
