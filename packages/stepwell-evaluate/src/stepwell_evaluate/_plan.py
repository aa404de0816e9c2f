"""What is to be measured: the task, its classes and the metrics."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError, Dataset, Model
from stepwell_evaluate._classes import Classes, binary_classes, few_labels, labels_in
from stepwell_evaluate._columns import SCORE, SCORE_OF, Columns, score_of, task_of
from stepwell_evaluate._definitions import DEFINITIONS, Basis, Task, defaults_for, problem_with
from stepwell_evaluate._table import Table, check_numbers

if TYPE_CHECKING:
    from stepwell_evaluate._evaluate import Evaluate


@dataclass(frozen=True)
class Plan:
    """What is measured: the task, its classes, the metrics, and the columns of scores for them."""

    task: Task
    classes: Classes
    scores: tuple[str, ...]
    metrics: tuple[str, ...]

    def on(self, basis: Basis) -> tuple[str, ...]:
        """The metrics that are computed from labels, from scores, or from numbers."""
        return tuple(name for name in self.metrics if DEFINITIONS[name].basis == basis)


def plan_for(
    step: Evaluate,
    predictions: Dataset,
    columns: Columns,
    table: Table,
    models: Iterable[Model],
) -> Plan:
    """What `step` measures in these predictions; raises if it cannot be measured in them."""
    models = tuple(models)
    task = step.task or _task_of_models(models) or _task_of_columns(columns, table)
    if step.positive is not None and task != "binary":
        raise ConfigurationError(
            f"Evaluate, field 'positive': only binary predictions have one; these are {task}."
        )
    if task == "regression":
        check_numbers(table, columns)
        classes = Classes(())
    else:
        classes = _classes(step, predictions, table, task, models)
    scores = _scores(task, classes, columns)
    return Plan(task, classes, scores, _metrics(step, task, scores, columns))


def _task_of_models(models: tuple[Model, ...]) -> Task | None:
    return next((m.description.task for m in models if m.description.task is not None), None)


def _task_of_columns(columns: Columns, table: Table) -> Task:
    predicted = table.frame["prediction"]
    return task_of(predicted.dtype, columns.scores, few_labels(predicted))


def _classes(
    step: Evaluate, predictions: Dataset, table: Table, task: Task, models: tuple[Model, ...]
) -> Classes:
    known = [label for model in models for label in model.description.classes or ()]
    labels = labels_in([table.frame["actual"], table.frame["prediction"]], known)
    if task == "multiclass" or not labels:
        return Classes(labels)
    favourable = predictions.roles.favourable
    if favourable is None:
        favourable = _first(model.description.favourable for model in models)
    return binary_classes(
        labels,
        positive=step.positive,
        favourable=favourable,
        last_of_model=_first((m.description.classes or (None,))[-1] for m in models),
    )


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def _scores(task: Task, classes: Classes, columns: Columns) -> tuple[str, ...]:
    """The columns that scores should be in, one for each class where there are several."""
    if task != "multiclass":
        return (SCORE,) if task == "binary" else ()
    return tuple(
        score_of(label, columns.scores) or f"{SCORE_OF}{label}" for label in classes.labels
    )


def _metrics(
    step: Evaluate, task: Task, scores: tuple[str, ...], columns: Columns
) -> tuple[str, ...]:
    for name in step.named:
        problem = problem_with(name, task)
        if problem:
            raise ConfigurationError(f"Evaluate: {problem}")
    missing = [score for score in scores if score not in columns.scores]
    if not missing:
        return tuple(dict.fromkeys([*(step.metrics or defaults_for(task)), *step.named]))
    for name in step.named:
        if DEFINITIONS[name].basis == "scores":
            raise DataError(
                f"Evaluate: {name} needs the column {missing[0]!r}, which the predictions lack.",
                hint=f"Columns of scores: {', '.join(columns.scores) or 'none'}.",
            )
    usual = [name for name in defaults_for(task) if DEFINITIONS[name].basis != "scores"]
    return tuple(dict.fromkeys([*(step.metrics or usual), *step.named]))
