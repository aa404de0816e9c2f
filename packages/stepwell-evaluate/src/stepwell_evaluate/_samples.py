"""From rows to samples: what the metrics of one model, or of two on the same rows, are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stepwell_evaluate._classes import Classes
from stepwell_evaluate._columns import SCORE
from stepwell_evaluate._counted import COUNTED, is_counted, losses_of, tied
from stepwell_evaluate._labels import LabelSample
from stepwell_evaluate._numbers import NumberSample
from stepwell_evaluate._plan import Plan
from stepwell_evaluate._sample import Sample
from stepwell_evaluate._scores import BinaryScores, MulticlassScores, binary_losses

if TYPE_CHECKING:
    import polars as pl

CHAMPION = "_of_champion"
"""What the champion's columns end with, where its rows stand beside the challenger's."""


def coded(frame: pl.DataFrame, classes: Classes) -> pl.DataFrame:
    """The frame with classes as codes."""
    import polars as pl

    labels = [c for c in ("actual", "prediction", f"prediction{CHAMPION}") if c in frame]
    return frame.with_columns(pl.Series(name, classes.codes(frame[name])) for name in labels)


def samples(
    frame: pl.DataFrame, plan: Plan, suffixes: Sequence[str] = ("",)
) -> list[tuple[Sample, ...]]:
    """The samples that hold all metrics of the plan; in each, one sample for every suffix.

    A suffix tells the columns of one model from those of another. Rows are sorted, so that the
    same rows give the same intervals in any order.
    """
    made: list[tuple[Sample, ...]] = []
    if plan.on("labels"):
        made.append(_labels(frame, plan, suffixes))
    if plan.on("numbers"):
        made.append(_numbers(frame, plan, suffixes))
    if plan.on("scores") and has_scores(frame, plan, suffixes):
        made.append(_scores(frame, plan, suffixes))
    return made


def has_scores(frame: pl.DataFrame, plan: Plan, suffixes: Sequence[str] = ("",)) -> bool:
    """Whether every model came with the scores of every class."""
    columns = [score + suffix for suffix in suffixes for score in plan.scores]
    return all(column in frame and not frame[column].null_count() for column in columns)


def _labels(frame: pl.DataFrame, plan: Plan, suffixes: Sequence[str]) -> tuple[Sample, ...]:
    import polars as pl

    keys = ["actual", *(f"prediction{suffix}" for suffix in suffixes), "weight"]
    cells = frame.group_by(keys).agg(pl.col("rows").sum()).sort(keys)
    return tuple(
        LabelSample(
            rows=cells["rows"].to_numpy(),
            weight=cells["weight"].cast(pl.Float64).to_numpy(),
            actual=cells["actual"].to_numpy(),
            predicted=cells[f"prediction{suffix}"].to_numpy(),
            classes=len(plan.classes.labels),
            positive=plan.classes.positive,
            metrics=plan.on("labels"),
        )
        for suffix in suffixes
    )


def _numbers(frame: pl.DataFrame, plan: Plan, suffixes: Sequence[str]) -> tuple[Sample, ...]:
    rows = _sorted(frame, ["actual", *(f"prediction{suffix}" for suffix in suffixes)])
    return tuple(
        NumberSample(
            rows=rows["rows"].to_numpy(),
            weight=rows["weight"].to_numpy(),
            actual=rows["actual"].to_numpy(),
            predicted=rows[f"prediction{suffix}"].to_numpy(),
            metrics=plan.on("numbers"),
        )
        for suffix in suffixes
    )


def _scores(frame: pl.DataFrame, plan: Plan, suffixes: Sequence[str]) -> tuple[Sample, ...]:
    columns = [score + suffix for suffix in suffixes for score in plan.scores]
    rows = _sorted(frame, ["actual", *columns])
    made = _binary_scores if plan.task == "binary" else _multiclass_scores
    return tuple(made(rows, plan, suffix) for suffix in suffixes)


def _binary_scores(rows: pl.DataFrame, plan: Plan, suffix: str) -> Sample:
    classes = plan.classes
    score = rows[SCORE + suffix].to_numpy()
    actual = rows["actual"].to_numpy()
    is_scored = actual == _code(classes.scored)
    counted = is_counted(rows)
    losses = binary_losses(np.where(is_scored, score, 1 - score))
    return BinaryScores(
        rows=rows["rows"].to_numpy(),
        weight=rows["weight"].to_numpy(),
        positive=actual == _code(classes.positive),
        score=score if classes.positive == classes.scored else 1 - score,
        tied=tied(rows) if counted else np.ones(len(rows), dtype=np.bool_),
        metrics=plan.on("scores"),
        **(losses_of(rows, is_scored) if counted else losses),
    )


def _multiclass_scores(rows: pl.DataFrame, plan: Plan, suffix: str) -> Sample:
    return MulticlassScores(
        rows=rows["rows"].to_numpy(),
        weight=rows["weight"].to_numpy(),
        actual=rows["actual"].to_numpy().astype(np.intp),
        probabilities=rows.select(score + suffix for score in plan.scores).to_numpy(),
        metrics=plan.on("scores"),
    )


def _sorted(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """The columns as decimals, sorted by all of them."""
    import polars as pl

    keys = [*columns, "weight"]
    beside = [column for column in ("rows", *COUNTED) if column in frame]
    return frame.select(pl.col(keys).cast(pl.Float64), *beside).sort(keys)


def _code(known: int | None) -> int:
    return -1 if known is None else known
