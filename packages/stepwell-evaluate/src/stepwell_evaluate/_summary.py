"""The report in a sentence, and the counts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import JsonValue

from stepwell import Finding, Metric
from stepwell_evaluate._plan import Plan
from stepwell_evaluate._table import Count, Table
from stepwell_evaluate._thresholds import Threshold, named, number

if TYPE_CHECKING:
    import polars as pl

_MOST_CLASSES = 20  # that a confusion matrix is written down for
_TELLING = ("roc_auc", "roc_auc_ovr", "r2")  # what is told of a model, where no threshold says so


def summary(
    plan: Plan,
    thresholds: Sequence[Threshold],
    metrics: Sequence[Metric],
    findings: Sequence[Finding],
) -> str:
    """The most telling metric of every version, and how many thresholds held."""
    telling = _telling(plan, thresholds)
    parts = [_told(metric) for metric in metrics if metric.name == telling]
    judged = [finding for finding in findings if "gate" in finding.details]
    if judged:
        held = sum(finding.verdict == "passed" for finding in judged)
        parts.append(f"{held} of {len(judged)} thresholds hold")
    return "; ".join(parts) or "Nothing was measured"


def details(plan: Plan, table: Table) -> dict[str, JsonValue]:
    """The task, its classes, and how many rows of each version were counted."""
    classes = plan.classes
    few = len(classes.labels) <= _MOST_CLASSES
    return {
        "task": plan.task,
        "classes": list(classes.labels) if few else len(classes.labels),
        "positive": None if classes.positive is None else classes.labels[classes.positive],
        "versions": [
            _counts(version, count, table.of(version), plan)
            for version, count in table.counts.items()
        ],
    }


def _telling(plan: Plan, thresholds: Sequence[Threshold]) -> str:
    if thresholds:
        return thresholds[0].metric
    return next((name for name in _TELLING if name in plan.metrics), plan.metrics[0])


def _told(metric: Metric) -> str:
    interval = ""
    if metric.low is not None and metric.high is not None:
        interval = f" ({number(metric.low)} to {number(metric.high)})"
    if metric.against is not None:
        sign = "+" if (metric.value or 0) > 0 else ""
        return f"{sign}{number(metric.value)}{interval} against champion {metric.against}"
    rows = f" on {metric.rows:,} rows" if metric.rows is not None else ""
    return f"{metric.name} {number(metric.value)}{interval} of {named(metric.model_version)}{rows}"


def _counts(
    version: str | None, count: Count, frame: pl.DataFrame, plan: Plan
) -> dict[str, JsonValue]:
    counts: dict[str, JsonValue] = {
        "model_version": version,
        "rows": count.rows,
        "labelled": count.labelled,
        "seen_in_training": count.seen,
        "measured": count.used,
    }
    if plan.task != "regression" and len(plan.classes.labels) <= _MOST_CLASSES:
        counts["confusion_matrix"] = _confusion_matrix(frame, len(plan.classes.labels))
    return counts


def _confusion_matrix(frame: pl.DataFrame, classes: int) -> JsonValue:
    """Numbers of rows: a list for each actual class, in it a number for each predicted one."""
    import polars as pl

    counted = frame.group_by("actual", "prediction").agg(pl.col("rows").sum())
    matrix = [[0] * classes for _ in range(classes)]
    for actual, predicted, rows in counted.iter_rows():
        matrix[actual][predicted] = rows
    return [list[JsonValue](row) for row in matrix]
