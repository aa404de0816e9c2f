"""From samples to metrics: values, intervals, and the reason where there is no value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import JsonValue

from stepwell import Metric
from stepwell_evaluate._bootstrap import Bootstrap, Interval
from stepwell_evaluate._counted import error_bounds
from stepwell_evaluate._definitions import DEFINITIONS
from stepwell_evaluate._plan import Plan
from stepwell_evaluate._sample import Difference, Sample
from stepwell_evaluate._samples import CHAMPION, samples
from stepwell_evaluate._scores import BinaryScores

if TYPE_CHECKING:
    import polars as pl

USUAL_CONFIDENCE = 0.95


@dataclass
class Numbers:
    """What was computed of some rows, by the name of the metric."""

    values: dict[str, float] = field(default_factory=dict)
    intervals: dict[str, Interval] = field(default_factory=dict)
    details: dict[str, dict[str, JsonValue]] = field(default_factory=dict)

    def add(self, sample: Sample, bootstrap: Bootstrap) -> None:
        """Compute the metrics of `sample`."""
        self.values |= sample.value()
        self.intervals |= bootstrap.intervals(sample)

    def detail(self, key: str, values: Mapping[str, float]) -> None:
        """Note a further fact about some metrics."""
        for name, value in values.items():
            finite = value if math.isfinite(value) else None
            self.details.setdefault(name, {})[key] = finite


def measure(
    frame: pl.DataFrame, plan: Plan, bootstrap: Bootstrap, version: str | None
) -> list[Metric]:
    """The metrics of the plan for one model version."""
    numbers = Numbers()
    for (sample,) in samples(frame, plan):
        numbers.add(sample, bootstrap)
        if isinstance(sample, BinaryScores) and not sample.tied.all():
            numbers.detail("error_bound", error_bounds(sample))
    return _metrics(numbers, plan, bootstrap, rows=int(frame["rows"].sum()), version=version)


def compare(
    pairs: pl.DataFrame, plan: Plan, bootstrap: Bootstrap, *, challenger: str, champion: str
) -> list[Metric]:
    """Challenger minus champion, for each metric of the plan, on the same rows."""
    numbers = Numbers()
    for mine, theirs in samples(pairs, plan, ("", CHAMPION)):
        numbers.add(Difference.of(mine, theirs), bootstrap)
        numbers.detail("challenger", mine.value())
        numbers.detail("champion", theirs.value())
    return _metrics(numbers, plan, bootstrap, rows=len(pairs), version=challenger, against=champion)


def undecided(
    plan: Plan, reason: str, *, rows: int, challenger: str, champion: str
) -> list[Metric]:
    """The differences that could not be told, each with the reason."""
    return [
        Metric(
            name=name,
            value=None,
            rows=rows,
            model_version=challenger,
            against=champion,
            details={"reason": reason},
        )
        for name in plan.metrics
    ]


def _metrics(
    numbers: Numbers,
    plan: Plan,
    bootstrap: Bootstrap,
    *,
    rows: int,
    version: str | None,
    against: str | None = None,
) -> list[Metric]:
    return [
        Metric(
            name=name,
            value=_finite(numbers.values.get(name)),
            low=numbers.intervals.get(name, (None, None))[0],
            high=numbers.intervals.get(name, (None, None))[1],
            rows=rows,
            model_version=version,
            against=against,
            details=_details(name, numbers, plan, bootstrap),
        )
        for name in plan.metrics
    ]


def _details(name: str, numbers: Numbers, plan: Plan, bootstrap: Bootstrap) -> dict[str, JsonValue]:
    details = dict(numbers.details.get(name, {}))
    if name in numbers.intervals and bootstrap.confidence != USUAL_CONFIDENCE:
        details["confidence"] = bootstrap.confidence
    if _finite(numbers.values.get(name)) is None:
        details["reason"] = _reason(name, numbers, plan)
    return details


def _reason(name: str, numbers: Numbers, plan: Plan) -> str:
    if name not in numbers.values:
        return f"there are no scores in {', '.join(plan.scores)}"
    if plan.task == "binary" and plan.classes.positive is None:
        return "only one class is there, and which one is positive is not said"
    return DEFINITIONS[name].undefined


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
