"""Expectations of each value of a column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from stepwell_expectations._likes import like_pattern
from stepwell_expectations._literals import above_min, below_max, one_of
from stepwell_expectations._parsed import PARSED_CHECKS
from stepwell_expectations._patterns import polars_pattern
from stepwell_expectations._row_check import RowCheck, value_check


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


def matches(column: Column, pattern: str) -> pl.Expr:
    """Where the text of the column matches. Raises NotCompiledError for what only Python knows."""
    translated = polars_pattern(pattern)
    if translated is None:
        raise NotCompiledError
    return _written(column).str.contains(translated)


def _match_regex(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return matches(column, kwargs["regex"])


def _not_match_regex(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return ~matches(column, kwargs["regex"])


def _match_regex_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [matches(column, pattern) for pattern in kwargs["regex_list"]]
    if kwargs.get("match_on") == "all":
        return pl.all_horizontal(found)
    return pl.any_horizontal(found)


def _not_match_regex_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [matches(column, pattern) for pattern in kwargs["regex_list"]]
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


def _likes(column: Column, pattern: str, kwargs: Mapping[str, Any]) -> pl.Expr:
    if column.kind not in (Kind.TEXT, Kind.NOTHING):
        raise UnanswerableError(f"The {column.described()}, and a LIKE pattern is of text.")
    return column.values.cast(pl.String).str.contains(like_pattern(pattern, kwargs.get("escape")))


def _match_like(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return _likes(column, kwargs["like_pattern"], kwargs)


def _not_match_like(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    return ~_likes(column, kwargs["like_pattern"], kwargs)


def _match_like_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [_likes(column, pattern, kwargs) for pattern in kwargs["like_pattern_list"]]
    return pl.all_horizontal(found) if kwargs.get("match_on") == "all" else pl.any_horizontal(found)


def _not_match_like_list(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    found = [_likes(column, pattern, kwargs) for pattern in kwargs["like_pattern_list"]]
    return pl.any_horizontal(found).not_()


VALUE_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_values_to_be_between": value_check(_between),
    "expect_column_values_to_be_in_set": value_check(_in_set),
    "expect_column_values_to_not_be_in_set": value_check(_not_in_set),
    "expect_column_values_to_match_regex": value_check(_match_regex),
    "expect_column_values_to_not_match_regex": value_check(_not_match_regex),
    "expect_column_values_to_match_regex_list": value_check(_match_regex_list),
    "expect_column_values_to_not_match_regex_list": value_check(_not_match_regex_list),
    "expect_column_values_to_match_like_pattern": value_check(_match_like),
    "expect_column_values_to_not_match_like_pattern": value_check(_not_match_like),
    "expect_column_values_to_match_like_pattern_list": value_check(_match_like_list),
    "expect_column_values_to_not_match_like_pattern_list": value_check(_not_match_like_list),
    "expect_column_value_lengths_to_be_between": value_check(_lengths_between),
    "expect_column_value_lengths_to_equal": value_check(_lengths_equal),
    **{type_: value_check(condition) for type_, condition in PARSED_CHECKS.items()},
}
"""Expectations that speak of the rows which have a value."""

NULL_CHECKS: Mapping[str, Callable[[Expectation, Columns], RowCheck]] = {
    "expect_column_values_to_not_be_null": _present,
    "expect_column_values_to_be_null": _absent,
}
"""Expectations that speak of every row."""
