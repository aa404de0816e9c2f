"""Limits: from a measured disparity to a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from stepwell import Finding
from stepwell_fairness._counts import Group
from stepwell_fairness._intervals import Estimate
from stepwell_fairness._measure import GroupRate, Measured
from stepwell_fairness._policy import ROUNDING, Gate, Policy

Outcome = Literal["held", "violated", "undecided"]
Verdict = Literal["passed", "warned", "failed"]


@dataclass(frozen=True)
class Judgement:
    """What became of a limit, and what that means for the report."""

    outcome: Outcome
    verdict: Verdict


HELD = Judgement("held", "passed")
VIOLATED = Judgement("violated", "failed")
SOME_UNKNOWN = Judgement("undecided", "warned")
"""All groups that are large enough keep the limit; others are too small to tell."""
UNKNOWN = Judgement("undecided", "failed")
"""Nothing could be compared, or the limit lies within the interval that has to keep it."""


def judge(
    measured: Measured, limit: float, by: Group, model_version: str | None, policy: Policy
) -> Finding:
    """Whether the disparity keeps its limit.

    Groups that are too small never pass silently: they make a limit that holds undecided.
    """
    judgement = _judgement(measured, limit, policy.gate)
    return Finding(
        check=measured.disparity.name,
        verdict=judgement.verdict,
        message=" ".join(_sentences(measured, limit, by, policy, judgement.outcome)),
        columns=by,
        rows=sum(measured.left_out.values()) or None,
        details={
            "outcome": judgement.outcome,
            "gate": policy.gate,
            measured.disparity.limit: limit,
            "model_version": model_version,
            "minimum_group_size": policy.minimum,
            "left_out": {named(by, group): rows for group, rows in measured.left_out.items()},
        },
    )


def named(by: Group, group: Group) -> str:
    """A group as text, for example 'sex=female, age_band=young'."""
    return ", ".join(f"{column}={value}" for column, value in zip(by, group, strict=True))


def labelled(by: Group, group: Group) -> Mapping[str, str]:
    """A group as a metric names it."""
    return dict(zip(by, group, strict=True))


def _judgement(measured: Measured, limit: float, gate: Gate) -> Judgement:
    if measured.estimate is None:
        return UNKNOWN
    best, worst = _sides(measured.estimate, measured.disparity.limit, gate)
    if _beyond(best, limit, measured.disparity.limit):
        return VIOLATED
    if _beyond(worst, limit, measured.disparity.limit):
        return UNKNOWN
    return SOME_UNKNOWN if measured.left_out else HELD


def _sides(estimate: Estimate, kind: str, gate: Gate) -> tuple[float, float]:
    """The best and the worst that the disparity may be, as the gate sees it."""
    if gate == "value":
        return estimate.value, estimate.value
    return (estimate.low, estimate.high) if kind == "at_most" else (estimate.high, estimate.low)


def _beyond(value: float, limit: float, kind: str) -> bool:
    return value > limit + ROUNDING if kind == "at_most" else value < limit - ROUNDING


def _sentences(
    measured: Measured, limit: float, by: Group, policy: Policy, outcome: Outcome
) -> Iterator[str]:
    yield _value(measured, limit, by, policy)
    if measured.lowest and measured.highest:
        if len(measured.disparity.rates) > 1:
            yield f"The worse of its rates is {measured.rate.name}."
        lowest, highest = (_rate(by, r, measured) for r in (measured.lowest, measured.highest))
        yield f"Lowest {measured.rate.name}: {lowest}; highest: {highest}."
    if measured.left_out:
        yield _too_few(measured, by, policy.minimum)
    if outcome == "undecided":
        yield "Undecided."


def _value(measured: Measured, limit: float, by: Group, policy: Policy) -> str:
    allowed = f"{measured.disparity.limit.replace('_', ' ')} {limit:g} is allowed"
    name = f"{measured.disparity.name} by {' and '.join(by)}"
    estimate = measured.estimate
    if estimate is None:
        return f"{name} cannot be evaluated ({allowed}): {_why(measured)}."
    return (
        f"{name} is {estimate.value:.3f} ({100 * policy.confidence:g} % interval "
        f"{estimate.low:.3f} to {estimate.high:.3f}); {allowed}, for its {policy.gate}."
    )


def _why(measured: Measured) -> str:
    pairwise = measured.disparity.comparison in ("difference", "ratio")
    if measured.compared < (2 if pairwise else 1):
        groups = "group is" if measured.compared == 1 else "groups are"
        return f"{measured.compared or 'no'} {groups} large enough"
    return "the rate is zero in every group, or unknown in one"


def _rate(by: Group, found: GroupRate, measured: Measured) -> str:
    return f"{named(by, found.group)} ({found.value:.3f} of {found.rows:,} {measured.rate.among})"


def _too_few(measured: Measured, by: Group, minimum: int) -> str:
    shown = [f"{named(by, g)} ({rows:,})" for g, rows in list(measured.left_out.items())[:8]]
    more = len(measured.left_out) - len(shown)
    among = " and ".join(dict.fromkeys(rate.among for rate in measured.disparity.rates))
    return (
        f"Too few rows to tell for {'; '.join(shown)}{f' and {more} more' if more else ''}: a "
        f"group needs {minimum} {among}."
    )
