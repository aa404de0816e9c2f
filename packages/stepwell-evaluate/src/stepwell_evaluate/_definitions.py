"""The metrics that there are: scikit-learn's, by the names of its scorers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
Basis = Literal["labels", "scores", "numbers"]

_CLASSIFICATION: tuple[Task, ...] = ("binary", "multiclass")
_ONE_CLASS = "only one class is among the actual values"
_NEVER_MISSING = "every row has weight 0"
_NO_PROBABILITIES = "the scores are no probabilities (between 0 and 1, over all classes 1)"
_CONSTANT = "all actual values are equal"


@dataclass(frozen=True)
class Definition:
    """What a metric is for, what it is computed from, and when it is undefined."""

    name: str
    basis: Basis
    tasks: tuple[Task, ...]
    undefined: str
    default_for: tuple[Task, ...] = ()
    higher_is_better: bool = True


def _definitions() -> Iterable[Definition]:
    for name, undefined in (
        ("accuracy", _NEVER_MISSING),
        ("balanced_accuracy", _ONE_CLASS),
        ("matthews_corrcoef", _ONE_CLASS),
    ):
        yield Definition(name, "labels", _CLASSIFICATION, undefined, _CLASSIFICATION)
    for name, undefined in (
        ("precision", "no row was predicted as the positive class"),
        ("recall", "no row is actually of the positive class"),
        ("f1", "the positive class neither occurs nor was it predicted"),
    ):
        yield Definition(name, "labels", ("binary",), undefined, ("binary",))
        for average in ("macro", "weighted"):
            yield Definition(
                f"{name}_{average}", "labels", _CLASSIFICATION, _NEVER_MISSING, ("multiclass",)
            )
    yield from _of_scores()
    yield from _of_numbers()


def _of_scores() -> Iterable[Definition]:
    binary, multiclass = _CLASSIFICATION[:1], _CLASSIFICATION[1:]
    missing_class = f"a class does not occur among the actual values, or {_NO_PROBABILITIES}"
    yield Definition("roc_auc", "scores", binary, _ONE_CLASS, binary)
    yield Definition("average_precision", "scores", binary, _ONE_CLASS, binary)
    yield Definition("roc_auc_ovr", "scores", multiclass, missing_class, multiclass)
    yield Definition("roc_auc_ovr_weighted", "scores", multiclass, missing_class)
    for name in ("log_loss", "brier_score"):
        yield Definition(name, "scores", _CLASSIFICATION, _NO_PROBABILITIES, _CLASSIFICATION, False)


def _of_numbers() -> Iterable[Definition]:
    only: tuple[Task, ...] = ("regression",)
    logarithm = "some values are -1 or less"
    yield Definition("r2", "numbers", only, _CONSTANT, only)
    yield Definition("explained_variance", "numbers", only, _CONSTANT)
    for name, undefined, default in (
        ("mean_absolute_error", _NEVER_MISSING, only),
        ("root_mean_squared_error", _NEVER_MISSING, only),
        ("median_absolute_error", _NEVER_MISSING, only),
        ("mean_absolute_percentage_error", "some actual values are 0", only),
        ("mean_squared_error", _NEVER_MISSING, ()),
        ("mean_squared_log_error", logarithm, ()),
        ("root_mean_squared_log_error", logarithm, ()),
    ):
        yield Definition(name, "numbers", only, undefined, default, False)


DEFINITIONS = {definition.name: definition for definition in _definitions()}

_KNOWN_AS = {
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "brier": "brier_score",
    "cross_entropy": "log_loss",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "medae": "median_absolute_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_log_error",
    "pr_auc": "average_precision",
    "rmse": "root_mean_squared_error",
    "rmsle": "root_mean_squared_log_error",
    "sensitivity": "recall",
}


def names_for(task: Task) -> tuple[str, ...]:
    """The metrics that exist for a task."""
    return tuple(name for name, one in DEFINITIONS.items() if task in one.tasks)


def defaults_for(task: Task) -> tuple[str, ...]:
    """The metrics that are measured when none are named."""
    return tuple(name for name, one in DEFINITIONS.items() if task in one.default_for)


def problem_with(name: str, task: Task | None = None) -> str | None:
    """What is wrong with a metric of this name (for this task), as a sentence; None if nothing."""
    if name not in DEFINITIONS:
        near = _KNOWN_AS.get(name.lower()) or _nearest(name, DEFINITIONS)
        exist = names_for(task) if task else tuple(DEFINITIONS)
        proposal = f"Did you mean {near!r}?" if near else f"Metrics: {', '.join(exist)}."
        return f"there is no metric {name!r}. {proposal}"
    tasks = DEFINITIONS[name].tasks
    if task is None or task in tasks:
        return None
    near = _nearest(name, names_for(task))
    proposal = f"Did you mean {near!r}?" if near else f"Metrics: {', '.join(names_for(task))}."
    return (
        f"{name!r} is a metric of {' and '.join(tasks)} predictions, these are {task}. {proposal}"
    )


def _nearest(name: str, existing: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name, list(existing), n=1, cutoff=0.6)), None)
