"""The report: rates of every group, how they compare, and whether limits hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from stepwell import Finding, Metric, Report

from stepwell_fairness._counts import Group
from stepwell_fairness._definitions import DISPARITIES, REPORTED_DISPARITIES
from stepwell_fairness._gates import judge
from stepwell_fairness._measure import Measured, measure
from stepwell_fairness._policy import Policy
from stepwell_fairness._versions import Counted, VersionCounts


def report_of(counted: Counted, judged: Sequence[VersionCounts], policy: Policy) -> Report:
    """The report of all versions; limits apply to the `judged` ones."""
    findings: list[Finding] = []
    metrics: list[Metric] = []
    for version in counted.versions.values():
        limited = version in judged
        if limited and version.unpredicted:
            findings.append(_unpredicted(version))
        metrics.extend(version.metrics(policy.confidence))
        for by, measured in _disparities(version, counted.groupings, policy):
            metrics.append(version.disparity(measured, by))
            limit = policy.limits.get(measured.disparity.name)
            if limited and limit is not None:
                findings.append(judge(measured, limit, by, version.version, policy))
    return Report(
        summary=summary(counted, findings),
        findings=tuple(findings),
        metrics=tuple(metrics),
        details={
            "favourable": counted.labels.as_json(),
            "groups": [list(by) for by in counted.groupings],
            "minimum_group_size": policy.minimum,
            "gate": policy.gate,
            "confidence": policy.confidence,
            "intervals": "Wilson for rates; Newcombe for differences and Donner-Zou for ratios of "
            "groups, simultaneous over all pairs (Bonferroni); Newcombe's paired interval for "
            "changes from the champion",
            "left_out_as_seen_in_training": {
                str(version.version): version.seen for version in counted.versions.values()
            },
        },
    )


def summary(counted: Counted, findings: Sequence[Finding]) -> str:
    """One sentence: what was compared, and how many limits held."""
    outcomes = Counter(str(finding.details.get("outcome")) for finding in findings)
    told = [f"{outcomes[o]} {o}" for o in ("held", "violated", "undecided") if outcomes[o]]
    groups = ", ".join(" and ".join(by) for by in counted.groupings)
    versions = len(counted.versions)
    compared = f"{versions} model version{'s' if versions > 1 else ''} by {groups}"
    return f"{compared}: limits {', '.join(told)}." if told else f"{compared}: no limit is set."


def _disparities(
    version: VersionCounts, groupings: Sequence[Group], policy: Policy
) -> Iterator[tuple[Group, Measured]]:
    for name in dict.fromkeys((*REPORTED_DISPARITIES, *policy.limits)):
        for by in groupings:
            yield by, measure(
                DISPARITIES[name],
                version.groups[by],
                minimum=policy.minimum,
                confidence=policy.confidence,
            )


def _unpredicted(version: VersionCounts) -> Finding:
    return Finding(
        check="every_row_has_a_prediction",
        verdict="failed",
        message=f"{version.unpredicted:,} rows have no prediction: whom they concern is not known "
        "to be fair.",
        columns=("prediction",),
        rows=version.unpredicted,
        details={"outcome": "undecided", "model_version": version.version},
    )
