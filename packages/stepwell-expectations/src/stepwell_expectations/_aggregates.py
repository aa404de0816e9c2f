"""Expectations of a column as a whole, from counts and sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from stepwell_expectations._columns import (
    Column,
    Columns,
    Kind,
    NotCompiledError,
    UnanswerableError,
)
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._literals import above_min, below_max
from stepwell_expectations._outcome import (
    Numbers,
    Outcome,
    aggregate_outcome,
    count_outcome,
    without_values,
)
from stepwell_expectations._plan import Plan, among, how_many
from stepwell_expectations._words import counted


def sum_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The sum of a column and the number of its values."""
    column, rows, values = numbers_of(expectation, columns)
    return _plan(column, rows, {"sum": _wide(column, values).sum()})


def deviation_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The standard deviation of a sample; it does not add up over partitions."""
    column, rows, values = numbers_of(expectation, columns)
    return _plan(column, rows, {"deviation": values.cast(pl.Float64).std()})


def present_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of rows and of those with a value."""
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    return _plan(column, rows, {"rows": how_many(rows)})


def mean_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the mean is as expected."""
    total, values = numbers["sum"], _count(numbers)
    mean = total / values if values and total is not None else None
    return aggregate_outcome(expectation, mean, values=values)


def sum_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the sum is as expected; that of no values is 0."""
    return aggregate_outcome(expectation, numbers["sum"], values=_count(numbers))


def deviation_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the standard deviation is as expected."""
    return aggregate_outcome(expectation, numbers["deviation"], values=_count(numbers))


def present_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the share of rows with a value is as expected."""
    rows = numbers["rows"]
    return count_outcome(expectation, _count(numbers) / rows if rows else 0)


# The least and the greatest value are cells. So they are never fetched: to know that the greatest
# is at most 120, it is enough to count the values that are. One bound has to be kept by every
# value, the other to be reached by one.


def extreme_plan(expectation: Expectation, columns: Columns) -> Plan:
    """How many values keep the bound of all, and how many reach the other one."""
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    kept, reached = above_min(column, expectation.kwargs), below_max(column, expectation.kwargs)
    if expectation.type == "expect_column_max_to_be_between":
        kept, reached = reached, kept
    sums = {"considered": how_many(among(rows, column.present))}
    if reached is not None:
        sums["reached"] = among(rows, reached).sum()
    if kept is None:
        return Plan(sums=sums)
    sums["expected"] = among(rows, kept).sum()
    return Plan(sums=sums, unexpected=among(rows, column.present & ~kept))


def extreme_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the least (or greatest) value is as expected."""
    values = _count(numbers)
    if not values:
        return without_values()
    beyond = values - int(numbers.get("expected", values) or 0)
    if beyond:
        found = (
            f"{beyond:,} of {counted(values, 'value')} {'lies' if beyond == 1 else 'lie'} beyond"
        )
        return Outcome(False, found, unexpected=beyond)
    if not numbers.get("reached", values):
        return Outcome(False, "no value reaches the other bound", unexpected=0)
    return Outcome(True, "it is", unexpected=0)


def _plan(column: Column, rows: pl.Expr | None, sums: Mapping[str, pl.Expr]) -> Plan:
    return Plan(sums={"considered": how_many(among(rows, column.present)), **sums})


def numbers_of(
    expectation: Expectation, columns: Columns
) -> tuple[Column, pl.Expr | None, pl.Expr]:
    """The column, the rows that are spoken of, and its values in them.

    Raises UnanswerableError for a column that holds no numbers.
    """
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    _require_numbers(column, expectation.kwargs)
    return column, rows, column.values if rows is None else column.values.filter(rows)


def _require_numbers(column: Column, kwargs: Mapping[str, Any]) -> None:
    if column.kind is Kind.MOMENT:
        raise NotCompiledError
    if column.kind in (Kind.TEXT, Kind.OTHER):
        raise UnanswerableError(f"The {column.described()}, where numbers are needed.")
    if any(isinstance(kwargs.get(bound), str) for bound in ("min_value", "max_value")):
        raise UnanswerableError(f"The {column.described()}, which cannot be compared with a date.")


def _wide(column: Column, values: pl.Expr) -> pl.Expr:
    """`values` in a type that their sum does not overflow."""
    whole = column.dtype.is_integer() or column.kind is Kind.TRUTH
    return values.cast(pl.Int128 if whole else pl.Float64)


def _count(numbers: Numbers) -> int:
    return int(numbers["considered"] or 0)
