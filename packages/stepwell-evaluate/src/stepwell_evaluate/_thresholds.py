"""Thresholds: whether a metric, or its interval, is on the right side of a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from stepwell import Finding, Metric

Gate = Literal["value", "interval"]


@dataclass(frozen=True)
class Threshold:
    """The least or the most that a metric may be, of its value or of its whole interval."""

    metric: str
    bound: float
    side: Literal["at_least", "at_most"]
    gate: Gate

    def finding(self, metric: Metric, *, minimum_rows: int) -> Finding:
        """Whether `metric` keeps the threshold; what cannot be told has failed."""
        judged = self._judged(metric)
        doubt = _doubt(metric, judged, minimum_rows)
        kept = doubt is None and judged is not None and self._is_kept(judged)
        what = "the value" if self.gate == "value" else "the interval"
        message = (
            f"{_described(metric, self.bound)}: {what} must be {self.side.replace('_', ' ')} "
            f"{self.bound:g}{'' if doubt is None else f', and {doubt}'}."
        )
        return Finding(
            check=f"{self.metric} {self.side.replace('_', ' ')} {self.bound:g}",
            verdict="passed" if kept else "failed",
            message=message,
            rows=metric.rows,
            details={
                "metric": self.metric,
                self.side: self.bound,
                "gate": self.gate,
                "judged": judged,
                "model_version": metric.model_version,
                "undecided": doubt is not None,
            },
        )

    def _judged(self, metric: Metric) -> float | None:
        if self.gate == "value":
            return metric.value
        return metric.low if self.side == "at_least" else metric.high

    def _is_kept(self, judged: float) -> bool:
        return judged >= self.bound if self.side == "at_least" else judged <= self.bound


def thresholds(
    at_least: Mapping[str, float], at_most: Mapping[str, float], gate: Gate
) -> Iterator[Threshold]:
    """All thresholds, in the order in which they were written."""
    for name, bound in at_least.items():
        yield Threshold(name, bound, "at_least", gate)
    for name, bound in at_most.items():
        yield Threshold(name, bound, "at_most", gate)


def of_version(metrics: Iterable[Metric], name: str, version: str | None) -> Metric:
    """The metric of one model version, not a difference."""
    return next(
        metric
        for metric in metrics
        if (metric.name, metric.model_version, metric.against) == (name, version, None)
    )


def named(version: str | None) -> str:
    """A model version for a message."""
    return "the model" if version is None else f"model {version}"


def number(value: float | None, near: float | None = None) -> str:
    """A number in four digits, or in full where these would look equal to `near`."""
    if value is None:
        return "unknown"
    short = f"{value:.4g}"
    return repr(value) if near is not None and value != near and short == f"{near:.4g}" else short


def _described(metric: Metric, bound: float) -> str:
    whose = f"{metric.name} of {named(metric.model_version)}"
    if metric.value is None:
        return f"{whose} could not be computed ({metric.details.get('reason')})"
    value = number(metric.value, bound)
    if metric.low is None or metric.high is None:
        return f"{whose} is {value} on {metric.rows:,} rows, without an interval"
    confidence = 100 * float(str(metric.details.get("confidence", 0.95)))
    low, high = number(metric.low, bound), number(metric.high, bound)
    return f"{whose} is {value} on {metric.rows:,} rows ({confidence:g} % interval {low} to {high})"


def _doubt(metric: Metric, judged: float | None, minimum_rows: int) -> str | None:
    if (metric.rows or 0) < minimum_rows:
        return f"fewer than {minimum_rows} rows are too few to tell"
    return "that cannot be told" if judged is None else None
