"""Scores of more rows than fit in memory: counted in 10,000 steps, with the error that this makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._columns import SCORE
from stepwell_evaluate._scores import EPSILON, BinaryScores

if TYPE_CHECKING:
    import polars as pl

STEPS = 10_000
_OTHER = "_of_other"  # what a loss is where the row is not of the class that is scored
COUNTED_LOSSES = ("log_loss", "brier_score", f"log_loss{_OTHER}", f"brier_score{_OTHER}")


def in_steps(rows: pl.LazyFrame, *, low: float, high: float) -> pl.LazyFrame:
    """Cells of rows that are equal but for less than a step between their scores.

    The score of a cell is the middle of the step; its losses are the means of its rows, so that
    `log_loss` and `brier_score` stay exact. Scores that are not finite stay what they are.
    """
    import polars as pl

    width = (high - low) / STEPS or 1.0
    score = pl.col(SCORE).cast(pl.Float64)
    step = ((score - low) / width).floor().clip(0, STEPS - 1)
    middle = pl.when(score.is_finite()).then(low + (step + 0.5) * width).otherwise(score)
    return rows.group_by("version", "actual", "prediction", middle.alias(SCORE)).agg(
        pl.len().cast(pl.Int64).alias("rows"),
        *(_weighted_mean(loss).alias(name) for name, loss in _losses(score).items()),
        pl.col("weight").mean(),
    )


def losses_counted(cells: pl.DataFrame, is_scored: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """The losses of cells that `in_steps` made; none for rows that were not counted."""
    if COUNTED_LOSSES[0] not in cells:
        return {}
    return {
        name: np.where(is_scored, cells[name].to_numpy(), cells[name + _OTHER].to_numpy())
        for name in COUNTED_LOSSES[:2]
    }


def error_bounds(sample: BinaryScores) -> dict[str, float]:
    """How far the metrics of counted scores can be from those of the scores themselves."""
    steps, cell_of = np.unique(-sample.score, return_inverse=True)
    weight = sample.rows * sample.weight
    of_class = np.bincount(cell_of, weight * sample.positive, minlength=len(steps))
    others = np.bincount(cell_of, weight * ~sample.positive, minlength=len(steps))
    found, passed = np.cumsum(of_class), np.cumsum(others)
    all_of_class, all_others = found[-1], passed[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Within a step, any order is possible: at best the class comes first, at worst last.
        best = np.nan_to_num(found / (found + passed - others))
        worst = np.nan_to_num((found - of_class) / (found - of_class + passed))
        return {
            "roc_auc": float((of_class * others).sum() / (2 * all_of_class * all_others)),
            "average_precision": float((of_class * (best - worst)).sum() / all_of_class),
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
