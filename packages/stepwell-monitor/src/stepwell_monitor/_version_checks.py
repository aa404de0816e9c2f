"""Checks of all predictions of a model version together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import Dataset, Finding, Metric, Model
from stepwell_monitor._columns import PREDICTION, VERSION
from stepwell_monitor._labels import positive_label

if TYPE_CHECKING:
    import polars as pl

Bounds = tuple[float, float]


@dataclass(frozen=True)
class VersionPredictions:
    """How often one model version made which prediction, and how many scores it gave."""

    version: str | None
    counts: dict[Any, int]
    scores: int | None

    @property
    def rows(self) -> int:
        """How many predictions there are."""
        return sum(self.counts.values())


def by_version(
    frame: pl.LazyFrame, schema: pl.Schema, score: str | None
) -> list[VersionPredictions]:
    """The predictions of every version; `score` names the column of scores, if there is one."""
    import polars as pl

    version = pl.col(VERSION).cast(pl.String) if VERSION in schema else pl.lit(None, pl.String)
    told = frame.select(
        version.alias("version"),
        pl.col(PREDICTION).alias("prediction"),
        (pl.col(score) if score else pl.lit(None)).alias("score"),
    )
    predictions = told.filter(pl.col("prediction").is_not_null())
    counted = Dataset.of(predictions.group_by("version", "prediction").agg(rows=pl.len()))
    scores = Dataset.of(told.group_by("version").agg(scores=pl.col("score").n_unique()))
    distinct = dict(scores.to_polars().select("version", "scores").iter_rows())
    found: dict[str | None, dict[Any, int]] = {version: {} for version in distinct}
    for name, prediction, rows in counted.to_polars().iter_rows():
        found[name][prediction] = rows
    return [
        VersionPredictions(name, counts, distinct[name] if score else None)
        for name, counts in sorted(found.items(), key=lambda item: str(item[0]))
    ]


def constant(made: VersionPredictions, minimum: int) -> Finding:
    """Whether a version says the same of every row.

    Equal scores fail. Equal predictions without scores may be of a common class, and few rows may
    be alike: both warn.
    """
    distinct = made.scores if made.scores is not None else len(made.counts)
    broken = made.scores is not None and made.rows >= minimum
    return Finding(
        check="predictions_differ",
        verdict="passed" if distinct > 1 else "failed" if broken else "warned",
        message=f"{_named(made)}: {distinct:,} different "
        f"{'scores' if made.scores is not None else 'predictions'} in {made.rows:,} rows.",
        columns=(PREDICTION,),
        rows=made.rows,
        details={"model_version": made.version},
    )


@dataclass(frozen=True)
class PositiveShare:
    """The share of favourable predictions of one model version."""

    made: VersionPredictions
    value: float | None

    @classmethod
    def of(cls, made: VersionPredictions, positive: Any) -> PositiveShare:
        """The share of `positive`; None without a prediction."""
        return cls(made, made.counts.get(positive, 0) / made.rows if made.rows else None)

    def metric(self) -> Metric:
        """The share as a metric."""
        return Metric(
            name="positive_share",
            value=self.value,
            rows=self.made.rows,
            model_version=self.made.version,
        )

    def finding(self, bounds: Bounds, minimum: int) -> Finding:
        """Whether the share lies within its bounds; too few rows are undecided."""
        low, high = bounds
        enough = self.made.rows >= minimum and self.value is not None
        within = self.value is not None and low <= self.value <= high
        said = "unknown" if self.value is None else f"{self.value:.3f}"
        few = "" if enough else f" Undecided: {minimum:,} rows are needed."
        return Finding(
            check="positive_share",
            verdict="warned" if not enough else "passed" if within else "failed",
            message=f"{_named(self.made)}: the share of favourable predictions is {said} in "
            f"{self.made.rows:,} rows; {low:g} to {high:g} is expected.{few}",
            columns=(PREDICTION,),
            rows=self.made.rows,
            details={"model_version": self.made.version},
        )


def positive_shares(
    made: list[VersionPredictions], predictions: Dataset, model: Model | None
) -> list[PositiveShare]:
    """The share of favourable predictions of every version."""
    labels = {label for version in made for label in version.counts}
    positive = positive_label(labels, predictions, model, step="Plausibility")
    return [PositiveShare.of(version, positive) for version in made]


def _named(made: VersionPredictions) -> str:
    return "The model" if made.version is None else f"Model {made.version}"
