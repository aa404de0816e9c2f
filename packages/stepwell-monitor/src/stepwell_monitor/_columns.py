"""Columns of datasets and predictions, and what kind of values they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from stepwell import DataError, Dataset, Model
from stepwell.authoring import did_you_mean

if TYPE_CHECKING:
    import polars as pl

VERSION = "model_version"
SEEN = "seen_in_training"
ACTUAL = "actual"
PREDICTION = "prediction"
PREDICTION_ID = "prediction_id"
PREDICTED_AT = "predicted_at"
SCORE = "score"
BOOKKEEPING = (VERSION, SEEN, PREDICTION_ID, PREDICTED_AT)

Kind = Literal["numeric", "categorical"]


def kind_of(dtype: Any) -> Kind | None:
    """Whether a column of this Polars type holds numbers or categories; None for other types."""
    import polars as pl

    if dtype.is_numeric():
        return "numeric"
    if dtype in (pl.String, pl.Boolean, pl.Categorical, pl.Enum):
        return "categorical"
    return None


def require(column: str, existing: Iterable[str], *, step: str, what: str) -> None:
    """Raise DataError, with the nearest name, if `column` does not exist."""
    names = list(existing)
    if column in names:
        return
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    raise DataError(
        f"{step}: {what} no column {column!r}.",
        hint=f"{near(column, names)}Columns: {', '.join(names[:20]) or 'none'}{more}.",
    )


def near(name: str, existing: Iterable[str]) -> str:
    """A sentence that proposes the nearest existing name, with a space behind it, or nothing."""
    proposal = did_you_mean(name, existing)
    return f"{proposal} " if proposal else ""


def score_columns(columns: Iterable[str], model: Model | None) -> tuple[str, ...]:
    """The columns of probabilities: `score`, or one `score_<class>` for each class of the model."""
    names = tuple(columns)
    if SCORE in names:
        return (SCORE,)
    classes = model.description.classes if model else None
    if classes:
        return tuple(c for c in (f"{SCORE}_{label}" for label in classes) if c in names)
    return tuple(column for column in names if column.startswith(f"{SCORE}_"))


def rows_of_model(predictions: Dataset, model: Model | None) -> pl.LazyFrame:
    """The rows that `model` predicted; all of them without a model, or if no column tells."""
    import polars as pl

    frame = predictions.lazy()
    if model is None or VERSION not in predictions.columns:
        return frame
    return frame.filter(pl.col(VERSION) == model.version)
