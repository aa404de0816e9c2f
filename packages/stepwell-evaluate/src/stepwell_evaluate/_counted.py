"""Scores of very many rows: counted in 10,000 steps, with the error that this can make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._columns import SCORE
from stepwell_evaluate._scores import EPSILON, BinaryScores, Numbers

if TYPE_CHECKING:
    import polars as pl

STEPS = 10_000
_OTHER = "_of_other"  # what a loss is where the row is not of the class that is scored
_LOSSES = ("log_loss", "brier_score")
COUNTED = (*_LOSSES, *(loss + _OTHER for loss in _LOSSES), "least", "most")
"""The columns that cells have, and rows do not."""


def in_steps(rows: pl.LazyFrame, *, low: float, high: float) -> pl.LazyFrame:
    """Cells of rows that are equal but for less than a step between their scores.

    The score of a cell is the middle of the step; its losses are the means of its rows, so that
    `log_loss` and `brier_score` stay exact. The lowest and the highest score, and those that are
    not finite, stay what they are.
    """
    import polars as pl

    width = (high - low) / STEPS or 1.0
    score = pl.col(SCORE).cast(pl.Float64)
    step = ((score - low) / width).floor()
    # Many scores may be exactly the lowest or the highest: these ties are kept apart.
    within = score.is_finite() & (score > low) & (score < high)
    middle = pl.when(within).then(low + (step + 0.5) * width).otherwise(score)
    return rows.group_by("version", "actual", "prediction", middle.alias(SCORE)).agg(
        pl.len().cast(pl.Int64).alias("rows"),
        score.min().alias("least"),
        score.max().alias("most"),
        *(_weighted_mean(loss).alias(name) for name, loss in _losses(score).items()),
        pl.col("weight").mean(),
    )


def is_counted(rows: pl.DataFrame) -> bool:
    """Whether these are cells that `in_steps` made."""
    return set(COUNTED) <= set(rows.columns)


def losses_of(cells: pl.DataFrame, is_scored: NDArray[np.bool_]) -> dict[str, Numbers]:
    """The losses of cells; `is_scored` tells those of the class that is scored."""
    return {
        name: np.where(is_scored, cells[name].to_numpy(), cells[name + _OTHER].to_numpy())
        for name in _LOSSES
    }


def tied(cells: pl.DataFrame) -> NDArray[np.bool_]:
    """Whether all rows of a cell's step have the very same score, so that no order is lost."""
    import polars as pl

    same = pl.col("least").min().over(SCORE) == pl.col("most").max().over(SCORE)
    return cells.select(same.alias("same"))["same"].to_numpy()


def error_bounds(sample: BinaryScores) -> dict[str, float]:
    """How far the metrics of counted scores can be from those of the scores themselves."""
    steps, step_of = np.unique(-sample.score, return_inverse=True)
    weight = sample.rows * sample.weight
    of_class = np.bincount(step_of, weight * sample.positive, minlength=len(steps))
    others = np.bincount(step_of, weight * ~sample.positive, minlength=len(steps))
    lost = np.bincount(step_of, ~sample.tied, minlength=len(steps)) > 0
    found, passed = np.cumsum(of_class), np.cumsum(others)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Within a step, any order is possible: at best the class comes first, at worst last.
        best = np.nan_to_num(found / (found + passed - others))
        worst = np.nan_to_num((found - of_class) / (found - of_class + passed))
        doubtful_pairs = (of_class * others)[lost].sum()
        return {
            "roc_auc": float(doubtful_pairs / (2 * found[-1] * passed[-1])),
            "average_precision": float((of_class * (best - worst))[lost].sum() / found[-1]),
        }


def _losses(score: pl.Expr) -> dict[str, pl.Expr]:
    import polars as pl

    undefined = pl.lit(float("nan"))
    losses: dict[str, pl.Expr] = {}
    for suffix, probability in (("", score), (_OTHER, 1 - score)):
        surprise = -probability.clip(EPSILON, 1 - EPSILON).log()
        for name, loss in (("log_loss", surprise), ("brier_score", (1 - probability) ** 2)):
            is_probability = probability.is_between(0, 1)
            losses[name + suffix] = pl.when(is_probability).then(loss).otherwise(undefined)
    return losses


def _weighted_mean(loss: pl.Expr) -> pl.Expr:
    import polars as pl

    weight = pl.col("weight")
    weighted = (loss * weight).sum() / weight.sum()
    return pl.when(weight.sum() > 0).then(weighted).otherwise(loss.mean())


def can_be_counted(scores: Sequence[str]) -> bool:
    """Whether steps help: there is one score, that of a binary model."""
    return tuple(scores) == (SCORE,)
