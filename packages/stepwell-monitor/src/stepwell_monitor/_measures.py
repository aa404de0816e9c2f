"""Metrics from sums over the labelled rows of a window: scikit-learn's, with intervals.

Shares have Wilson's interval, means of a loss that of the normal distribution, and the area under
the curve DeLong's (Biometrics 44, 1988); where that has no width, as with perfect scores, Wilson's
for as many rows as the rarer class has. r2 has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Literal

from stepwell_monitor._columns import near

Task = Literal["binary", "multiclass", "regression"]
Sums = Mapping[str, Any]


@dataclass(frozen=True)
class Estimate:
    """A value with its interval; None where it is not defined."""

    value: float | None
    low: float | None = None
    high: float | None = None


_UNDEFINED = Estimate(None)


@dataclass(frozen=True)
class Measure:
    """A metric: of which tasks, whether more is better, and how it follows from sums."""

    name: str
    tasks: tuple[Task, ...]
    better: Literal["higher", "lower"]
    estimate: Callable[[Sums, float], Estimate]


def _share(part: float, whole: float, z: float) -> Estimate:
    if not whole:
        return _UNDEFINED
    p, spread = part / whole, z * z / whole
    centre = (p + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * sqrt(p * (1 - p) / whole + spread / (4 * whole))
    return Estimate(p, max(0.0, min(centre - reach, p)), min(1.0, max(centre + reach, p)))


def _accuracy(sums: Sums, z: float) -> Estimate:
    return _share(sums["right"], sums["labelled"], z)


def _precision(sums: Sums, z: float) -> Estimate:
    return _share(sums["true_positives"], sums["predicted_positives"], z)


def _recall(sums: Sums, z: float) -> Estimate:
    return _share(sums["true_positives"], sums["positives"], z)


def _f1(sums: Sums, z: float) -> Estimate:
    """F1 grows with the share of true positives among all rows that are positive in any way."""
    both = sums["true_positives"]
    either = sums["positives"] + sums["predicted_positives"] - both
    overlap = _share(both, either, z)
    return _mapped(overlap, lambda share: 2 * share / (1 + share))


def _roc_auc(sums: Sums, z: float) -> Estimate:
    area = sums["auc"]
    if area is None:
        return _UNDEFINED
    positives, negatives = sums["scored_positives"], sums["scored_negatives"]
    spreads = sums["auc_variance_of_positives"], sums["auc_variance_of_negatives"]
    if None in spreads or not any(spreads):
        pairs = min(positives, negatives)
        return _share(area * pairs, pairs, z)
    reach = z * sqrt(spreads[0] / positives + spreads[1] / negatives)
    return Estimate(area, max(0.0, area - reach), min(1.0, area + reach))


def _mean(name: str) -> Callable[[Sums, float], Estimate]:
    def estimate(sums: Sums, z: float) -> Estimate:
        mean, spread, rows = sums[name], sums[f"{name}_deviation"], sums[f"{name}_rows"]
        if mean is None or spread is None:
            return Estimate(mean)
        reach = z * spread / sqrt(rows)
        return Estimate(mean, max(0.0, mean - reach), mean + reach)

    return estimate


def _root_mean_squared_error(sums: Sums, z: float) -> Estimate:
    return _mapped(_mean("squared_error")(sums, z), sqrt)


def _r2(sums: Sums, _z: float) -> Estimate:
    residual, total = sums["squared_error"], sums["actual_variance"]
    return Estimate(1 - residual / total) if residual is not None and total else _UNDEFINED


def _mapped(found: Estimate, function: Callable[[float], float]) -> Estimate:
    values = (found.value, found.low, found.high)
    return Estimate(*(None if value is None else function(value) for value in values))


MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("accuracy", ("binary", "multiclass"), "higher", _accuracy),
        Measure("precision", ("binary",), "higher", _precision),
        Measure("recall", ("binary",), "higher", _recall),
        Measure("f1", ("binary",), "higher", _f1),
        Measure("roc_auc", ("binary",), "higher", _roc_auc),
        Measure("log_loss", ("binary", "multiclass"), "lower", _mean("log_loss")),
        Measure("mean_absolute_error", ("regression",), "lower", _mean("absolute_error")),
        Measure("root_mean_squared_error", ("regression",), "lower", _root_mean_squared_error),
        Measure("r2", ("regression",), "higher", _r2),
    )
}


def measures_of(task: Task) -> tuple[str, ...]:
    """The metrics of a task."""
    return tuple(name for name, measure in MEASURES.items() if task in measure.tasks)


def check_metrics(given: Iterable[str] | None, *, limit: str | None) -> None:
    """Raise ValueError for a metric that does not exist, or with the wrong kind of `limit`."""
    for name in given or ():
        if name not in MEASURES:
            raise ValueError(
                f"there is no metric {name!r}. {near(name, MEASURES)}Metrics: {', '.join(MEASURES)}"
            )
        wrong = {"at_least": "lower", "at_most": "higher"}.get(limit or "")
        if wrong == MEASURES[name].better:
            other = {"at_least": "at_most", "at_most": "at_least"}[limit or ""]
            raise ValueError(f"{name!r} is better when {wrong}: move it to {other}")
