"""From sums to a report: metrics of every window, and whether limits hold in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist
from typing import Any, Literal

from stepwell import DataError, Finding, Metric, Report
from stepwell_monitor._columns import near
from stepwell_monitor._measures import MEASURES, Estimate, Measure, Sums, measures_of
from stepwell_monitor._windowed import VersionWindows, Windowed

_NEED_SCORES = ("roc_auc", "log_loss")
_SHOWN = 5


@dataclass(frozen=True)
class Limits:
    """Limits by metric, and what it takes to judge a window by them.

    `judged` is the version that they apply to; None for every version.
    """

    values: Mapping[str, float]
    gate: Literal["value", "interval"]
    minimum: int
    confidence: float
    window: str
    judged: str | None

    @property
    def standard_errors(self) -> float:
        """How many standard errors an interval reaches to either side."""
        return NormalDist().inv_cdf((1 + self.confidence) / 2)

    def keeps(self, measure: Measure, found: Estimate) -> bool | None:
        """Whether an estimate keeps the limit of its metric; None if nothing can be said."""
        limit, higher = self.values[measure.name], measure.better == "higher"
        judged = found.value
        if self.gate == "interval":
            judged = found.low if higher else found.high
        if judged is None:
            return None
        return judged >= limit - 1e-12 if higher else judged <= limit + 1e-12


def report_of(windowed: Windowed, metrics: Sequence[str] | None, limits: Limits) -> Report:
    """The metrics of every version and window, and a finding for each version and limit."""
    if not windowed.versions:
        return _no_data()
    names = _names(windowed, metrics, limits)
    entries: list[Finding | Metric] = [*_timeless(windowed)]
    for version in windowed.versions:
        entries.extend(_metrics(version, names, limits))
        if limits.judged in (None, version.version):
            entries.extend(_finding(version, MEASURES[name], limits) for name in limits.values)
    if limits.judged not in (None, *(version.version for version in windowed.versions)):
        entries.append(_nothing_judged(limits))
    labelled = sum(version.total["labelled"] for version in windowed.versions)
    rows = sum(version.total["rows"] for version in windowed.versions)
    return Report(
        summary=f"{labelled:,} of {rows:,} predictions have a label, in windows of "
        f"{limits.window}.",
        findings=tuple(entry for entry in entries if isinstance(entry, Finding)),
        metrics=tuple(entry for entry in entries if isinstance(entry, Metric)),
        details={"task": windowed.task, "window": limits.window, "gate": limits.gate},
    )


def _names(windowed: Windowed, metrics: Sequence[str] | None, limits: Limits) -> list[str]:
    """The metrics to measure. Raises DataError for one that the predictions do not allow."""
    existing = measures_of(windowed.task)
    possible = [name for name in existing if windowed.scored or name not in _NEED_SCORES]
    for name in (*(metrics or ()), *limits.values):
        if name not in existing:
            raise DataError(
                f"Performance: {name!r} is no metric of {windowed.task} predictions.",
                hint=f"{near(name, existing)}Metrics: {', '.join(possible)}; or set task=....",
            )
        if name not in possible:
            raise DataError(
                f"Performance: {name!r} needs scores, and the predictions have none.",
                hint=f"Metrics without them: {', '.join(possible)}.",
            )
    return list(dict.fromkeys((*(metrics or possible), *limits.values)))


def _metrics(version: VersionWindows, names: Sequence[str], limits: Limits) -> Iterator[Metric]:
    yield from _of_rows(version.total, names, limits, version.version, {})
    for start, sums in version.windows.items():
        group = {"window": _told(start)}
        yield from _of_rows(sums or _NOTHING, names, limits, version.version, group)


_NOTHING: Sums = {"rows": 0, "labelled": 0}


def _of_rows(
    sums: Sums,
    names: Sequence[str],
    limits: Limits,
    version: str | None,
    group: Mapping[str, str],
) -> Iterator[Metric]:
    rows, labelled = sums["rows"], sums["labelled"]
    common: dict[str, Any] = {"model_version": version, "group": group}
    share = labelled / rows if rows else None
    yield Metric(name="labelled_share", value=share, rows=rows, **common)
    for name in names:
        found = _estimate(MEASURES[name], sums, limits)
        yield Metric(
            name=name,
            value=found.value,
            low=found.low,
            high=found.high,
            rows=labelled,
            details={"confidence": limits.confidence},
            **common,
        )


def _estimate(measure: Measure, sums: Sums, limits: Limits) -> Estimate:
    if not sums["labelled"]:
        return Estimate(None)
    return measure.estimate(sums, limits.standard_errors)


def _finding(version: VersionWindows, measure: Measure, limits: Limits) -> Finding:
    """A limit in all windows of a version: broken, kept, or not to be told in some of them."""
    broken: list[datetime] = []
    unknown: list[datetime] = []
    for start, sums in version.windows.items():
        kept = None
        if sums is not None and sums["labelled"] >= limits.minimum:
            kept = limits.keeps(measure, _estimate(measure, sums, limits))
        if kept is None:
            unknown.append(start)
        elif not kept:
            broken.append(start)
    undecided = bool(unknown) or not version.windows
    return Finding(
        check=measure.name,
        verdict="failed" if broken else "warned" if undecided else "passed",
        message=_message(version, measure, limits, broken, unknown),
        columns=("actual", "prediction"),
        rows=version.total["labelled"],
        details={
            "outcome": "violated" if broken else "no_data" if undecided else "held",
            "model_version": version.version,
            "windows": len(version.windows),
            "violated": [_told(start) for start in broken],
            "no_data": [_told(start) for start in unknown],
        },
    )


def _message(
    version: VersionWindows,
    measure: Measure,
    limits: Limits,
    broken: Sequence[datetime],
    unknown: Sequence[datetime],
) -> str:
    of = f" of model {version.version}" if version.version else ""
    side = "at least" if measure.better == "higher" else "at most"
    sentences = [
        f"{measure.name}{of} must be {side} {limits.values[measure.name]:g}, for its {limits.gate}:"
        f" {len(broken)} of {len(version.windows)} windows of {limits.window} violate it"
        f"{_starts(broken)}."
    ]
    if unknown or not version.windows:
        sentences.append(
            f"{len(unknown)} of them have no data: fewer than {limits.minimum} labelled rows, or "
            f"an undefined value{_starts(unknown)}."
        )
    return " ".join(sentences)


def _starts(windows: Sequence[datetime]) -> str:
    """The first of these windows, in brackets."""
    if not windows:
        return ""
    shown = ", ".join(_told(start) for start in windows[:_SHOWN])
    return f" ({shown}{', …' if len(windows) > _SHOWN else ''})"


def _told(start: datetime) -> str:
    """A start of a window as text: the day alone at midnight."""
    midnight = not (start.hour or start.minute)
    return start.strftime("%Y-%m-%d" if midnight else "%Y-%m-%dT%H:%MZ")


def _timeless(windowed: Windowed) -> Iterator[Finding]:
    if windowed.timeless:
        yield Finding(
            check="every_row_has_a_time",
            verdict="warned",
            message=f"{windowed.timeless:,} rows have no time and are in no window.",
            rows=windowed.timeless,
        )


def _nothing_judged(limits: Limits) -> Finding:
    return Finding(
        check="predictions_exist",
        verdict="warned",
        message=f"No data: there are no predictions of model {limits.judged}.",
        rows=0,
        details={"outcome": "no_data"},
    )


def _no_data() -> Report:
    finding = Finding(
        check="predictions_exist",
        verdict="warned",
        message="No data: there are no predictions that the model was not trained on.",
        rows=0,
        details={"outcome": "no_data"},
    )
    return Report(summary="No data.", findings=(finding,))
