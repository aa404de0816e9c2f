"""A first suite for a dataset, that the dataset itself keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil, floor, isfinite, log10
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Columns, Kind
from stepwell_expectations._objects import expect

_MOST_VALUES = 20
_FEWEST_ROWS = 10
"""A value that fewer rows have is not written into a draft: it may be somebody's."""

_DIGITS = 2
_AT_ONCE = 100


def drafted(frame: pl.LazyFrame, *, name: str) -> dict[str, Any]:
    """A suite with what holds now of columns, missing values, ranges, categories and keys.

    Ranges are rounded outward, and a category that few rows have is left out, together with its
    expectation: a draft tells what a column is like, and of no row.
    """
    columns = Columns(frame.collect_schema())
    found = [columns.find(name) for name in columns.names]
    told = _facts(frame, found)
    expectations = [expect("table_columns_to_match_set", column_set=list(columns.names))]
    for number, column in enumerate(found):
        expectations += _of_column(frame, column, told[number], told[-1]["rows"])
    return {"name": name, "expectations": expectations}


def _facts(frame: pl.LazyFrame, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """What is known of each column, in their order, and of all rows.

    A query is of some columns only: the effort to plan it grows with their square.
    """
    told: list[dict[str, Any]] = []
    for start in range(0, len(columns), _AT_ONCE):
        told += _facts_of(frame, columns[start : start + _AT_ONCE])
    return [*told, {"rows": frame.select(pl.len()).collect(engine="streaming").item()}]


def _facts_of(frame: pl.LazyFrame, columns: Sequence[Column]) -> list[dict[str, Any]]:
    asked = {f"{at}.{what}": e for at, c in enumerate(columns) for what, e in _asked(c).items()}
    row = frame.select(**asked).collect(engine="streaming").row(0, named=True)
    return [{what: row[f"{at}.{what}"] for what in _asked(c)} for at, c in enumerate(columns)]


def _asked(column: Column) -> dict[str, pl.Expr]:
    asked = {"present": column.present.sum()}
    if column.kind in (Kind.NUMBER, Kind.TEXT):
        asked["different"] = column.values.drop_nulls().n_unique()
    if column.kind is Kind.NUMBER:
        values = column.values.cast(pl.Float64)
        asked |= {"least": values.min(), "greatest": values.max()}
    return asked


def _of_column(
    frame: pl.LazyFrame, column: Column, told: dict[str, Any], rows: int
) -> Iterator[dict[str, Any]]:
    name, present = column.name, told["present"] or 0
    yield expect("column_values_to_be_of_type", name, type_=column.dtype.base_type().__name__)
    if not present:
        return
    share = floor(100 * present / rows) / 100
    mostly: dict[str, Any] = {} if present == rows else {"mostly": share}
    if share:
        yield expect("column_values_to_not_be_null", name, **mostly)
    if told.get("different") == present == rows > _MOST_VALUES and not column.dtype.is_float():
        yield expect("column_values_to_be_unique", name)
    elif column.kind is Kind.TEXT and told["different"] <= _MOST_VALUES:
        yield from _categories(frame, column)
    elif column.kind is Kind.NUMBER:
        yield from _range(column, told)


def _categories(frame: pl.LazyFrame, column: Column) -> Iterator[dict[str, Any]]:
    counts = (
        frame.select(column.values.alias("value"))
        .drop_nulls()
        .group_by("value")
        .len()
        .sort("value")
        .collect(engine="streaming")
    )
    if counts["len"].min() >= _FEWEST_ROWS:  # type: ignore[operator]  # of one value or more
        values = counts["value"].to_list()
        yield expect("column_values_to_be_in_set", column.name, value_set=values)


def _range(column: Column, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    low, high = told["least"], told["greatest"]
    if isfinite(low) and isfinite(high):
        bounds: dict[str, Any] = {
            "min_value": _rounded(low, floor),
            "max_value": _rounded(high, ceil),
        }
        yield expect("column_values_to_be_between", column.name, **bounds)


def _rounded(value: float, way: Callable[[float], int]) -> float:
    """`value` with two digits, rounded outward."""
    if value == 0:
        return 0
    unit = 10.0 ** (floor(log10(abs(value))) - _DIGITS + 1)
    rounded: float = way(value / unit) * unit
    return int(rounded) if rounded == int(rounded) else round(rounded, 12)
