"""Row conditions as expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

import polars as pl

from stepwell_expectations._columns import Column, Columns, Kind, UnanswerableError
from stepwell_expectations._conditions import (
    Comparison,
    Condition,
    Every,
    Membership,
    Missing,
    Name,
    Opposite,
    Some,
    Truth,
)
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._literals import literal, one_of

_OPERATIONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "==": pl.Expr.eq,
    "!=": pl.Expr.ne,
    "<": pl.Expr.lt,
    "<=": pl.Expr.le,
    ">": pl.Expr.gt,
    ">=": pl.Expr.ge,
}
_COMPARABLE = ({Kind.NUMBER, Kind.TRUTH}, {Kind.TEXT}, {Kind.MOMENT})


def filter_of(condition: Condition, columns: Columns) -> pl.Expr:
    """Where `condition` holds: true or false for every row, never null.

    A missing value equals nothing and differs from everything, as in pandas. Raises
    UnanswerableError.
    """
    match condition:
        case Comparison():
            return _comparison(condition, columns)
        case Membership(column, values):
            return one_of(columns.find(column.column), values).fill_null(False)
        case Missing(column):
            return columns.find(column.column).missing
        case Truth(column):
            return _truth(columns.find(column.column))
        case Every(parts):
            return pl.all_horizontal(*(filter_of(part, columns) for part in parts))
        case Some(parts):
            return pl.any_horizontal(*(filter_of(part, columns) for part in parts))
        case Opposite(part):
            return ~filter_of(part, columns)
        case _:
            assert_never(condition)


def rows_of(expectation: Expectation, columns: Columns) -> pl.Expr | None:
    """The rows that an expectation speaks of; None stands for all."""
    if expectation.condition is None:
        return None
    return filter_of(expectation.condition, columns)


def comparable(one: Column, other: Column) -> bool:
    """Whether the values of two columns can be compared."""
    return any(one.kind in kinds and other.kind in kinds for kinds in _COMPARABLE)


def incomparable(one: Column, other: Column) -> UnanswerableError:
    """The error of comparing two columns of different kinds."""
    return UnanswerableError(
        f"The {one.described()}, and the {other.described()}: they cannot be compared."
    )


def _comparison(condition: Comparison, columns: Columns) -> pl.Expr:
    column = columns.find(condition.column.column)
    holds = _OPERATIONS[condition.operator](column.values, _other(column, condition.other, columns))
    return holds.fill_null(condition.operator == "!=")


def _other(column: Column, other: object, columns: Columns) -> pl.Expr:
    if not isinstance(other, Name):
        return literal(column, other)
    found = columns.find(other.column)
    if not comparable(column, found):
        raise incomparable(column, found)
    return found.values


def _truth(column: Column) -> pl.Expr:
    if column.kind is not Kind.TRUTH:
        raise UnanswerableError(
            f"The {column.described()}, and the row_condition needs true or false."
        )
    return column.raw.fill_null(False)
