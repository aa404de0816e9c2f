"""How the report comes about: read, check, measure every version, judge, compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stepwell import DataError, Dataset, Finding, Metric, Model, Report
from stepwell_evaluate._bootstrap import Bootstrap
from stepwell_evaluate._columns import Columns
from stepwell_evaluate._comparison import Comparison
from stepwell_evaluate._measured import measure
from stepwell_evaluate._plan import Plan, plan_for
from stepwell_evaluate._samples import coded
from stepwell_evaluate._summary import details, summary
from stepwell_evaluate._table import Count, Table, check, check_scores, read
from stepwell_evaluate._thresholds import Threshold, named, of_version, thresholds

if TYPE_CHECKING:
    from stepwell_evaluate._evaluate import Evaluate

Version = str | None


def evaluated(
    step: Evaluate, predictions: Dataset, model: Model | None, champion: Model | None
) -> Report:
    """The report of `step` on these predictions."""
    models = [one for one in (model, champion) if one is not None]
    columns = _columns(step, predictions, models)
    table = read(predictions, columns, exact_rows=step.exact_rows)
    check(table, columns)
    plan = plan_for(step, predictions, columns, table, models)
    check_scores(table, plan.scores)
    if plan.task != "regression":
        table = replace(table, frame=coded(table.frame, plan.classes))
    bootstrap = Bootstrap(step.bootstrap, step.confidence, step.seed)

    judged = _judged(table, model, champion)
    bounds = tuple(thresholds(step.at_least, step.at_most, step.gate))
    metrics = list(_metrics(table, plan, bootstrap, judged))
    findings = [
        *_enough_rows(table, judged, step.minimum_rows),
        *_bounds_kept(bounds, metrics, judged, step.minimum_rows),
    ]
    if champion is not None:
        comparison = Comparison(
            predictions,
            columns,
            table.counts,
            plan,
            bootstrap,
            minimum_rows=step.minimum_rows,
            exact_rows=step.exact_rows,
        )
        for challenger in _challengers(judged, champion.version):
            differences, found = comparison.between(challenger, champion.version)
            metrics += differences
            findings += found
    return Report(
        summary=summary(plan, bounds, metrics, findings),
        findings=tuple(findings),
        metrics=tuple(metrics),
        details=details(plan, table),
    )


def _columns(step: Evaluate, predictions: Dataset, models: Sequence[Model]) -> Columns:
    columns = Columns.of(predictions, target=step.target)
    if columns.version is None and models:
        raise DataError(
            "Evaluate: the predictions have no column 'model_version', so that it cannot be told "
            "which model made them.",
            hint="Predict writes it. Without it, give neither 'model' nor 'champion'.",
        )
    return columns


def _judged(table: Table, model: Model | None, champion: Model | None) -> tuple[Version, ...]:
    """The versions that thresholds judge: the model, else the champion only if it is alone."""
    if model is not None:
        return (model.version,)
    others = [v for v in table.counts if champion is None or v != champion.version]
    return tuple(others or table.counts)


def _metrics(
    table: Table, plan: Plan, bootstrap: Bootstrap, judged: Sequence[Version]
) -> Iterator[Metric]:
    """The metrics of the judged versions, then those of all others."""
    for version in dict.fromkeys([*judged, *table.counts]):
        if table.counts.get(version, Count()).used:
            yield from measure(table.of(version), plan, bootstrap, version)
        else:
            yield from _nothing_measured(plan, version)


def _nothing_measured(plan: Plan, version: Version) -> Iterator[Metric]:
    reason = "there are no labelled rows that it was not trained on"
    for name in plan.metrics:
        yield Metric(
            name=name, value=None, rows=0, model_version=version, details={"reason": reason}
        )


def _enough_rows(table: Table, judged: Sequence[Version], minimum_rows: int) -> Iterator[Finding]:
    """How many rows count for each version; for a judged one, none is a failure."""
    if not judged:
        message = "The predictions hold no rows: nothing could be measured."
        yield Finding(check="labelled_rows", verdict="failed", message=message, rows=0)
    for version in dict.fromkeys([*judged, *table.counts]):
        count = table.counts.get(version, Count())
        few = count.used < minimum_rows
        if not few:
            verdict, conclusion = "passed", ""
        elif count.used or version not in judged:
            verdict, conclusion = "warned", f"; {minimum_rows:,} are the least to decide anything"
        else:
            instead = ". Put Split before Train, or score other rows" if count.seen else ""
            verdict, conclusion = "failed", f"; without any, nothing could be measured{instead}"
        seen = f", {count.seen:,} of them seen in training and left out" if count.seen else ""
        whose = named(version)
        yield Finding.model_validate(
            {
                "check": "labelled_rows",
                "verdict": verdict,
                "message": f"{whose[0].upper()}{whose[1:]}: {count.labelled:,} of {count.rows:,} "
                f"rows are labelled{seen}{conclusion}.",
                "rows": count.used,
                "details": {"model_version": version},
            }
        )


def _bounds_kept(
    bounds: Sequence[Threshold],
    metrics: Sequence[Metric],
    judged: Sequence[Version],
    minimum_rows: int,
) -> Iterator[Finding]:
    for version in judged:
        for bound in bounds:
            metric = of_version(metrics, bound.metric, version)
            yield bound.finding(metric, minimum_rows=minimum_rows)


def _challengers(judged: Sequence[Version], champion: str) -> Iterator[str]:
    for version in judged:
        if version is not None and version != champion:
            yield version
