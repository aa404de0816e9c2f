"""By how much a challenger is better, or why that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

from stepwell import Metric
from stepwell_deploy._measured import Measured
from stepwell_deploy._policy import Policy


class UndecidedError(Exception):
    """The numbers do not allow a comparison; the text says why."""


@dataclass(frozen=True)
class Gain:
    """The improvement, positive where the challenger is better whichever way the metric points.

    `low` and `high` bound it, if the reports tell an interval.
    """

    value: float
    rows: int
    low: float | None = None
    high: float | None = None


def gain_of(policy: Policy, measured: Measured) -> Gain:
    """The gain in the metric of `policy`. Raises UndecidedError."""
    name = measured.name
    if len(measured.steps) > 1:
        steps, named = ", ".join(measured.steps), f"{measured.steps[0]}.{name}"
        raise UndecidedError(
            f"Several reports measured {name} ({steps}): write better_on='{named}'."
        )
    _number(measured.challenger, f"{name} of the challenger")
    if measured.difference is not None:
        return _of_difference(policy, name, measured.difference)
    return _of_values(policy, measured)


def _of_difference(policy: Policy, name: str, difference: Metric) -> Gain:
    value = _number(difference, f"the difference in {name}")
    rows = _rows(policy, name, difference)
    if policy.gate == "interval" and (difference.low is None or difference.high is None):
        raise UndecidedError(f"The difference in {name} has no interval{_why(difference)}.")
    if policy.higher_is_better:
        return Gain(value, rows, difference.low, difference.high)
    return Gain(-value, rows, _negative(difference.high), _negative(difference.low))


def _of_values(policy: Policy, measured: Measured) -> Gain:
    name, challenger, champion = measured.name, measured.challenger, measured.champion
    own, theirs = _number(challenger, name), _number(champion, f"{name} of the champion")
    rows, other_rows = _rows(policy, name, challenger), _rows(policy, name, champion)
    if rows != other_rows:
        raise UndecidedError(
            f"{name} was measured on {rows} rows of the challenger and {other_rows} of the "
            "champion: only the same rows can be compared."
        )
    if policy.gate == "interval":
        raise UndecidedError(
            f"No report has an interval of the difference in {name}, for gate='interval'."
        )
    return Gain(own - theirs if policy.higher_is_better else theirs - own, rows)


def _number(metric: Metric | None, what: str) -> float:
    if metric is None:
        raise UndecidedError(f"No report holds {what}.")
    if metric.value is None:
        raise UndecidedError(f"A report could not compute {what}{_why(metric)}.")
    return metric.value


def _rows(policy: Policy, name: str, metric: Metric | None) -> int:
    rows = None if metric is None else metric.rows
    if rows is None:
        raise UndecidedError(f"The report does not say on how many rows {name} was measured.")
    if rows < policy.least_rows:
        raise UndecidedError(
            f"{name} was measured on {rows} rows; {policy.least_rows} is the least to decide on."
        )
    return rows


def _why(metric: Metric) -> str:
    """The reason that a report gives for a number that is not there."""
    reason = metric.details.get("reason")
    return f": {reason}" if isinstance(reason, str) else ""


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
