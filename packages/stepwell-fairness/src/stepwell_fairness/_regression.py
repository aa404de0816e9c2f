"""No regression against the champion: group by group, on rows that neither model has seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepwell import Finding, Metric
from stepwell_fairness._change import CHECK, Regression
from stepwell_fairness._definitions import RATES
from stepwell_fairness._pairs import Paired, Versions, count_pairs
from stepwell_fairness._policy import Policy
from stepwell_fairness._versions import Counted, VersionCounts

if TYPE_CHECKING:
    import polars as pl

_REPORTED = ("selection_rate", "true_positive_rate", "accuracy_score")


def regressions(
    champion: str,
    frame: pl.LazyFrame,
    counted: Counted,
    judged: Sequence[VersionCounts],
    policy: Policy,
) -> Iterator[Finding | Metric]:
    """The changes from the champion to every judged version, and whether they are tolerated."""
    for version in judged:
        if version.version == champion:
            continue
        versions = Versions(str(version.version), champion)
        paired = _paired(frame, counted, versions)
        if isinstance(paired, str):
            yield _not_compared(paired, versions, policy)
        else:
            yield from _of_version(paired, versions, policy)


def _of_version(paired: Paired, versions: Versions, policy: Policy) -> Iterator[Finding | Metric]:
    for name in dict.fromkeys((*_REPORTED, *policy.tolerances)):
        for by, groups in paired.groups.items():
            regression = Regression.of(RATES[name], by, groups, policy)
            yield from regression.metrics(versions)
            if name in policy.tolerances:
                yield regression.finding(policy.tolerances[name], versions, policy)


def _paired(frame: pl.LazyFrame, counted: Counted, versions: Versions) -> Paired | str:
    """The rows that both models scored, or why there are none."""
    if versions.champion not in counted.versions:
        return f"the predictions hold no rows of the champion {versions.champion}"
    if counted.columns.row is None:
        return "no column 'prediction_id' tells which rows are the same"
    paired = Paired.of(
        count_pairs(frame, counted.columns, versions),
        counted.columns,
        counted.labels,
        counted.groupings,
    )
    if paired.unequal:
        return (
            f"{paired.unequal:,} rows that {versions.challenger} and the champion "
            f"{versions.champion} scored repeat their prediction_id or differ in groups or label"
        )
    return paired


def _not_compared(why: str, versions: Versions, policy: Policy) -> Finding:
    return Finding(
        check=CHECK,
        verdict="failed" if policy.tolerances else "warned",
        message=f"The groups cannot be compared with the champion: {why}. Undecided.",
        details={
            "outcome": "undecided",
            "model_version": versions.challenger,
            "against": versions.champion,
        },
    )
