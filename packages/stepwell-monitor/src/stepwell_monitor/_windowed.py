"""Predictions by model version and window, as sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Dataset, Model
from stepwell_monitor._columns import (
    ACTUAL,
    PREDICTION,
    SCORE,
    SEEN,
    VERSION,
    kind_of,
    require,
    score_columns,
)
from stepwell_monitor._labels import positive_label
from stepwell_monitor._measures import Sums, Task
from stepwell_monitor._sums import Scoring, sums
from stepwell_monitor._windows import all_windows, start_of_window, time_column

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class VersionWindows:
    """One model version: the sums of all its rows, and of every window from its first to its last.

    A window without any row has no sums.
    """

    version: str | None
    total: Sums
    windows: Mapping[datetime, Sums | None]


@dataclass(frozen=True)
class Windowed:
    """Every model version by window; `timeless` rows have no time and are in no window."""

    task: Task
    scored: bool
    versions: Sequence[VersionWindows]
    timeless: int


def measured(
    predictions: Dataset, model: Model | None, *, window: str, when: str | None, task: Task | None
) -> Windowed:
    """The sums of every model version and window.

    Raises DataError for columns that are missing or do not fit together.
    """
    import polars as pl

    frame = _prepared(predictions, window, time_column(predictions, when))
    labels = _Labels.of(frame)
    task = task or (model.description.task if model else None) or labels.task(predictions.columns)
    scoring = _scoring(task, labels, predictions, model)
    for _, column in scoring.scores:
        _require_numbers(column, predictions.schema)
    totals = _collected(sums(frame, scoring, ["version"]))
    timed = frame.filter(pl.col("window").is_not_null())
    windows = _collected(sums(timed, scoring, ["version", "window"]))
    return Windowed(
        task=task,
        scored=bool(scoring.scores),
        versions=[_version(total, windows, window) for total in totals],
        timeless=sum(row["rows"] for row in totals) - sum(row["rows"] for row in windows),
    )


def _version(total: Sums, windows: Sequence[Sums], window: str) -> VersionWindows:
    own = {row["window"]: row for row in windows if row["version"] == total["version"]}
    starts = all_windows(min(own), max(own), window) if own else []
    return VersionWindows(total["version"], total, {start: own.get(start) for start in starts})


def _collected(frame: pl.LazyFrame) -> Sequence[Sums]:
    return Dataset.of(frame).to_polars().sort("version", nulls_last=True).to_dicts()


def _prepared(predictions: Dataset, window: str, when: str) -> pl.LazyFrame:
    """The columns under fixed names, without NaN and without rows that a model was trained on."""
    import polars as pl

    schema = predictions.schema
    actual = predictions.roles.target or ACTUAL
    for column in (actual, PREDICTION):
        require(column, schema, step="Performance", what="the predictions have")
    _require_same_kind(actual, schema)
    frame = predictions.lazy()
    if SEEN in schema:
        frame = frame.filter(pl.col(SEEN).ne_missing(True))
    version = pl.col(VERSION).cast(pl.String) if VERSION in schema else pl.lit(None, pl.String)
    return frame.select(
        version.alias("version"),
        start_of_window(when, schema[when], window).alias("window"),
        _plain(actual, schema).alias("actual"),
        _plain(PREDICTION, schema).alias("prediction"),
        *(_plain(c, schema) for c in score_columns(schema, None) if schema[c].is_numeric()),
    )


def _plain(column: str, schema: pl.Schema) -> pl.Expr:
    """Text as strings, true and false as 1 and 0, NaN as null."""
    import polars as pl

    dtype = schema[column]
    if dtype.is_float():
        return pl.col(column).fill_nan(None)
    if dtype == pl.Boolean:
        return pl.col(column).cast(pl.Int64)
    return pl.col(column).cast(pl.String) if kind_of(dtype) == "categorical" else pl.col(column)


def _require_same_kind(actual: str, schema: pl.Schema) -> None:
    import polars as pl

    text = [
        schema[column] in (pl.String, pl.Categorical, pl.Enum) for column in (actual, PREDICTION)
    ]
    if schema[actual] != pl.Null and text[0] != text[1]:
        raise DataError(
            f"Performance: column {actual!r} holds {schema[actual]} and {PREDICTION!r} "
            f"{schema[PREDICTION]}: one is text, the other is not.",
            hint="Give both the same type in an earlier step.",
        )


def _require_numbers(column: str, schema: pl.Schema) -> None:
    if not schema[column].is_numeric():
        raise DataError(
            f"Performance: column {column!r} holds {schema[column]}; scores are numbers.",
            hint="Cast it in an earlier step, or leave it out.",
        )


@dataclass(frozen=True)
class _Labels:
    """What was predicted and what happened; no `values` where predictions are decimals."""

    values: frozenset[Any]
    decimals: bool

    @classmethod
    def of(cls, frame: pl.LazyFrame) -> _Labels:
        import polars as pl

        schema = frame.collect_schema()
        decimals = schema["prediction"].is_float()
        both = [frame.select(pl.col(c).unique().alias("label")) for c in ("actual", "prediction")]
        found = Dataset.of(pl.concat(both, how="vertical_relaxed").unique()).to_polars()
        return cls(frozenset(found["label"].drop_nulls().to_list()), decimals)

    def task(self, columns: Sequence[str]) -> Task:
        """The task that the columns show."""
        if SCORE in columns:
            return "binary"
        if self.values and all(f"{SCORE}_{label}" in columns for label in self.values):
            return "multiclass"
        if self.decimals:
            return "regression"
        return "binary" if len(self.values) <= 2 else "multiclass"


def _scoring(task: Task, labels: _Labels, predictions: Dataset, model: Model | None) -> Scoring:
    if task == "regression":
        return Scoring(task)
    if task == "binary":
        positive = positive_label(labels.values, predictions, model, step="Performance")
        plain = int(positive) if isinstance(positive, bool) else positive
        return Scoring(task, plain, ((plain, SCORE),) if SCORE in predictions.columns else ())
    pairs = tuple((label, f"{SCORE}_{label}") for label in sorted(labels.values, key=str))
    complete = all(column in predictions.columns for _, column in pairs)
    return Scoring(task, scores=pairs if complete else ())
