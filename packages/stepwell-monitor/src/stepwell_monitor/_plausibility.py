"""The step `Plausibility`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field, field_validator

from stepwell import Dataset, Finding, Metric, Model, Report, Step
from stepwell_monitor._columns import PREDICTION, require, rows_of_model, score_columns
from stepwell_monitor._model_inputs import known_categories, of_inputs
from stepwell_monitor._row_checks import (
    ROW,
    RowCheck,
    evaluate,
    of_categories,
    of_nulls,
    of_predictions,
    of_ranges,
)
from stepwell_monitor._version_checks import by_version, constant, positive_shares

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class PlausibilityChecked:
    """What `Plausibility` produces: which predictions and inputs cannot be right."""

    report: Report


class Plausibility(Step):
    """Find predictions and inputs that cannot be right, whatever the truth turns out to be.

    Predictions are there, unique and not all the same; probabilities lie between 0 and 1; inputs
    are what the model knows, and within the ranges that a person sets. Findings have row numbers,
    counted from 0.
    """

    probability_columns: Sequence[str] | None = Field(
        default=None,
        description="Columns of probabilities. Default: 'score', or every 'score_<class>'.",
    )
    ranges: Mapping[str, tuple[float | None, float | None]] = Field(
        default={}, description="Smallest and largest number of a column; None for no bound."
    )
    categories: Mapping[str, Sequence[str | int | bool]] = Field(
        default={},
        description="All values that a column may hold. Default: the categories that the model "
        "knows.",
    )
    maximum_null_fraction: Mapping[str, float] = Field(
        default={}, description="Which part of a column may be missing, between 0 and 1."
    )
    positive_share: tuple[float, float] | None = Field(
        default=None, description="Bounds of the share of favourable predictions, of each model."
    )
    minimum_rows: int = Field(
        default=30,
        ge=2,
        description="Rows of a model that it takes to judge the share, or that all scores are the "
        "same.",
    )

    @field_validator("ranges")
    @classmethod
    def _bounds_in_order(
        cls, ranges: Mapping[str, tuple[float | None, float | None]]
    ) -> Mapping[str, tuple[float | None, float | None]]:
        for column, (low, high) in ranges.items():
            if low is not None and high is not None and low > high:
                raise ValueError(f"the range of {column!r} ends at {high:g}, before {low:g}")
        return ranges

    @field_validator("maximum_null_fraction")
    @classmethod
    def _fractions(cls, fractions: Mapping[str, float]) -> Mapping[str, float]:
        for column, fraction in fractions.items():
            if not 0 <= fraction <= 1:
                raise ValueError(f"the fraction of {column!r} is {fraction:g}; use 0.05 for 5 %")
        return fractions

    @field_validator("positive_share")
    @classmethod
    def _share(cls, share: tuple[float, float] | None) -> tuple[float, float] | None:
        if share is not None and not 0 <= share[0] <= share[1] <= 1:
            raise ValueError(f"{share[0]:g} to {share[1]:g} is no share; use (0.1, 0.9)")
        return share

    def run(self, *, predictions: Dataset, model: Model | None = None) -> PlausibilityChecked:
        """Check `predictions`; with `model`, its rows, and its inputs by what it knows of them."""
        predictions = Dataset.of(predictions)
        self._require_columns(predictions.columns)
        numbered = predictions.with_data(predictions.lazy().with_row_index(ROW))
        frame = rows_of_model(numbered, model)
        rows = len(Dataset.of(frame))
        if not rows:
            return PlausibilityChecked(_no_data(model))
        entries = [
            *of_inputs(model, predictions.schema),
            *evaluate(frame, self._row_checks(predictions.schema, model), rows),
            *self._of_versions(frame, predictions, model),
        ]
        findings = tuple(entry for entry in entries if isinstance(entry, Finding))
        wrong = sum(finding.verdict != "passed" for finding in findings)
        return PlausibilityChecked(
            Report(
                summary=f"{wrong} of {len(findings)} checks did not pass, in {rows:,} predictions.",
                findings=findings,
                metrics=tuple(entry for entry in entries if isinstance(entry, Metric)),
            )
        )

    def _row_checks(self, schema: pl.Schema, model: Model | None) -> list[RowCheck]:
        known = {**known_categories(model, schema), **self.categories}
        return [
            *of_predictions(schema, self._scores(schema, model), model),
            *of_ranges(self.ranges, schema),
            *of_categories(known, schema),
            *of_nulls(self.maximum_null_fraction, schema),
        ]

    def _of_versions(
        self, frame: pl.LazyFrame, predictions: Dataset, model: Model | None
    ) -> Iterator[Finding | Metric]:
        scores = self._scores(predictions.schema, model)
        made = by_version(frame, predictions.schema, scores[0] if scores else None)
        yield from (constant(version, self.minimum_rows) for version in made)
        if self.positive_share is None:
            return
        for share in positive_shares(made, predictions, model):
            yield share.metric()
            yield share.finding(self.positive_share, self.minimum_rows)

    def _scores(self, columns: Iterable[str], model: Model | None) -> Sequence[str]:
        if self.probability_columns is not None:
            return self.probability_columns
        return score_columns(columns, model)

    def _require_columns(self, columns: Sequence[str]) -> None:
        named = (
            *(self.probability_columns or ()),
            *self.ranges,
            *self.categories,
            *self.maximum_null_fraction,
        )
        for column in (PREDICTION, *named):
            require(column, columns, step="Plausibility", what="the predictions have")

    @classmethod
    def example(cls) -> tuple[Plausibility, dict[str, object]]:
        """A step with a range, and predictions of which one is not plausible."""
        import polars as pl

        rows = pl.DataFrame({"amount": [10.0, -5.0], "prediction": [1, 0], "score": [0.9, 0.2]})
        return cls(ranges={"amount": (0, 1e6)}), {"predictions": rows}


def _no_data(model: Model | None) -> Report:
    of = f" of model {model.version}" if model else ""
    finding = Finding(
        check="predictions_exist",
        verdict="warned",
        message=f"No data: there are no predictions{of}.",
        rows=0,
        details={"outcome": "no_data"},
    )
    return Report(summary="No data.", findings=(finding,))
