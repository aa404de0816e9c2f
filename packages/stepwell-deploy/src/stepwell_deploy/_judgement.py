"""Whether a challenger takes over: every report has passed, and it is better than the champion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Literal

from stepwell import Metric, Report
from stepwell_deploy._gain import Gain, UndecidedError, gain_of
from stepwell_deploy._measured import Measured, measured
from stepwell_deploy._policy import Policy

Verdict = Literal["promoted", "refused", "not_better", "undecided"]

_TOLD: dict[Verdict, str] = {
    "promoted": "The challenger is better",
    "not_better": "The challenger is not better",
    "undecided": "It cannot be told whether the challenger is better",
}


@dataclass(frozen=True)
class Judgement:
    """What came out, why, and the numbers that were compared."""

    outcome: Verdict
    reasons: tuple[str, ...]
    metrics: tuple[Metric, ...] = ()


def judge(
    policy: Policy, *, model: str, champion: str | None, reports: Sequence[Report]
) -> Judgement:
    """Judge model version `model` by the reports, against version `champion` if there is one."""
    numbers = measured(policy.better_on, model=model, champion=champion, reports=reports)
    objections = tuple(_objections(reports, strict=policy.strict))
    if objections:
        return Judgement("refused", objections, numbers.metrics)
    if champion is None:
        return Judgement("promoted", ("There is no champion yet.",), numbers.metrics)
    try:
        gain = gain_of(policy, numbers)
    except UndecidedError as doubt:
        return Judgement("undecided", (str(doubt),), numbers.metrics)
    outcome = _outcome(policy, gain)
    return Judgement(outcome, (_sentence(policy, numbers, gain, outcome),), numbers.metrics)


def _objections(reports: Sequence[Report], *, strict: bool) -> Iterator[str]:
    if not reports:
        yield "No report arrived: nothing has checked this model."
    for report in reports:
        if report.verdict == "missing":
            yield f"Report '{report.step}' is missing: its step was blocked or did not finish."
        elif report.verdict == "failed":
            yield f"Report '{report.step}' failed{_because(report)}."
        elif report.verdict == "warned" and strict:
            yield f"Report '{report.step}' warned, and strict=True lets no warning pass."


def _because(report: Report) -> str:
    failed = report.failed()
    if not failed:
        return ""
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return f": {failed[0].message.rstrip('.')}{more}"


def _outcome(policy: Policy, gain: Gain) -> Verdict:
    if policy.gate == "value":
        return "promoted" if _enough(gain.value, policy.by) else "not_better"
    assert gain.low is not None and gain.high is not None  # or `gain_of` had raised
    if _enough(gain.low, policy.by):
        return "promoted"
    return "undecided" if _enough(gain.high, policy.by) else "not_better"


def _enough(gain: float, by: float) -> bool:
    """At least `by` (0.30 - 0.25 is 0.05), and more than nothing: a tie keeps the champion."""
    return gain > 0 and (gain >= by or isclose(gain, by, rel_tol=1e-9))


def _sentence(policy: Policy, numbers: Measured, gain: Gain, outcome: Verdict) -> str:
    bounded = gain.low is not None and gain.high is not None
    interval = f" ({gain.low:+.4g} to {gain.high:+.4g})" if bounded else ""
    least = f"at least {policy.by:g}" if policy.by else "more than nothing"
    return (
        f"{_TOLD[outcome]}: {numbers.name}{_both(numbers)} gains {gain.value:+.4g}{interval} on "
        f"{gain.rows} rows, and the {policy.gate} must gain {least}."
    )


def _both(numbers: Measured) -> str:
    challenger, champion = numbers.compared("challenger"), numbers.compared("champion")
    if challenger is None or champion is None:
        return ""
    return f" {challenger.value:.4g} against {champion.value:.4g}"
