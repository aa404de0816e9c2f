"""How an expectation turned out, in the words of Great Expectations' results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import Any

from pydantic import JsonValue

from stepwell_expectations._expectation import Expectation
from stepwell_expectations._words import counted

Numbers = Mapping[str, int | float | None]

POLARS = "polars"
GREAT_EXPECTATIONS = "great_expectations"

_FEWEST = 10
"""A mean or sum of fewer values would say too much about each of them."""


@dataclass(frozen=True)
class Outcome:
    """Whether an expectation holds, and what was found.

    `found` is the rest of a sentence; `result` is as Great Expectations has it, without any cell.
    `vacuous` says that nothing was there to be checked, `error` that it could not be checked.
    """

    success: bool
    found: str
    result: Mapping[str, JsonValue] = field(default_factory=dict)
    unexpected: int | None = None
    vacuous: bool = False
    error: bool = False
    engine: str = POLARS


def failure(why: str, *, engine: str = POLARS) -> Outcome:
    """The outcome of an expectation that could not be checked: never a pass."""
    return Outcome(success=False, found=why, error=True, engine=engine)


def without_values() -> Outcome:
    """The outcome of an expectation of a column that has no value at all."""
    return Outcome(False, "there is no value to compute it from", {"observed_value": None})


def rows_outcome(
    expectation: Expectation, numbers: Numbers, *, nulls_count: bool = False
) -> Outcome:
    """The outcome of an expectation of each row; `nulls_count` if it speaks of missing values."""
    total, considered = _count(numbers, "rows"), _count(numbers, "considered")
    unexpected = considered - _count(numbers, "expected")
    success = considered == 0 or (considered - unexpected) / considered >= expectation.mostly
    result = _rows_result(total, considered, unexpected, nulls_count=nulls_count)
    if considered == 0:
        return Outcome(True, _nothing_found(total), result, unexpected=0, vacuous=True)
    found = rows_found(considered, unexpected, expectation.mostly)
    return Outcome(success, found, result, unexpected=unexpected)


def count_outcome(expectation: Expectation, count: float) -> Outcome:
    """The outcome of an expectation about a count or a share of rows, which tells of no cell."""
    holds = is_between(expectation.kwargs, count)
    return Outcome(holds, f"it is {count:,.6g}", {"observed_value": count})


def aggregate_outcome(expectation: Expectation, value: float | None, *, values: int) -> Outcome:
    """The outcome of an expectation about a number that was computed from `values` cells."""
    if value is None or isnan(value):
        return without_values()
    holds = is_between(expectation.kwargs, value)
    if values < _FEWEST:
        few = f"(of {counted(values, 'value')}, too few to show it)"
        return Outcome(holds, f"it {'is' if holds else 'is not'} {few}")
    observed = value if isfinite(value) else None
    return Outcome(holds, f"it is {value:,.6g}", {"observed_value": observed})


def is_between(kwargs: Mapping[str, Any], value: float) -> bool:
    """Whether `value` lies within the bounds of an expectation."""
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    above = low is None or (value > low if kwargs.get("strict_min") else value >= low)
    below = high is None or (value < high if kwargs.get("strict_max") else value <= high)
    return above and below


def _count(numbers: Numbers, name: str) -> int:
    return int(numbers[name] or 0)


def _rows_result(
    total: int, considered: int, unexpected: int, *, nulls_count: bool
) -> dict[str, JsonValue]:
    share = 100 * unexpected / considered if considered else None
    result: dict[str, JsonValue] = {
        "element_count": total,
        "unexpected_count": unexpected,
        "unexpected_percent": share,
    }
    if nulls_count:
        return result
    missing = total - considered
    return {
        **result,
        "missing_count": missing,
        "missing_percent": 100 * missing / total if total else None,
        "unexpected_percent_total": 100 * unexpected / total if total else None,
        "unexpected_percent_nonmissing": share,
    }


def rows_found(considered: int, unexpected: int, mostly: float) -> str:
    """How many of the considered rows are not as expected, as the end of a sentence."""
    found = (
        f"{unexpected:,} of {counted(considered, 'row')} {'is' if unexpected == 1 else 'are'} not"
    )
    if mostly == 1 or not unexpected:
        return found
    return f"{found}, where {1 - mostly:.6g} of them may be"


def _nothing_found(total: int) -> str:
    if total == 0:
        return "there is no row to check"
    verb = "is" if total == 1 else "are"
    return f"there is no value to check, {counted(total, 'row')} {verb} without one"
