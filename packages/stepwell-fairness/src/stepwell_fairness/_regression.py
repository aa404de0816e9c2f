"""No regression against the champion: group by group, on rows that neither model has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import Finding, Metric, Report

from stepwell_fairness._change import CHECK, Regression
from stepwell_fairness._definitions import RATES
from stepwell_fairness._pairs import Paired, Versions, count_pairs
from stepwell_fairness._policy import Policy
from stepwell_fairness._report import summary
from stepwell_fairness._versions import Counted, VersionCounts

if TYPE_CHECKING:
    import polars as pl

_REPORTED = ("selection_rate", "true_positive_rate", "accuracy_score")


def compare_with_champion(
    report: Report,
    champion: str,
    frame: pl.LazyFrame,
    counted: Counted,
    judged: Sequence[VersionCounts],
    policy: Policy,
) -> Report:
    """`report` with the changes from the champion to every judged version."""
    findings, metrics = list(report.findings), list(report.metrics)
    for version in judged:
        if version.version == champion:
            continue
        obstacle = _obstacle(counted, version, champion)
        if obstacle is None:
            versions = Versions(str(version.version), champion)
            paired = Paired.of(
                count_pairs(frame, counted.columns, versions),
                counted.columns,
                counted.labels,
                counted.groupings,
            )
            obstacle = _unequal(paired)
        if obstacle is not None:
            findings.append(_not_compared(obstacle, version, champion, policy))
            continue
        for regression in _regressions(paired, policy):
            metrics.extend(regression.metrics(versions))
            tolerance = policy.tolerances.get(regression.rate.name)
            if tolerance is not None:
                findings.append(regression.finding(tolerance, versions, policy))
    return Report(
        summary=summary(counted, findings),
        findings=tuple(findings),
        metrics=tuple(metrics),
        details=report.details,
    )
