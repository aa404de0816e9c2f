"""Expectations of the median and of quantiles.

They are cells, so that what is counted is only whether they lie where they should.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from stepwell_expectations._aggregates import numbers_of
from stepwell_expectations._columns import Columns
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._outcome import Numbers, Outcome, without_values
from stepwell_expectations._plan import Plan, among, how_many

_CLOSE = 1e-4
_CLOSEST = 1e-8


def median_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether the median lies between the bounds."""
    column, rows, values = numbers_of(expectation, columns)
    holds = _lies_between(values.cast(pl.Float64).median(), expectation.kwargs)
    return Plan(
        sums={"considered": how_many(among(rows, column.present)), "holds": holds.cast(pl.Int8)}
    )


def median_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the median is as expected."""
    if not numbers["considered"]:
        return without_values()
    holds = bool(numbers["holds"])
    return Outcome(holds, "it is" if holds else "it is not", {})


def quantiles_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Which quantiles lie in their ranges."""
    column, rows, values = numbers_of(expectation, columns)
    ranges = expectation.kwargs["quantile_ranges"]
    how = expectation.kwargs.get("allow_relative_error") or "nearest"
    wanted = zip(ranges["quantiles"], ranges["value_ranges"], strict=True)
    holds = {
        f"holds_{number}": _is_near(_quantile(values, share, how), bounds).cast(pl.Int8)
        for number, (share, bounds) in enumerate(wanted)
    }
    return Plan(sums={"considered": how_many(among(rows, column.present)), **holds})


def quantiles_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether all quantiles are as expected."""
    if not numbers["considered"]:
        return without_values()
    quantiles = expectation.kwargs["quantile_ranges"]["quantiles"]
    holds = [bool(numbers[f"holds_{number}"]) for number in range(len(quantiles))]
    wrong = [str(share) for share, held in zip(quantiles, holds, strict=True) if not held]
    found = f"outside of their ranges are those of {', '.join(wrong)}" if wrong else "they are"
    return Outcome(not wrong, found, {"details": {"success_details": list(holds)}})


def _lies_between(value: pl.Expr, kwargs: Mapping[str, Any]) -> pl.Expr:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    kept = []
    if low is not None:
        kept.append(value > low if kwargs.get("strict_min") else value >= low)
    if high is not None:
        kept.append(value < high if kwargs.get("strict_max") else value <= high)
    return pl.all_horizontal(kept)


def _quantile(values: pl.Expr, share: float, how: str) -> pl.Expr:
    """The quantile as NumPy has it, which rounds half a rank to the even one."""
    values = values.cast(pl.Float64)
    if how != "nearest":
        return values.quantile(share, how)  # type: ignore[arg-type]  # one of the ways, as checked
    rank = (values.count() - 1) * share
    beyond = rank - rank.floor()
    up = (beyond > 0.5) | ((beyond == 0.5) & (rank.floor() % 2 == 1))
    return (
        pl.when(up)
        .then(values.quantile(share, "higher"))
        .otherwise(values.quantile(share, "lower"))
    )


def _is_near(value: pl.Expr, bounds: Sequence[float | None]) -> pl.Expr:
    """Where `value` lies between the bounds, or very close to one of them."""
    low, high = bounds
    inside = pl.all_horizontal(
        pl.lit(True) if low is None else value >= low,
        pl.lit(True) if high is None else value <= high,
    )
    close = [
        (value - bound).abs() <= _CLOSEST + _CLOSE * abs(bound)
        for bound in bounds
        if bound is not None
    ]
    return pl.any_horizontal(inside, *close)
