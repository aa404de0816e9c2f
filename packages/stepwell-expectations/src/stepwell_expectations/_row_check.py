"""One expectation of each row, as two conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from stepwell_expectations._columns import (
    Column,
    Columns,
    Kind,
    UnanswerableError,
)
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
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


def value_check(
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
