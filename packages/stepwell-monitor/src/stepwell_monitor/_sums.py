"""The sums that metrics follow from, of each model version and window, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell_monitor._measures import Task

if TYPE_CHECKING:
    import polars as pl

_SMALLEST = 2.220446049250313e-16


@dataclass(frozen=True)
class Scoring:
    """How predictions become numbers.

    `positive` is the favourable label of a binary task; `scores` are pairs of a label and the
    column of its probability, or none.
    """

    task: Task
    positive: Any = None
    scores: tuple[tuple[Any, str], ...] = ()

    @property
    def ranked(self) -> bool:
        """Whether there are scores of the favourable label."""
        return self.task == "binary" and bool(self.scores)


def sums(frame: pl.LazyFrame, scoring: Scoring, keys: Sequence[str]) -> pl.LazyFrame:
    """The sums for each combination of `keys`.

    `frame` has the columns `actual` and `prediction` besides the keys and the scores. Only rows
    with a label count, except for `rows`.
    """
    import polars as pl

    known = pl.col("actual").is_not_null()
    aggregates = [pl.len().alias("rows"), known.sum().alias("labelled")]
    if scoring.task == "regression":
        error = pl.col("prediction") - pl.col("actual")
        frame = frame.with_columns(absolute_error=error.abs(), squared_error=error**2)
        aggregates += [*_mean("absolute_error"), *_mean("squared_error")]
        aggregates.append(
            pl.col("actual").filter(error.is_not_null()).var(0).alias("actual_variance")
        )
        return frame.group_by(keys).agg(aggregates)
    aggregates.append((pl.col("actual") == pl.col("prediction")).sum().alias("right"))
    if scoring.scores:
        frame = frame.with_columns(log_loss=_log_loss(scoring))
        aggregates += _mean("log_loss")
    if scoring.task == "multiclass":
        return frame.group_by(keys).agg(aggregates)
    frame = frame.with_columns(
        positive=pl.col("actual") == scoring.positive,
        selected=known & (pl.col("prediction") == scoring.positive).fill_null(False),
    )
    aggregates += _of_decisions()
    if scoring.ranked:
        frame = _with_placements(frame, scoring.scores[0][1], keys)
        aggregates += _of_ranks()
    return frame.group_by(keys).agg(aggregates)


def _mean(name: str) -> list[pl.Expr]:
    import polars as pl

    column = pl.col(name)
    return [
        column.mean(),
        column.std().alias(f"{name}_deviation"),
        column.count().alias(f"{name}_rows"),
    ]


def _log_loss(scoring: Scoring) -> pl.Expr:
    """The logarithmic loss of a row; null without a label or a probability."""
    import polars as pl

    of_actual = pl.lit(None, pl.Float64)
    for label, column in scoring.scores:
        of_actual = pl.when(pl.col("actual") == label).then(pl.col(column)).otherwise(of_actual)
    if scoring.task == "binary":
        _, column = scoring.scores[0]
        other = pl.col("actual").is_not_null() & (pl.col("actual") != scoring.positive)
        of_actual = pl.when(other).then(1 - pl.col(column)).otherwise(of_actual)
    probable = pl.when(of_actual.is_between(0, 1)).then(of_actual)
    return -probable.clip(_SMALLEST, 1 - _SMALLEST).log()


def _of_decisions() -> list[pl.Expr]:
    import polars as pl

    positive, selected = pl.col("positive"), pl.col("selected")
    return [
        positive.sum().alias("positives"),
        selected.sum().alias("predicted_positives"),
        (positive & selected).sum().alias("true_positives"),
    ]


def _with_placements(frame: pl.LazyFrame, score: str, keys: Sequence[str]) -> pl.LazyFrame:
    """`placement`: of how many rows of the other class the score is higher, ties for a half."""
    import polars as pl

    usable = pl.when(pl.col("positive").is_not_null()).then(pl.col(score))
    frame = frame.with_columns(usable=usable)
    among_all = pl.col("usable").rank("average").over(keys)
    among_own = pl.col("usable").rank("average").over([*keys, "positive"])
    return frame.with_columns(placement=among_all - among_own)


def _of_ranks() -> list[pl.Expr]:
    import polars as pl

    positive, placement = pl.col("positive"), pl.col("placement")
    of_positives, of_negatives = placement.filter(positive), placement.filter(~positive)
    positives, negatives = of_positives.count(), of_negatives.count()
    defined = (positives > 0) & (negatives > 0)
    return [
        positives.alias("scored_positives"),
        negatives.alias("scored_negatives"),
        pl.when(defined).then(of_positives.mean() / negatives).alias("auc"),
        pl.when(defined).then(of_positives.var() / negatives**2).alias("auc_variance_of_positives"),
        pl.when(defined).then(of_negatives.var() / positives**2).alias("auc_variance_of_negatives"),
    ]
