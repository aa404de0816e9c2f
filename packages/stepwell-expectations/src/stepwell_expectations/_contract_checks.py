"""The metrics of the Open Data Contract Standard: how many values are bad, and how many may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Columns, UnanswerableError
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._literals import one_of
from stepwell_expectations._outcome import Numbers, Outcome
from stepwell_expectations._plan import Plan, how_many
from stepwell_expectations._row_check import RowCheck, row_plan
from stepwell_expectations._unique import compound_plan
from stepwell_expectations._value_checks import matches
from stepwell_expectations._words import counted

Holds = Callable[[float, Any], bool]

OPERATORS: Mapping[str, Holds] = {
    "mustBe": lambda value, wanted: value == wanted,
    "mustNotBe": lambda value, wanted: value != wanted,
    "mustBeGreaterThan": lambda value, wanted: value > wanted,
    "mustBeGreaterOrEqualTo": lambda value, wanted: value >= wanted,
    "mustBeLessThan": lambda value, wanted: value < wanted,
    "mustBeLessOrEqualTo": lambda value, wanted: value <= wanted,
    "mustBeBetween": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "mustNotBeBetween": lambda value, wanted: not wanted[0] <= value <= wanted[1],
}
"""How a metric is compared, by the name of the operator."""


def null_values_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The rows without a value."""
    column = columns.find(expectation.kwargs["column"])
    return _of_rows(~column.missing, expectation, columns)


def missing_values_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The rows without a value, or with one that stands for none, such as `N/A`."""
    column = columns.find(expectation.kwargs["column"])
    stand_ins = [one for one in expectation.kwargs["missing_values"] if one is not None]
    if not stand_ins:
        return _of_rows(~column.missing, expectation, columns)
    stands_for_none = one_of(column, stand_ins).fill_null(False)
    return _of_rows(~(column.missing | stands_for_none), expectation, columns)


def invalid_values_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The rows with a value that is none of the valid ones, or does not match the pattern."""
    column = columns.find(expectation.kwargs["column"])
    return _of_rows(_valid(column, expectation.kwargs) | column.missing, expectation, columns)


def _valid(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    conditions = []
    if "valid_values" in kwargs:
        conditions.append(one_of(column, kwargs["valid_values"]))
    if "pattern" in kwargs:
        conditions.append(matches(column, kwargs["pattern"]))
    return pl.all_horizontal(conditions).fill_null(False)


def duplicate_values_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The combinations of values; those that are missing altogether are no duplicates."""
    return compound_plan(expectation, columns)


def bad_rows_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of bad rows, or their share, is as the contract wants it."""
    rows = _count(numbers, "rows")
    return _outcome(expectation, _count(numbers, "considered") - _count(numbers, "expected"), rows)


def duplicates_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether as many rows as the contract allows repeat what an earlier row has."""
    repeated = _count(numbers, "considered") - _count(numbers, "distinct")
    return _outcome(expectation, repeated, _count(numbers, "rows"))


def row_count_metric_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of rows."""
    return Plan(sums={"rows": how_many(None)})


def row_count_metric_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of rows is as the contract wants it."""
    rows = _count(numbers, "rows")
    return Outcome(_holds(expectation, rows), f"it is {rows:,}", {"observed_value": rows})


def not_run_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Never one: a rule that only somebody else can run. Raises UnanswerableError."""
    raise UnanswerableError(str(expectation.kwargs["reason"]))


def _of_rows(good: pl.Expr, expectation: Expectation, columns: Columns) -> Plan:
    return row_plan(RowCheck(None, good), expectation, columns)


def _outcome(expectation: Expectation, bad: int, rows: int) -> Outcome:
    percent = 100 * bad / rows if rows else 0.0
    value = percent if expectation.kwargs.get("unit") == "percent" else bad
    found = f"{bad:,} of {counted(rows, 'row')}"
    result = {"element_count": rows, "unexpected_count": bad, "observed_value": value}
    holds = _holds(expectation, value)
    return Outcome(holds, found, result, unexpected=bad, vacuous=rows == 0)


def _holds(expectation: Expectation, value: float) -> bool:
    (operator,) = (name for name in OPERATORS if name in expectation.kwargs)
    return OPERATORS[operator](value, expectation.kwargs[operator])


def _count(numbers: Numbers, name: str) -> int:
    return int(numbers[name] or 0)
