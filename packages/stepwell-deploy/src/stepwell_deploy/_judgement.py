"""Whether a challenger takes over: every report has passed, and it is better than the champion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from stepwell import Metric, Report

Verdict = Literal["promoted", "refused", "not_better", "undecided"]


class Policy(BaseModel):
    """What a challenger must show to become champion."""

    model_config = ConfigDict(frozen=True)

    better_on: str
    by: float
    gate: Literal["value", "interval"]
    higher_is_better: bool
    least_rows: int
    strict: bool

    def to_json(self) -> dict[str, JsonValue]:
        """The policy as it stands in the decision log."""
        return self.model_dump(mode="json")


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
    measured = Measured.of(policy.better_on, model=model, champion=champion, reports=reports)
    objections = tuple(_objections(reports, strict=policy.strict))
    if objections:
        return Judgement("refused", objections, measured.metrics)
    if champion is None:
        return Judgement("promoted", ("There is no champion yet.",), measured.metrics)
    return _compare(policy, measured)


def _objections(reports: Sequence[Report], *, strict: bool) -> Iterable[str]:
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


@dataclass(frozen=True)
class Measured:
    """The metric that decides, of both models, and the paired difference between them."""

    name: str
    challenger: Metric | None
    champion: Metric | None
    difference: Metric | None
    ambiguous: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, better_on: str, *, model: str, champion: str | None, reports: Sequence[Report]
    ) -> Measured:
        """Look the metric up; `better_on` may name the step too, as in "evaluate.roc_auc"."""
        step, _, name = better_on.rpartition(".")
        holding = [
            report
            for report in reports
            if (not step or report.step == step) and report.metric(name, model_version=model)
        ]
        if not holding:
            return cls(name, None, None, None)
        report = holding[0]
        return cls(
            name,
            challenger=report.metric(name, model_version=model),
            champion=report.metric(name, model_version=champion) if champion else None,
            difference=(
                report.metric(name, model_version=model, against=champion) if champion else None
            ),
            ambiguous=tuple(one.step for one in holding) if len(holding) > 1 else (),
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What was found, for the record."""
        found = (self.challenger, self.champion, self.difference)
        return tuple(metric for metric in found if metric is not None)


@dataclass(frozen=True)
class Gain:
    """By how much the challenger is better; `low` and `high` bound it."""

    value: float
    low: float | None
    high: float | None
    rows: int | None


def _compare(policy: Policy, measured: Measured) -> Judgement:
    doubt = _doubt(policy, measured)
    gain = _gain(policy, measured)
    if doubt is not None or gain is None:
        return Judgement("undecided", (doubt or "The models were not compared.",), measured.metrics)
    outcome = _by_value(policy, gain) if policy.gate == "value" else _by_interval(policy, gain)
    return Judgement(outcome, (_sentence(policy, measured, gain, outcome),), measured.metrics)


def _doubt(policy: Policy, measured: Measured) -> str | None:
    """Why the numbers do not allow a comparison, if they do not."""
    name = measured.name
    if measured.ambiguous:
        steps = ", ".join(measured.ambiguous)
        named = f"{measured.ambiguous[0]}.{name}"
        return f"Several reports measured {name} ({steps}): write better_on='{named}'."
    if measured.challenger is None:
        return f"No report holds {name} of the challenger."
    if measured.challenger.value is None:
        return f"{name} of the challenger could not be computed."
    if measured.champion is None and measured.difference is None:
        return f"No report holds {name} of the champion: score both models on the same rows."
    if measured.difference is None:
        return _doubt_without_difference(policy, measured)
    if measured.difference.value is None:
        return f"The difference in {name} could not be computed."
    return _doubt_about_rows(policy, name, measured.difference.rows)


def _doubt_without_difference(policy: Policy, measured: Measured) -> str | None:
    name, challenger, champion = measured.name, measured.challenger, measured.champion
    if challenger is None or champion is None or champion.value is None:
        return f"{name} of the champion could not be computed."
    if policy.gate == "interval":
        return f"No report holds an interval of the difference in {name}: gate='interval' needs it."
    if challenger.rows != champion.rows:
        return (
            f"{name} was measured on {challenger.rows} rows of the challenger and "
            f"{champion.rows} of the champion: only the same rows can be compared."
        )
    return _doubt_about_rows(policy, name, challenger.rows)


def _doubt_about_rows(policy: Policy, name: str, rows: int | None) -> str | None:
    if rows is None:
        return f"The report does not say on how many rows {name} was measured."
    if rows < policy.least_rows:
        return f"{name} was measured on {rows} rows; {policy.least_rows} is the least to decide on."
    return None


def _gain(policy: Policy, measured: Measured) -> Gain | None:
    """The improvement, positive where the challenger is better whichever way the metric points."""
    difference = measured.difference
    if difference is not None and difference.value is not None:
        if policy.higher_is_better:
            return Gain(difference.value, difference.low, difference.high, difference.rows)
        return Gain(
            -difference.value,
            _negative(difference.high),
            _negative(difference.low),
            difference.rows,
        )
    challenger, champion = measured.challenger, measured.champion
    if challenger is None or champion is None or challenger.value is None or champion.value is None:
        return None
    value = challenger.value - champion.value
    return Gain(value if policy.higher_is_better else -value, None, None, challenger.rows)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _by_value(policy: Policy, gain: Gain) -> Verdict:
    return "promoted" if _enough(gain.value, policy.by) else "not_better"


def _by_interval(policy: Policy, gain: Gain) -> Verdict:
    if gain.low is None or gain.high is None:
        return "undecided"
    if _enough(gain.low, policy.by):
        return "promoted"
    return "undecided" if _enough(gain.high, policy.by) else "not_better"


def _enough(gain: float, by: float) -> bool:
    """At least `by`, and in any case more than nothing: a tie keeps the champion."""
    return gain > 0 and gain >= by


def _sentence(policy: Policy, measured: Measured, gain: Gain, outcome: Verdict) -> str:
    interval = (
        f", between {gain.low:+.4g} and {gain.high:+.4g}"
        if gain.low is not None and gain.high is not None
        else ""
    )
    margin = f"at least {policy.by:g}" if policy.by else "more than nothing"
    told = {
        "promoted": "The challenger is better",
        "not_better": "The challenger is not better",
        "undecided": "It cannot be told whether the challenger is better",
        "refused": "",
    }[outcome]
    return (
        f"{told}: {measured.name} gains {gain.value:+.4g}{interval} on {gain.rows} rows "
        f"(the {policy.gate} must gain {margin})."
    )
