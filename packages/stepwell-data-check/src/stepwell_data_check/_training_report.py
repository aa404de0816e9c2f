"""The findings on rows to train on. They hold counts and names of columns, and no value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from stepwell import DataError, Dataset, Finding, Report
from stepwell.authoring import did_you_mean, listed
from stepwell_data_check._features import NOT_LEARNT_FROM, TrainingFrame
from stepwell_data_check._leakage import leakage
from stepwell_data_check._shift import shifts

if TYPE_CHECKING:
    from stepwell_data_check._training import Check, Level, TrainingDataCheck

_LEVELS: dict[Check, Level] = {
    "target": "fail",
    "leakage": "fail",
    "duplicates": "warn",
    "rows_in_both": "warn",
    "identifiers_in_both": "fail",
    "constant": "warn",
    "near_constant": "warn",
    "classes": "warn",
    "groups": "warn",
    "drift": "warn",
    "future": "fail",
}

Found = tuple[str, Sequence[str], int | None]
"""What is wrong, in which columns, and with how many rows."""


def training_report(step: TrainingDataCheck, data: Dataset, holdout: Dataset | None) -> Report:
    """A finding for each thing that is wrong, and one for each check that found nothing."""
    frame, aside = _frame(step, data), None if holdout is None else holdout.to_polars()
    findings: list[Finding] = []
    for check, usual in _LEVELS.items():
        level = step.levels.get(check, usual)
        if level == "off" or not _applies(check, frame, data, aside):
            continue
        found = list(_wrong(check, step, frame, data, aside))
        findings += [_finding(check, level, one) for one in found] or [_passed(check)]
    return Report(findings=tuple(findings), summary=_summary(findings))


def _frame(step: TrainingDataCheck, data: Dataset) -> TrainingFrame:
    rows, target = data.to_polars(), step.target or data.roles.target
    if target is not None and target not in rows.columns:
        near = did_you_mean(target, rows.columns)
        raise DataError(
            f"The target {target!r} is no column.",
            hint=f"{near} Columns: {listed(rows.columns)}.".strip(),
        )
    left_out = {
        target,
        *(name for name in rows.columns if set(data.roles.of(name)) & NOT_LEARNT_FROM),
    }
    return TrainingFrame(rows, [name for name in rows.columns if name not in left_out], target)


def _applies(
    check: Check, frame: TrainingFrame, data: Dataset, holdout: pl.DataFrame | None
) -> bool:
    """Whether there is what the check looks at."""
    if check in ("target", "leakage"):
        return frame.target is not None
    if check == "classes":
        return frame.has_classes
    if check in ("rows_in_both", "drift"):
        return holdout is not None
    if check == "identifiers_in_both":
        return holdout is not None and bool(data.roles.columns("identifier"))
    if check == "groups":
        return bool(data.roles.columns("protected"))
    return check != "future" or bool(data.roles.columns("time"))


def _wrong(
    check: Check,
    step: TrainingDataCheck,
    frame: TrainingFrame,
    data: Dataset,
    holdout: pl.DataFrame | None,
) -> Iterator[Found]:
    if check == "target":
        yield from _missing_target(frame)
    elif check == "leakage":
        yield from _leaking(step, frame)
    elif check == "duplicates":
        yield from _duplicates(step, frame)
    elif check == "constant":
        yield from _constant(frame)
    elif check == "near_constant":
        yield from _near_constant(step, frame)
    elif check == "classes":
        yield from _rare_classes(step, frame)
    elif check == "groups":
        yield from _small_groups(step, frame, data.roles.columns("protected"))
    elif check == "future":
        yield from _future(step, frame, data.roles.columns("time"))
    elif holdout is not None and check == "drift":
        yield from _drifted(step, frame, holdout)
    elif holdout is not None:
        keys = data.roles.columns("identifier") if check == "identifiers_in_both" else ()
        yield from _in_both(step, frame, holdout, keys)


def _missing_target(frame: TrainingFrame) -> Iterator[Found]:
    assert frame.target is not None  # as `_applies` has it
    values = frame.rows[frame.target]
    missing = values.null_count() + (int(values.is_nan().sum()) if values.dtype.is_float() else 0)
    if missing:
        yield f"the target {frame.target!r} is missing", [frame.target], missing
    if not frame.rows.height:
        yield "there are no rows to train on", [], 0


def _leaking(step: TrainingDataCheck, frame: TrainingFrame) -> Iterator[Found]:
    assert frame.target is not None  # as `_applies` has it
    for name, share in leakage(frame):
        if share > step.leakage_at_most or share == 1:
            told = f"{name!r} alone takes away {share:.1%} of the uncertainty about the target"
            yield f"{told} {frame.target!r}; it may not be known before", [name], None


def _duplicates(step: TrainingDataCheck, frame: TrainingFrame) -> Iterator[Found]:
    rows = frame.rows.select(_names(frame))
    repeated = rows.height - rows.n_unique() if rows.width else 0
    if repeated > step.repeated_at_most * rows.height:
        yield "rows repeat others, identifiers left aside", [], repeated


def _in_both(
    step: TrainingDataCheck, frame: TrainingFrame, holdout: pl.DataFrame, keys: Sequence[str]
) -> Iterator[Found]:
    """Rows of the holdout that training has; with `keys`, those with the same identifier."""
    columns = [name for name in keys or _names(frame) if name in holdout.columns]
    if not columns:
        return
    shared = holdout.select(columns).join(
        frame.rows.select(columns), on=columns, how="semi", nulls_equal=not keys
    )
    if shared.height > (0 if keys else step.repeated_at_most * holdout.height):
        what = f"identifiers ({listed(columns)})" if keys else "rows, identifiers left aside,"
        yield f"{what} of the holdout are in training, too", list(keys), shared.height


def _names(frame: TrainingFrame) -> list[str]:
    return [*frame.features, *([] if frame.target is None else [frame.target])]


def _constant(frame: TrainingFrame) -> Iterator[Found]:
    for name in frame.features:
        if frame.rows.height and frame.rows[name].n_unique() == 1:
            yield f"{name!r} has the same value in every row", [name], None


def _near_constant(step: TrainingDataCheck, frame: TrainingFrame) -> Iterator[Found]:
    for name in frame.features:
        counts = frame.rows[name].value_counts()["count"]
        share = int(counts.max() or 0) / max(1, frame.rows.height)  # type: ignore[arg-type]  # counts
        if step.same_at_most < share < 1:
            yield f"{name!r} has the same value in {share:.2%} of the rows", [name], None


def _rare_classes(step: TrainingDataCheck, frame: TrainingFrame) -> Iterator[Found]:
    assert frame.target is not None  # as `_applies` has it
    counts = frame.rows[frame.target].drop_nulls().value_counts()["count"]
    if len(counts) == 1:
        yield f"the target {frame.target!r} has a single class", [frame.target], None
    rare = counts.filter(counts < step.rows_per_class)
    if len(rare):
        told = f"{len(rare)} of {len(counts)} classes of {frame.target!r} have fewer than"
        yield f"{told} {step.rows_per_class} rows", [frame.target], int(rare.sum())


def _small_groups(
    step: TrainingDataCheck, frame: TrainingFrame, protected: Sequence[str]
) -> Iterator[Found]:
    for name in protected:
        counts = frame.rows.group_by(name).len()["len"]
        small = counts.filter(counts < step.rows_per_group)
        if len(small):
            told = f"{len(small)} of {len(counts)} groups of {name!r} have fewer than"
            yield f"{told} {step.rows_per_group} rows", [name], int(small.sum())
        if frame.has_classes and frame.target is not None and name != frame.target:
            yield from _groups_without_a_class(frame, name, frame.target)


def _groups_without_a_class(frame: TrainingFrame, name: str, target: str) -> Iterator[Found]:
    classes = frame.rows[target].drop_nulls().n_unique()
    known = frame.rows.filter(pl.col(target).is_not_null()).group_by(name)
    seen = known.agg(classes=pl.col(target).n_unique(), rows=pl.len())
    lacking = seen.filter(pl.col("classes") < classes)
    if lacking.height:
        told = f"{lacking.height} of {seen.height} groups of {name!r} lack a class of {target!r}"
        yield told, [name, target], int(lacking["rows"].sum())


def _drifted(
    step: TrainingDataCheck, frame: TrainingFrame, holdout: pl.DataFrame
) -> Iterator[Found]:
    for name, index in shifts(frame, holdout):
        if index > step.drift_at_most:
            told = f"{name!r} is distributed otherwise in the holdout: its population stability"
            yield f"{told} index is {index:.3g}, at most {step.drift_at_most:g}", [name], None


def _future(step: TrainingDataCheck, frame: TrainingFrame, times: Sequence[str]) -> Iterator[Found]:
    last = datetime.now(UTC) if step.not_after is None else datetime.fromisoformat(step.not_after)
    last = last.astimezone(UTC).replace(tzinfo=None) if last.tzinfo else last
    for name in times:
        values = frame.rows[name]
        if not isinstance(values.dtype, pl.Date | pl.Datetime):
            continue
        if getattr(values.dtype, "time_zone", None):
            values = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        late = int((values.cast(pl.Datetime("us")) > last).sum())
        if late:
            yield f"{name!r} holds moments that have not come yet", [name], late


def _finding(check: Check, level: Level, found: Found) -> Finding:
    what, columns, rows = found
    counted = "" if rows is None else f" ({rows:,} row{'' if rows == 1 else 's'})"
    return Finding(
        check=check,
        verdict="failed" if level == "fail" else "warned",
        message=f"{what[0].upper()}{what[1:]}{counted}.",
        columns=tuple(columns),
        rows=rows,
    )


def _passed(check: Check) -> Finding:
    return Finding(check=check, verdict="passed", message=f"Nothing of {check!r} was found.")


def _summary(findings: Sequence[Finding]) -> str:
    wrong = [finding for finding in findings if finding.verdict != "passed"]
    checks = len({finding.check for finding in findings})
    return f"{checks} checks: {len(wrong)} finding{'' if len(wrong) == 1 else 's'}."
