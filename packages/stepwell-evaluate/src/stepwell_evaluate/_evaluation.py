"""How the report comes about: read, check, measure each version, compare, judge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import DataError, Dataset, Finding, Metric, Model, Report

from stepwell_evaluate._bootstrap import Bootstrap
from stepwell_evaluate._columns import Columns
from stepwell_evaluate._comparison import Comparison
from stepwell_evaluate._measured import measure
from stepwell_evaluate._plan import Plan, plan_for
from stepwell_evaluate._samples import coded
from stepwell_evaluate._summary import details, summary
from stepwell_evaluate._table import Count, Table, check, read
from stepwell_evaluate._thresholds import model as named
from stepwell_evaluate._thresholds import of_version, thresholds

if TYPE_CHECKING:
    from stepwell_evaluate._evaluate import Evaluate


def evaluated(
    step: Evaluate, predictions: Dataset, model: Model | None, champion: Model | None
) -> Report:
    """The report of `step` on these predictions."""
    columns = Columns.of(predictions, target=step.target)
    models = [one for one in (model, champion) if one is not None]
    if columns.version is None and models:
        raise DataError(
            "Evaluate: the predictions have no column 'model_version', so that it cannot be told "
            "which model made them.",
            hint="Predict writes it; without it, hand over neither 'model' nor 'champion'.",
        )
    table = read(predictions, columns, exact_rows=step.exact_rows)
    check(table, columns)
    plan = plan_for(step, predictions, columns, table, models)
    bootstrap = Bootstrap(step.bootstrap, step.confidence, step.seed)
    judged = _judged(table, model)
    metrics = _measured(table, plan, bootstrap, _ordered(table, judged, champion))
    comparison = Comparison(step, predictions, columns, table.counts, plan, bootstrap)
    found = [
        *_rows_findings(step, table, judged),
        *_threshold_findings(step, metrics, judged),
    ]
    if champion is not None:
        for version in judged:
            if version is not None and version != champion.version:
                differences, findings = comparison.between(version, champion.version)
                metrics += differences
                found += findings
    return Report(
        summary=summary(step, plan, metrics, found),
        findings=tuple(found),
        metrics=tuple(metrics),
        details=details(plan, table),
    )
