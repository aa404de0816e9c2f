"""Expectations of each row that are compiled to one condition."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
from stepwell_expectations._filters import comparable, incomparable, rows_of
from stepwell_expectations._literals import above_min, below_max, one_of
from stepwell_expectations._patterns import polars_pattern
from stepwell_expectations._plan import Plan, among, how_many


@dataclass(frozen=True)
class RowCheck:
    """Which rows are considered (None: all), and which of them are as expected (null: not).

    With a `mismatch`, every row that is considered is more than can be judged.
    """

    considered: pl.Expr | None
    expected: pl.Expr
    shown: Column | None = None
    mismatch: str | None = None


def row_plan(check: RowCheck, expectation: Expectation, columns: Columns) -> Plan:
    """What has to be counted to judge `check`."""
    rows = rows_of(expectation, columns)
    considered = rows if check.considered is None else among(rows, check.considered)
    unexpected = ~check.expected.fill_null(False)
    return Plan(
        sums={
            "rows": how_many(rows),
            "considered": how_many(considered),
            "expected": among(rows, check.expected).sum(),
        },
        unexpected=among(considered, unexpected),
        shown=check.shown,
        mismatch=check.mismatch,
    )


# one column


def _value_check(
    condition: Callable[[Column, Mapping[str, Any]], pl.Expr],
) -> Callable[[Expectation, Columns], RowCheck]:
    """A check of the values that are there; missing ones are not considered.

    A column without any value is of no wrong type: nothing in it has to be compared.
    """

    def check(expectation: Expectation, columns: Columns) -> RowCheck:
        column = columns.find(expectation.kwargs["column"])
        shown = column if column.kind is Kind.TEXT else None
        try:
            expected = condition(column, expectation.kwargs)
        except UnanswerableError as error:
            return RowCheck(column.present, column.present, mismatch=str(error))
        return RowCheck(column.present, expected, shown)

    return check


def _present(expectation: Expectation, columns: Columns) -> RowCheck:
    return RowCheck(None, ~columns.find(expectation.kwargs["column"]).missing)


def _absent(expectation: Expectation, columns: Columns) -> RowCheck:
    column = columns.find(expectation.kwargs["column"])
    return RowCheck(None, column.missing, column if column.kind is Kind.TEXT else None)


def _between(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    bounds = (above_min(column, kwargs), below_max(column, kwargs))
    return pl.all_horizontal([kept for kept in bounds if kept is not None])


def _in_set(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return one_of(column, kwargs["value_set"])


def _not_in_set(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return ~one_of(column, kwargs["value_set"])


def _written(column: Column) -> pl.Expr:
    """The values as text, where it is certain how Great Expectations would write them."""
    if column.kind in (Kind.TEXT, Kind.NOTHING) or column.dtype.is_integer():
        return column.values.cast(pl.String)
    raise NotCompiledError


def _matches(column: Column, pattern: str) -> pl.Expr:
    translated = polars_pattern(pattern)
    if translated is None:
        raise NotCompiledError
    return _written(column).str.contains(translated)


def _match_regex(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return _matches(column, kwargs["regex"])


def _not_match_regex(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return ~_matches(column, kwargs["regex"])


def _match_regex_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [_matches(column, pattern) for pattern in kwargs["regex_list"]]
    if kwargs.get("match_on") == "all":
        return pl.all_horizontal(found)
    return pl.any_horizontal(found)


def _not_match_regex_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [_matches(column, pattern) for pattern in kwargs["regex_list"]]
    return pl.any_horizontal(found).not_()


def _lengths_between(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    lengths = _written(column).str.len_chars()
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    conditions = []
    if low is not None:
        conditions.append(lengths > low if kwargs.get("strict_min") else lengths >= low)
    if high is not None:
        conditions.append(lengths < high if kwargs.get("strict_max") else lengths <= high)
    return pl.all_horizontal(conditions)


def _lengths_equal(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return _written(column).str.len_chars().eq(kwargs["value"])


# several columns


def _pair(expectation: Expectation, columns: Columns) -> tuple[Column, Column, pl.Expr | None]:
    one, other = (columns.find(expectation.kwargs[key]) for key in ("column_A", "column_B"))
    if not comparable(one, other) and Kind.NOTHING not in (one.kind, other.kind):
        raise incomparable(one, other)
    return one, other, _considered(expectation, [one, other], "both_values_are_missing")


def _considered(
    expectation: Expectation, columns: Sequence[Column], default: str
) -> pl.Expr | None:
    ignored = expectation.kwargs.get("ignore_row_if") or default
    if ignored in ("both_values_are_missing", "all_values_are_missing"):
        return pl.any_horizontal([column.present for column in columns])
    if ignored in ("either_value_is_missing", "any_value_is_missing"):
        return pl.all_horizontal([column.present for column in columns])
    return None


def considered_of_several(expectation: Expectation, columns: Sequence[Column]) -> pl.Expr | None:
    """The rows that an expectation of several columns considers; None stands for all."""
    return _considered(expectation, columns, "all_values_are_missing")


def _pair_equal(expectation: Expectation, columns: Columns) -> RowCheck:
    one, other, considered = _pair(expectation, columns)
    return RowCheck(considered, one.values == other.values)


def _pair_greater(expectation: Expectation, columns: Columns) -> RowCheck:
    one, other, considered = _pair(expectation, columns)
    if expectation.kwargs.get("or_equal"):
        return RowCheck(considered, one.values >= other.values)
    return RowCheck(considered, one.values > other.values)


def _sum_equal(expectation: Expectation, columns: Columns) -> RowCheck:
    found = [columns.find(name) for name in expectation.kwargs["column_list"]]
    for column in found:
        if column.kind not in (Kind.NUMBER, Kind.TRUTH) or column.dtype.is_decimal():
            raise NotCompiledError
    values = [column.values.cast(pl.Float64) for column in found]
    total = pl.sum_horizontal(values, ignore_nulls=False)
    return RowCheck(
        considered_of_several(expectation, found), total == expectation.kwargs["sum_total"]
    )


ROW_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_values_to_be_between": _value_check(_between),
    "expect_column_values_to_be_in_set": _value_check(_in_set),
    "expect_column_values_to_not_be_in_set": _value_check(_not_in_set),
    "expect_column_values_to_match_regex": _value_check(_match_regex),
    "expect_column_values_to_not_match_regex": _value_check(_not_match_regex),
    "expect_column_values_to_match_regex_list": _value_check(_match_regex_list),
    "expect_column_values_to_not_match_regex_list": _value_check(_not_match_regex_list),
    "expect_column_value_lengths_to_be_between": _value_check(_lengths_between),
    "expect_column_value_lengths_to_equal": _value_check(_lengths_equal),
    "expect_column_pair_values_to_be_equal": _pair_equal,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_greater,
    "expect_multicolumn_sum_to_equal": _sum_equal,
}
"""Expectations that speak of the rows which have a value."""

NULL_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_values_to_not_be_null": _present,
    "expect_column_values_to_be_null": _absent,
}
"""Expectations that speak of every row."""
