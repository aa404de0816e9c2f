"""`TrainingDataCheck`: what makes a model look better in training than it will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, field_validator

from stepwell import Dataset, Report, Step

Check = Literal[
    "target",
    "leakage",
    "duplicates",
    "rows_in_both",
    "identifiers_in_both",
    "constant",
    "near_constant",
    "classes",
    "groups",
    "drift",
    "future",
]
Level = Literal["fail", "warn", "off"]


@dataclass(frozen=True)
class TrainingDataChecked:
    """What `TrainingDataCheck` produces."""

    data: Dataset
    report: Report


class TrainingDataCheck(Step):
    """Check the rows to train on, and a holdout if there is one, before a model learns from them.

    target               the target is missing in some rows
    leakage              a single feature gives the target away
    duplicates           rows that repeat others
    rows_in_both         rows of the holdout that are in training, too
    identifiers_in_both  the same for identifiers
    constant             a feature with one value
    near_constant        a feature with hardly another value
    classes              a class with few rows
    groups               a group of a protected column with few rows, or without a class
    drift                a column that is distributed otherwise in the holdout
    future               moments that have not come yet

    Roles say which column is the target, and which identify rows, tell the time or are protected.
    """

    target: str | None = Field(default=None, description="The column to predict; default: by role.")
    leakage_at_most: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="How much of the target's uncertainty a single feature may take away.",
    )
    repeated_at_most: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="The greatest share of rows that repeat others, or are in both parts.",
    )
    same_at_most: float = Field(
        default=0.99, gt=0, le=1, description="The greatest share of one value in a feature."
    )
    rows_per_class: int = Field(
        default=10, ge=1, description="The fewest rows that each class of the target needs."
    )
    rows_per_group: int = Field(
        default=30, ge=1, description="The fewest rows that each protected group needs."
    )
    drift_at_most: float = Field(
        default=0.25,
        gt=0,
        description="The greatest population stability index between training and holdout.",
    )
    not_after: str | None = Field(
        default=None,
        description="The last moment that can have come, in ISO 8601; default: when it runs.",
    )
    levels: Mapping[Check, Level] = Field(
        default={},
        description="'fail', 'warn' or 'off' by check, where it is not as usual.",
    )

    @field_validator("not_after")
    @classmethod
    def _is_a_moment(cls, not_after: str | None) -> str | None:
        try:
            datetime.fromisoformat(not_after or "2024-12-31")
        except ValueError:
            raise ValueError(
                f"{not_after!r} is no moment in ISO 8601; write for example '2024-12-31'"
            ) from None
        return not_after

    def run(self, *, data: Dataset, holdout: Dataset | None = None) -> TrainingDataChecked:
        """Look at both parts, and pass the data on. Raises DataError for an absent target."""
        from stepwell.authoring import without_cells
        from stepwell_data_check._training_report import training_report

        data = Dataset.of(data)
        aside = None if holdout is None else Dataset.of(holdout)
        with without_cells("The data of TrainingDataCheck"):
            return TrainingDataChecked(data=data, report=training_report(self, data, aside))

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """The data as it came."""
        return {"data": inputs["data"]}

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        """Forty rows to train on."""
        import polars as pl

        rows = pl.DataFrame({"x": [n % 7 for n in range(40)], "y": [n % 2 for n in range(40)]})
        return cls(target="y", rows_per_class=5, repeated_at_most=1), {"data": Dataset.of(rows)}
