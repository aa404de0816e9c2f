"""Expectations of values that lie far from the others: the others have to be known first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite

import polars as pl

from stepwell_expectations._aggregates import numbers_of
from stepwell_expectations._columns import Columns, Kind, UnanswerableError
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._plan import Known, Plan
from stepwell_expectations._row_check import RowCheck, row_plan

_Within = Callable[[pl.Expr, Mapping[str, float]], pl.Expr | None]
"""Where values are not too far out, by what is known; None where none can be."""


def z_score_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The values whose distance from the mean is small, in standard deviations."""
    threshold: float = expectation.kwargs["threshold"]
    double_sided = expectation.kwargs["double_sided"]

    def within(values: pl.Expr, known: Mapping[str, float]) -> pl.Expr | None:
        if known["deviation"] == 0:
            return None
        score = (values - known["mean"]) / known["deviation"]
        return score.abs() < abs(threshold) if double_sided else score < threshold

    return _plan(expectation, columns, _mean_and_deviation, within)


def outlier_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The values near the quartiles, or near the mean."""
    multiplier: float = expectation.kwargs.get("multiplier", 1.5)

    def between_fences(values: pl.Expr, known: Mapping[str, float]) -> pl.Expr | None:
        reach = multiplier * (known["third"] - known["first"])
        return (values >= known["first"] - reach) & (values <= known["third"] + reach)

    def near_mean(values: pl.Expr, known: Mapping[str, float]) -> pl.Expr | None:
        reach = multiplier * known["deviation"]
        if reach <= 0:
            return values == known["mean"]
        return (values - known["mean"]).abs() < reach

    if expectation.kwargs.get("method") == "std":
        return _plan(expectation, columns, _mean_and_deviation, near_mean)
    return _plan(expectation, columns, _quartiles, between_fences)


def _plan(
    expectation: Expectation,
    columns: Columns,
    first: Callable[[pl.Expr], dict[str, pl.Expr]],
    within: _Within,
) -> Plan:
    column = columns.find(expectation.kwargs["column"])
    if column.kind is Kind.NOTHING:
        return row_plan(RowCheck(column.present, column.present), expectation, columns)
    try:
        _, _, spoken_of = numbers_of(expectation, columns)
    except UnanswerableError as error:
        check = RowCheck(column.present, column.present, mismatch=str(error))
        return row_plan(check, expectation, columns)

    def then(known: Known) -> Plan:
        numbers = {
            name: value for name, value in known.items() if value is not None and isfinite(value)
        }
        complete = len(numbers) == len(known)
        kept = within(column.values.cast(pl.Float64), numbers) if complete else None
        check = RowCheck(column.present, column.present if kept is None else kept)
        return row_plan(check, expectation, columns)

    return Plan(first=first(spoken_of.cast(pl.Float64)), then=then)


def _mean_and_deviation(values: pl.Expr) -> dict[str, pl.Expr]:
    return {"mean": values.mean(), "deviation": values.std()}


def _quartiles(values: pl.Expr) -> dict[str, pl.Expr]:
    return {"first": values.quantile(0.25, "linear"), "third": values.quantile(0.75, "linear")}
