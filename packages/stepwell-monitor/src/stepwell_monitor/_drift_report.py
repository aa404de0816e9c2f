"""From the drift of columns to findings: corrected for their number, and held to limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stepwell import Finding, Metric, Report
from stepwell_monitor._drift_columns import ColumnDrift
from stepwell_monitor._significance import Correction, adjusted

Outcome = Literal["drift", "no_drift", "no_data"]
Corrected = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class DriftPolicy:
    """What counts as drift: p-values up to `alpha`, distances beyond `at_most`."""

    alpha: float | None
    correction: Correction
    at_most: Mapping[str, float]


def report_of(
    drifts: Sequence[ColumnDrift], policy: DriftPolicy, model_version: str | None
) -> Report:
    """A finding and the metrics of each column."""
    corrected = _corrected(drifts, policy.correction)
    findings = tuple(_finding(drift, corrected, policy) for drift in drifts)
    outcomes = Counter(str(finding.details["outcome"]) for finding in findings)
    return Report(
        summary=f"{outcomes['drift']} of {len(drifts)} columns drifted, "
        f"{outcomes['no_data']} have no data.",
        findings=findings,
        metrics=tuple(m for drift in drifts for m in _metrics(drift, corrected, model_version)),
        details={
            "alpha": policy.alpha,
            "correction": policy.correction,
            "tests": len(corrected),
            "at_most": dict(policy.at_most),
        },
    )


def _corrected(drifts: Sequence[ColumnDrift], correction: Correction) -> Corrected:
    raw = {(d.column, test): p for d in drifts for test, p in d.p_values.items()}
    return dict(zip(raw, adjusted(list(raw.values()), correction), strict=True))


def _finding(drift: ColumnDrift, corrected: Corrected, policy: DriftPolicy) -> Finding:
    alarms = tuple(_alarms(drift, corrected, policy))
    outcome: Outcome = "no_data" if drift.no_data else ("drift" if alarms else "no_drift")
    failed = bool(alarms) or drift.unusable
    undecided = outcome == "no_data"
    return Finding(
        check="drift",
        verdict="failed" if failed else "warned" if undecided else "passed",
        message=_message(drift, alarms),
        columns=(drift.column,),
        rows=drift.rows,
        details={"outcome": outcome, "alarms": list(alarms)},
    )


def _alarms(drift: ColumnDrift, corrected: Corrected, policy: DriftPolicy) -> Iterator[str]:
    for test in drift.p_values:
        p_value = corrected[drift.column, test]
        if policy.alpha is not None and p_value <= policy.alpha:
            yield f"{test} (corrected p-value {p_value:.2g})"
    for distance, limit in policy.at_most.items():
        value = drift.statistics.get(distance)
        if value is not None and value > limit:
            yield f"{distance} ({value:.3f}, at most {limit:g} is allowed)"


def _message(drift: ColumnDrift, alarms: Sequence[str]) -> str:
    name = f"column {drift.column!r}"
    if drift.no_data and alarms:
        return f"No data for {name}: {drift.no_data}; it drifted by {', '.join(alarms)}."
    if drift.no_data:
        return f"No data for {name}: {drift.no_data}."
    if alarms:
        return f"Column {drift.column!r} drifted in {drift.rows:,} rows: {', '.join(alarms)}."
    return f"No drift of {name} in {drift.rows:,} rows."


def _metrics(
    drift: ColumnDrift, corrected: Corrected, model_version: str | None
) -> Iterator[Metric]:
    measured = dict(drift.statistics)
    if drift.rows:
        measured["missing_values"] = drift.missing / drift.rows
    for name, value in measured.items():
        tested = name in drift.p_values
        yield Metric(
            name=name,
            value=value,
            rows=drift.rows,
            model_version=model_version,
            group={"column": drift.column},
            details={
                "p_value": drift.p_values[name],
                "corrected_p_value": corrected[drift.column, name],
            }
            if tested
            else {},
        )
