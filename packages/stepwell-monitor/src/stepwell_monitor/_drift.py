"""The step `Drift`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from stepwell import Dataset, Model, Report, Step
from stepwell_monitor._columns import near
from stepwell_monitor._profile import DataProfile

DISTANCES = ("population_stability_index", "wasserstein", "jensen_shannon")
_KNOWN_AS = {"psi": DISTANCES[0], "earth_mover": DISTANCES[1], "emd": DISTANCES[1]}


@dataclass(frozen=True)
class DriftMeasured:
    """What `Drift` produces: how far each column is from its profile, and whether that is drift."""

    report: Report


class Drift(Step):
    """Tell which columns are distributed otherwise than in the reference data.

    Numbers are compared with the Kolmogorov-Smirnov test, categories with chi-squared, and the
    share of missing values as well; p-values are corrected for the number of tests. Too few values
    are "no data", which is neither drift nor its absence.
    """

    columns: Sequence[str] | None = Field(
        default=None, description="Columns to compare. Default: all that the profile knows."
    )
    alpha: float | None = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="The rate of false alarms, over all columns together. None: `at_most` decides.",
    )
    correction: Literal["benjamini_hochberg", "bonferroni"] = Field(
        default="benjamini_hochberg",
        description="Benjamini-Hochberg bounds the share of false alarms among the alarms; "
        "Bonferroni, which sees less, the chance of any false alarm.",
    )
    at_most: Mapping[str, float] = Field(
        default={},
        description="Limits of 'population_stability_index', 'wasserstein' (in standard deviations "
        "of the reference) and 'jensen_shannon', for every column.",
    )
    minimum_rows: int = Field(
        default=50, ge=2, description="Values that a column needs, then and now, to be compared."
    )

    @field_validator("at_most")
    @classmethod
    def _known_distances(cls, limits: Mapping[str, float]) -> Mapping[str, float]:
        for name, limit in limits.items():
            if name not in DISTANCES:
                proposal = near(_KNOWN_AS.get(name.casefold(), name), DISTANCES)
                raise ValueError(
                    f"there is no distance {name!r}. {proposal}Distances: {', '.join(DISTANCES)}"
                )
            if limit < 0:
                raise ValueError(f"the limit of {name!r} is {limit:g}; distances start at 0")
        return limits

    @model_validator(mode="after")
    def _something_decides(self) -> Self:
        if self.alpha is None and not self.at_most:
            raise ValueError("without alpha, at_most has to say what drift is")
        return self

    def run(
        self, *, predictions: Dataset, profile: DataProfile, model: Model | None = None
    ) -> DriftMeasured:
        """Compare `predictions`, or any data, with `profile`; of several models, `model`'s rows."""
        from stepwell_monitor._columns import require, rows_of_model
        from stepwell_monitor._drift_columns import drift_of
        from stepwell_monitor._drift_report import DriftPolicy, report_of

        predictions = Dataset.of(predictions)
        columns = self.columns if self.columns is not None else _known(profile, predictions)
        for column in columns:
            require(column, profile.columns, step="Drift", what="the profile knows")
        present = [column for column in columns if column in predictions.columns]
        frame = Dataset.of(rows_of_model(predictions, model).select(present)).to_polars()
        return DriftMeasured(
            report_of(
                [drift_of(frame, column, profile, self.minimum_rows) for column in columns],
                DriftPolicy(self.alpha, self.correction, self.at_most),
                model.version if model else None,
            )
        )

    @classmethod
    def example(cls) -> tuple[Drift, dict[str, object]]:
        """A step, a table that has drifted, and the profile of what it was."""
        import polars as pl

        from stepwell_monitor._profile_step import Profile

        then = pl.DataFrame({"amount": range(100), "channel": ["web", "shop"] * 50})
        now = then.with_columns(pl.col("amount") + 30)
        return cls(), {"predictions": now, "profile": Profile().run(data=Dataset.of(then)).profile}


def _known(profile: DataProfile, predictions: Dataset) -> list[str]:
    """The columns of the profile in the order of the predictions: a stored profile has none."""
    present = [column for column in predictions.columns if column in profile.columns]
    return [*present, *sorted(profile.columns.keys() - set(present))]
