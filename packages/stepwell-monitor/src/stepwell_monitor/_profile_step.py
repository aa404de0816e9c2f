"""The step `Profile`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from stepwell import Dataset, Step
from stepwell_monitor._profile import DataProfile


@dataclass(frozen=True)
class Profiled:
    """What `Profile` produces: what `Drift` has to know of the reference data."""

    profile: DataProfile


class Profile(Step):
    """Remember how the columns of a dataset are distributed, for `Drift` to compare with later."""

    columns: Sequence[str] | None = Field(
        default=None,
        description="Columns to profile. Default: all columns of numbers, text, categories and "
        "true/false, without identifiers, times, personal data and the target.",
    )
    resolution: int = Field(
        default=1000,
        ge=20,
        le=100_000,
        description="Points to remember of each column of numbers.",
    )
    most_categories: int = Field(
        default=200, ge=2, description="Columns of text with more different values are left out."
    )

    def run(self, *, data: Dataset) -> Profiled:
        """The profile of `data`."""
        from stepwell_monitor._profiling import profile_of

        return Profiled(
            profile_of(
                Dataset.of(data),
                columns=self.columns,
                resolution=self.resolution,
                most_categories=self.most_categories,
            )
        )

    @classmethod
    def example(cls) -> tuple[Profile, dict[str, object]]:
        """A step, and a small table."""
        import polars as pl

        return cls(), {"data": pl.DataFrame({"amount": [1.0, 2.5, 4.0], "sex": ["f", "m", "f"]})}
