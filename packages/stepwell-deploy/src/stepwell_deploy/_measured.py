"""What the reports measured of two models, found by the name of a metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from stepwell import Metric, Report

Side = Literal["challenger", "champion"]


@dataclass(frozen=True)
class Measured:
    """The metric that decides, of both models, and the paired difference between them.

    `steps` names the steps whose reports hold it, which should be one.
    """

    name: str
    challenger: Metric | None = None
    champion: Metric | None = None
    difference: Metric | None = None
    steps: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What was found, for the record."""
        found = (self.challenger, self.champion, self.difference)
        return tuple(metric for metric in found if metric is not None)

    def compared(self, side: Side) -> Metric | None:
        """The number of one model on the rows that both are compared on, where that is told."""
        if self.difference is not None:
            return paired(self.difference, side)
        return self.challenger if side == "challenger" else self.champion


def measured(
    better_on: str, *, model: str, champion: str | None, reports: Sequence[Report]
) -> Measured:
    """Look the metric up; `better_on` may name the step too, as in "evaluate.roc_auc".

    A report that compares both models on the same rows stands before those that measure each.
    """
    step, _, name = better_on.rpartition(".")
    asked = [report for report in reports if not step or report.step == step]
    measuring = [report for report in asked if report.metric(name, model_version=model)]
    comparing = [
        report
        for report in measuring
        if champion and report.metric(name, model_version=model, against=champion)
    ]
    holding = comparing or measuring
    if not holding:
        return Measured(name)
    report, steps = holding[0], tuple(one.step for one in holding)
    own = report.metric(name, model_version=model)
    if champion is None:
        return Measured(name, own, steps=steps)
    difference = report.metric(name, model_version=model, against=champion)
    theirs = report.metric(name, model_version=champion) or paired(difference, "champion")
    return Measured(name, own, theirs, difference, steps)


def paired(difference: Metric | None, side: Side) -> Metric | None:
    """The number of one model that a report tells beside a difference."""
    value = None if difference is None else difference.details.get(side)
    if difference is None or not isinstance(value, int | float):
        return None
    version = difference.model_version if side == "challenger" else difference.against
    return Metric(name=difference.name, value=value, rows=difference.rows, model_version=version)
