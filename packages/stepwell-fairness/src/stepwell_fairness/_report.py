"""The report: rates of every group, how they compare, and whether limits hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from stepwell import Finding, Metric, Report
from stepwell_fairness._counts import Group
from stepwell_fairness._definitions import DISPARITIES, REPORTED_DISPARITIES
from stepwell_fairness._gates import judge
from stepwell_fairness._measure import measure
from stepwell_fairness._policy import Policy
from stepwell_fairness._versions import Counted, VersionCounts


def report_of(
    counted: Counted,
    judged: Sequence[VersionCounts],
    policy: Policy,
    changes: Iterable[Finding | Metric] = (),
) -> Report:
    """The report of all versions; limits apply to the `judged` ones.

    `changes` from the champion come last.
    """
    entries: list[Finding | Metric] = []
    for version in counted.versions.values():
        entries.extend(_of_version(version, counted.groupings, version in judged, policy))
    entries.extend(changes)
    findings = tuple(entry for entry in entries if isinstance(entry, Finding))
    return Report(
        summary=_summary(counted, findings),
        findings=findings,
        metrics=tuple(entry for entry in entries if isinstance(entry, Metric)),
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


def _summary(counted: Counted, findings: Sequence[Finding]) -> str:
    """One sentence: what was compared, and how many limits held."""
    outcomes = Counter(str(finding.details.get("outcome")) for finding in findings)
    told = [f"{outcomes[o]} {o}" for o in ("held", "violated", "undecided") if outcomes[o]]
    groups = ", ".join(" and ".join(by) for by in counted.groupings)
    versions = len(counted.versions)
    compared = f"{versions} model version{'s' if versions > 1 else ''} by {groups}"
    return f"{compared}: limits {', '.join(told)}." if told else f"{compared}: no limit is set."


def _of_version(
    version: VersionCounts, groupings: Sequence[Group], judged: bool, policy: Policy
) -> Iterator[Finding | Metric]:
    if judged and version.unpredicted:
        yield _unpredicted(version)
    yield from version.metrics(policy.confidence)
    for name in dict.fromkeys((*REPORTED_DISPARITIES, *policy.limits)):
        for by in groupings:
            measured = measure(DISPARITIES[name], version.groups[by], policy)
            yield version.disparity(measured, by)
            if judged and name in policy.limits:
                yield judge(measured, policy.limits[name], by, version.version, policy)


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
