"""A profile: what is remembered of reference data, so that the data itself need not be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class NumericColumn(BaseModel):
    """The distribution of a column of numbers.

    For each of `points`, in ascending order, it is known how many values lie `below` it and how
    many lie `up_to` it. Where a column has no more distinct values than the profile has points,
    the distribution is exact; otherwise fewer than `count / (points - 1)` values lie between two
    neighbours. `missing` counts nulls, NaN and infinities.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["numeric"] = "numeric"
    count: int
    missing: int
    standard_deviation: float
    points: tuple[float, ...]
    below: tuple[int, ...]
    up_to: tuple[int, ...]


class CategoricalColumn(BaseModel):
    """How often each value of a column of categories occurs; `missing` counts nulls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["categorical"] = "categorical"
    count: int
    missing: int
    categories: Mapping[str, int]


ColumnProfile = Annotated[NumericColumn | CategoricalColumn, Field(discriminator="kind")]


class DataProfile(BaseModel):
    """The profiles of the columns of a dataset, and why others have none.

    It holds values of the data (quantiles, categories): treat it like the data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal["stepwell.profile/1"] = "stepwell.profile/1"
    rows: int
    columns: Mapping[str, ColumnProfile]
    left_out: Mapping[str, str] = Field(default={}, description="Columns without profile, and why.")

    def __repr__(self) -> str:
        return f"DataProfile({self.rows} rows, {len(self.columns)} columns)"
