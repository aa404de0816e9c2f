"""Expectations of how often values occur: they need the whole dataset, and a query of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from polars.lazyframe.group_by import LazyGroupBy

from stepwell_expectations._columns import Column, Columns, Kind
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._outcome import Numbers, Outcome, count_outcome
from stepwell_expectations._plan import Plan, among, how_many
from stepwell_expectations._record_checks import considered_of_several


def unique_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The values of a column, each of which should occur once."""
    column = columns.find(expectation.kwargs["column"])
    return _plan(expectation, columns, [column], column.present)


def distinct_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The values of a column, which are only to be told apart."""
    plan = unique_plan(expectation, columns)
    return replace(plan, keys=()) if "distinct" in plan.sums else plan


def compound_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The combinations of several columns, each of which should occur once."""
    keys = [columns.find(name) for name in expectation.kwargs["column_list"]]
    return _plan(expectation, columns, keys, considered_of_several(expectation, keys))


def distinct_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of different values is as expected."""
    return count_outcome(expectation, numbers["distinct"] or 0)


def distinct_share_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of different values, as a share of all values, is as expected."""
    considered = numbers["considered"]
    return count_outcome(expectation, (numbers["distinct"] or 0) / considered if considered else 0)


def settled(sums: Numbers) -> dict[str, Any] | None:
    """The rows that are alone, if the sums tell: where all values differ, all are."""
    distinct, considered = sums.get("distinct"), sums.get("considered")
    return {"expected": considered} if distinct is not None and distinct == considered else None


def occurrences(frame: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """The number of rows that are considered, of those that are alone, and of different values."""
    groups = _grouped(frame, plan).agg(rows=pl.len())
    return groups.select(
        considered=pl.col("rows").sum(),
        expected=(pl.col("rows") == 1).sum(),
        distinct=pl.len(),
    )


def repeated_rows(numbered: pl.LazyFrame, number: str, plan: Plan, *, most: int) -> pl.LazyFrame:
    """The first row numbers, which stand in the column `number`, of values that are not unique."""
    repeated = _grouped(numbered, plan).agg(rows=pl.len()).filter(pl.col("rows") > 1)
    rows = _keys(numbered, plan, pl.col(number).alias("row")).join(
        repeated, on=_names(plan), how="semi", nulls_equal=True
    )
    return rows.select(pl.col("row").bottom_k(most).sort())


def _plan(
    expectation: Expectation,
    columns: Columns,
    keys: Sequence[Column],
    considered: pl.Expr | None,
) -> Plan:
    rows = rows_of(expectation, columns)
    within = rows if considered is None else among(rows, considered)
    sums = {"rows": how_many(rows)}
    if len(keys) == 1 and keys[0].kind is not Kind.OTHER and within is not None:
        sums["considered"] = within.sum()
        sums["distinct"] = keys[0].values.filter(within).n_unique()
    return Plan(sums=sums, keys=tuple(keys), within=within)


def _grouped(frame: pl.LazyFrame, plan: Plan) -> LazyGroupBy:
    return _keys(frame, plan).group_by(_names(plan))


def _keys(frame: pl.LazyFrame, plan: Plan, *others: pl.Expr) -> pl.LazyFrame:
    kept = frame if plan.within is None else frame.filter(plan.within)
    keys = [key.values.alias(name) for key, name in zip(plan.keys, _names(plan), strict=True)]
    return kept.select(*others, *keys)


def _names(plan: Plan) -> list[str]:
    return [f"key_{number}" for number in range(len(plan.keys))]
