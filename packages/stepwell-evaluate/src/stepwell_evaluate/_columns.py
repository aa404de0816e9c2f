"""Which columns of a predictions table are needed, by the names that they have there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import ConfigurationError, DataError, Dataset
from stepwell.authoring import did_you_mean, listed
from stepwell_evaluate._classes import Label
from stepwell_evaluate._definitions import Task

if TYPE_CHECKING:
    import polars as pl

SCORE = "score"
SCORE_OF = "score_"


@dataclass(frozen=True)
class Columns:
    """Names of the columns that a predictions table has; None for an optional one that it lacks."""

    actual: str
    prediction: str
    scores: tuple[str, ...]
    weight: str | None
    version: str | None
    row: str | None
    seen: str | None

    @classmethod
    def of(cls, predictions: Dataset, *, target: str | None) -> Columns:
        """The columns of `predictions`; raises DataError for one that must be there and is not."""
        roles = predictions.roles
        actual = _existing(predictions, target or roles.target or "actual", "what really happened")
        weights = roles.columns("weight")
        if len(weights) > 1:
            raise ConfigurationError(
                f"Evaluate: {len(weights)} columns have the role 'weight': {', '.join(weights)}.",
                hint="Keep the role of the one that counts.",
            )
        return cls(
            actual=actual,
            prediction=_existing(predictions, "prediction", "what the model said"),
            scores=tuple(c for c in predictions.columns if c == SCORE or c.startswith(SCORE_OF)),
            weight=weights[0] if weights else None,
            version=_optional(predictions, "model_version"),
            row=_optional(predictions, "prediction_id"),
            seen=_optional(predictions, "seen_in_training"),
        )


def score_of(label: Label, scores: Collection[str]) -> str | None:
    """The column with the score of a class: `score_1`, also `score_1.0`; None if there is none."""
    named = [f"{SCORE_OF}{label}"]
    if isinstance(label, int) and not isinstance(label, bool):
        named.append(f"{SCORE_OF}{float(label)}")
    return next((name for name in named if name in scores), None)


def task_of(
    predicted: pl.DataType, scores: Collection[str], labels: Collection[Label] | None
) -> Task:
    """The task that the columns show.

    A column `score` says binary, and a column `score_<class>` for every label that was predicted
    multiclass. Without either, decimals are a regression, and two labels at most are binary.
    `labels` are those that were predicted, None if they are too many for classes.
    """
    if SCORE in scores:
        return "binary"
    if labels and all(score_of(label, scores) for label in labels):
        return "multiclass"
    if predicted.is_float():
        return "regression"
    return "multiclass" if labels is None or len(labels) > 2 else "binary"


def _existing(predictions: Dataset, column: str, meaning: str) -> str:
    if column in predictions.columns:
        return column
    columns = predictions.columns
    raise DataError(
        f"Evaluate: the predictions have no column {column!r} ({meaning}).",
        hint=f"{did_you_mean(column, columns)} Columns: {listed(columns, most=20)}.".strip(),
    )


def _optional(predictions: Dataset, column: str) -> str | None:
    return column if column in predictions.columns else None
