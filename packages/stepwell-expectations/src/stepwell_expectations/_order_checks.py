"""Expectations of the order in which the values of a column stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

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
from stepwell_expectations._row_check import RowCheck

_ORDERED = (Kind.NUMBER, Kind.MOMENT, Kind.NOTHING)


def _in_order(expectation: Expectation, columns: Columns, *, sign: int) -> RowCheck:
    """Each value against the one before it, missing ones left out; the first has none."""
    column = columns.find(expectation.kwargs["column"])
    if column.kind is Kind.TRUTH:
        raise NotCompiledError
    if column.kind not in _ORDERED:
        why = UnanswerableError(f"The {column.described()}, which has no order here.")
        return RowCheck(column.present, column.present, mismatch=str(why))
    rows = rows_of(expectation, columns)
    values = column.values if rows is None else pl.when(rows).then(column.values)
    before = values.forward_fill().shift(1)
    strictly = bool(expectation.kwargs.get("strictly"))
    in_order = _after(column, values, before, sign=sign, strictly=strictly)
    return RowCheck(column.present, column.present & (in_order | before.is_null()))


def _after(
    column: Column, values: pl.Expr, before: pl.Expr, *, sign: int, strictly: bool
) -> pl.Expr:
    """Where a value comes after the one before it; two infinite ones have no order."""
    one, other = (values, before) if sign > 0 else (before, values)
    after = one > other if strictly else one >= other
    return after | (one - other).is_nan() if column.dtype.is_float() else after


ORDER_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_values_to_be_increasing": partial(_in_order, sign=1),
    "expect_column_values_to_be_decreasing": partial(_in_order, sign=-1),
}
