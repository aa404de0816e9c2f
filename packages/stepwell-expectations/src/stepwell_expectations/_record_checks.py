"""Expectations of each row that compare several columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, groupby
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Columns, Kind, NotCompiledError
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import comparable, incomparable
from stepwell_expectations._literals import one_of
from stepwell_expectations._plan import among
from stepwell_expectations._row_check import RowCheck


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


def _pair_in_set(expectation: Expectation, columns: Columns) -> RowCheck:
    one, other = (columns.find(expectation.kwargs[key]) for key in ("column_A", "column_B"))
    pairs = sorted((tuple(pair) for pair in expectation.kwargs["value_pairs_set"]), key=repr)
    found = [
        _is_one_of(one, [first]) & _is_one_of(other, [second for _, second in same])
        for first, same in groupby(pairs, key=lambda pair: pair[0])
    ]
    considered = _considered(expectation, [one, other], "both_values_are_missing")
    return RowCheck(considered, among(considered, pl.any_horizontal(pl.lit(False), *found)))


def _is_one_of(column: Column, values: Sequence[Any]) -> pl.Expr:
    """Where the column is one of `values`, of which null is a missing one."""
    found = one_of(column, [value for value in values if value is not None]).fill_null(False)
    return found | column.missing if None in values else found


def _all_equal(expectation: Expectation, columns: Columns) -> RowCheck:
    """Two missing values are equal, a missing one and another are not."""
    first, *others = found = [columns.find(name) for name in expectation.kwargs["column_list"]]
    equal = pl.all_horizontal(_alike((first, other) for other in others))
    considered = considered_of_several(expectation, found)
    return RowCheck(considered, among(considered, equal))


def _all_different(expectation: Expectation, columns: Columns) -> RowCheck:
    """Two missing values are equal, too; columns of different kinds have nothing else in common."""
    found = [columns.find(name) for name in expectation.kwargs["column_list"]]
    alike = pl.any_horizontal(_alike(combinations(found, 2)))
    considered = considered_of_several(expectation, found)
    return RowCheck(considered, among(considered, ~alike))


def _alike(pairs: Iterable[tuple[Column, Column]]) -> list[pl.Expr]:
    return [
        one.values.eq_missing(other.values)
        if _have_common_values(one, other)
        else one.missing & other.missing
        for one, other in pairs
    ]


def _have_common_values(one: Column, other: Column) -> bool:
    return (
        comparable(one, other) or one.dtype == other.dtype or Kind.NOTHING in (one.kind, other.kind)
    )


RECORD_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_pair_values_to_be_equal": _pair_equal,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_greater,
    "expect_column_pair_values_to_be_in_set": _pair_in_set,
    "expect_multicolumn_sum_to_equal": _sum_equal,
    "expect_multicolumn_values_to_be_equal": _all_equal,
    "expect_select_column_values_to_be_unique_within_record": _all_different,
}
