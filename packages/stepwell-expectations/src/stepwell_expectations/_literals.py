"""The literals of a suite, made comparable with a column."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Kind, UnanswerableError
from stepwell_expectations._moments import moment_literal, one_of_moments

_NUMERIC = (Kind.NUMBER, Kind.TRUTH)
_FARTHEST = 2**100  # beyond every 64-bit number, and still a number of Polars
_FEW = 16


def literal(column: Column, value: Any) -> pl.Expr:
    """`value` as what the values of `column` compare with. Raises UnanswerableError."""
    if column.kind in _NUMERIC and isinstance(value, int | float):
        return _number(column, value)
    if column.kind is Kind.TEXT and isinstance(value, str):
        return pl.lit(value)
    if column.kind is Kind.MOMENT and isinstance(value, str):
        return moment_literal(column, value)
    if column.kind is Kind.NOTHING:
        return pl.lit(None, dtype=pl.Null)
    raise UnanswerableError(_cannot_be_compared(column, value))


def above_min(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr | None:
    """Where the column keeps `min_value`, which NaN does not; None without such a bound."""
    bound, strict = kwargs.get("min_value"), bool(kwargs.get("strict_min"))
    if bound is None:
        return None
    if column.dtype.is_integer() and isinstance(bound, float):
        bound, strict = (math.floor(bound), True) if strict else (math.ceil(bound), False)
    values, low = _ordered(column), _bound(column, bound)
    kept = values > low if strict else values >= low
    return kept & values.is_not_nan() if column.dtype.is_float() else kept


def below_max(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr | None:
    """Where the column keeps `max_value`; None without such a bound."""
    bound, strict = kwargs.get("max_value"), bool(kwargs.get("strict_max"))
    if bound is None:
        return None
    if column.dtype.is_integer() and isinstance(bound, float):
        bound, strict = (math.ceil(bound), True) if strict else (math.floor(bound), False)
    values, high = _ordered(column), _bound(column, bound)
    return values < high if strict else values <= high


def one_of(column: Column, values: Sequence[Any]) -> pl.Expr:
    """Where the column is one of `values`; those that it can never be are left out."""
    if column.kind is Kind.OTHER:
        raise UnanswerableError(f"The {column.described()}, which no set of a suite can hold.")
    if column.kind is Kind.NOTHING:
        return column.raw.cast(pl.Boolean)
    if column.dtype.is_float() or column.dtype.is_decimal():
        numbers = pl.Series([float(value) for value in _numbers(values)], dtype=pl.Float64)
        return column.values.cast(pl.Float64).is_in(numbers.implode())
    if column.kind in _NUMERIC:
        near = [value for value in _numbers(values) if abs(value) < _FARTHEST]
        whole = [int(value) for value in near if value == int(value)]
        dtype = pl.Int8() if column.kind is Kind.TRUTH else column.dtype
        fitting = pl.Series(whole, dtype=pl.Int128, strict=False).cast(dtype, strict=False)
        return column.values.is_in(fitting.implode())
    texts = [value for value in values if isinstance(value, str)]
    if column.kind is Kind.TEXT:
        return _one_of_texts(column.values, texts)
    return one_of_moments(column, texts)


def _one_of_texts(values: pl.Expr, texts: Sequence[str]) -> pl.Expr:
    if 0 < len(texts) <= _FEW:  # comparing with each is a third of the work of a look-up
        return reduce(or_, [values == text for text in texts])
    return values.is_in(pl.Series(texts, dtype=pl.String).implode())


def _bound(column: Column, bound: Any) -> pl.Expr:
    """A bound of a suite is a number or a date, which text has no order with."""
    if column.kind is Kind.TEXT:
        raise UnanswerableError(_cannot_be_compared(column, bound))
    return literal(column, bound)


def _ordered(column: Column) -> pl.Expr:
    """The values for comparisons of order, where NaN does no harm and need not be replaced."""
    return column.raw if column.dtype.is_float() else column.values


def _number(column: Column, value: float) -> pl.Expr:
    near = max(-_FARTHEST, min(value, _FARTHEST))
    if column.dtype.is_decimal():
        return pl.lit(Decimal(repr(near + 0)))
    return pl.lit(float(value) if column.dtype.is_float() else near)


def _numbers(values: Iterable[Any]) -> list[Any]:
    """The numbers among `values`, true and false as 1 and 0."""
    return [value + 0 for value in values if isinstance(value, int | float)]


def _cannot_be_compared(column: Column, value: object) -> str:
    kind = "the text" if isinstance(value, str) else "the number"
    return f"The {column.described()}, which cannot be compared with {kind} {value!r}."
