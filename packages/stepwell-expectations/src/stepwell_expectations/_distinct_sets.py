"""Expectations of the set of values that a column has, and of the most common ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Columns
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._literals import one_of
from stepwell_expectations._outcome import Numbers, Outcome, without_values
from stepwell_expectations._plan import Plan, among, how_many
from stepwell_expectations._words import counted


def distinct_set_plan(expectation: Expectation, columns: Columns) -> Plan:
    """How many different values lie outside of the set, and how many of the set are there."""
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    inside = one_of(column, expectation.kwargs["value_set"])
    values = column.values
    within = among(rows, column.present)
    return Plan(
        sums={
            "considered": how_many(within),
            "outside": values.filter(within & ~inside).n_unique(),
            "inside": values.filter(within & inside).n_unique(),
        }
    )


def in_set_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether no value lies outside of the set."""
    outside = int(numbers["outside"] or 0)
    result = {"observed_value": None, "unexpected_count": outside}
    return Outcome(outside == 0, _told(outside, None), result, vacuous=not numbers["considered"])


def contain_set_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether every value of the set occurs."""
    absent = _absent(expectation, numbers)
    result = {"observed_value": None, "missing_count": absent}
    return Outcome(absent == 0, _told(None, absent), result)


def equal_set_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the values are those of the set, and no others."""
    outside, absent = int(numbers["outside"] or 0), _absent(expectation, numbers)
    result = {"observed_value": None, "unexpected_count": outside, "missing_count": absent}
    vacuous = not numbers["considered"] and absent == 0
    return Outcome(outside == absent == 0, _told(outside, absent), result, vacuous=vacuous)


def most_common_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of the most common values, and of those among them that are in the set."""
    column, rows = columns.find(expectation.kwargs["column"]), rows_of(expectation, columns)
    inside = one_of(column, expectation.kwargs["value_set"]).fill_null(False)
    within = among(rows, column.present)

    def query(frame: pl.LazyFrame) -> pl.LazyFrame:
        counts = counts_of(frame, column, within, inside=inside)
        return counts.filter(pl.col("rows") == pl.col("rows").max()).select(
            modes=pl.len(), matched=pl.col("inside").sum()
        )

    return Plan(sums={"considered": how_many(within)}, query=query)


def most_common_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the most common value is in the set; of several, one has to be if ties are okay."""
    if not numbers["considered"]:
        return without_values()
    modes, matched = int(numbers["modes"] or 0), int(numbers["matched"] or 0)
    if expectation.kwargs.get("ties_okay"):
        return Outcome(matched > 0, f"{matched} of {counted(modes, 'such value')} is in the set")
    found = f"there are {modes} such values" if modes > 1 else "it is"
    return Outcome(modes == matched == 1, found if modes > 1 or matched else "it is not")


def counts_of(
    frame: pl.LazyFrame, column: Column, within: pl.Expr, **others: pl.Expr
) -> pl.LazyFrame:
    """The number of rows of each different value, in a column `rows`, and what else is asked."""
    kept = frame.filter(within).select(column.values.alias("value"), **others)
    aggregated = {name: pl.col(name).first() for name in others}
    return kept.group_by("value").agg(rows=pl.len(), **aggregated)


def _absent(expectation: Expectation, numbers: Numbers) -> int:
    """How many members of the set do not occur; those that are equal count once."""
    return _size(expectation.kwargs["value_set"]) - int(numbers["inside"] or 0)


def _size(members: Sequence[Any]) -> int:
    return len(set(members))


def _told(outside: int | None, absent: int | None) -> str:
    told = []
    if outside:
        told.append(
            f"{counted(outside, 'different value')} {'is' if outside == 1 else 'are'} not in it"
        )
    if absent:
        told.append(f"{absent:,} of it {'does' if absent == 1 else 'do'} not occur")
    return "; ".join(told) or "they are"
