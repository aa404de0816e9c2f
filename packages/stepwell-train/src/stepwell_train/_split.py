"""`Split`: rows to train on, and rows to keep aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from stepwell import DataError, Dataset, Step


@dataclass(frozen=True)
class Splitted:
    """What `Split` produces."""

    data: Dataset
    """The rows to train on."""

    holdout: Dataset
    """The rows that no training sees."""


class Split(Step):
    """Keep a share of the rows aside, so that yesterday's holdout stays holdout as data grows.

    hash        a row goes to the holdout if the keyed BLAKE3 of its identifier, read as a number
                between 0 and 1, is below `holdout`: no other row has a say in it
    group       the same with the hash of its group, so that the rows of a group stay together
    stratified  of each class of the target, the share `holdout` with the smallest hashes; as data
                grows, only rows with a hash near that limit can change sides
    time        the newest rows; with `cutoff`, those from that moment on, which never change sides

    Rows with the same identifier are always on the same side. Without an identifier the whole row
    is hashed, so that a changed cell or a new column moves rows: declare the role `identifier`.
    """

    holdout: float = Field(default=0.25, gt=0, lt=1, description="The share of rows kept aside.")
    by: Literal["hash", "stratified", "group", "time"] = Field(
        default="hash",
        description="What decides on which side a row is. 'hash': its identifier, else its cells; "
        "'stratified': the same, in each class of the target; 'group': its group; 'time': its "
        "time.",
    )
    columns: Sequence[str] = Field(
        default=(),
        description="The columns that identify a row or group, or tell its time; default: by role.",
    )
    cutoff: str | None = Field(
        default=None,
        description="By time: the first moment of the holdout, in ISO 8601, or a number.",
    )
    key: str = Field(default="stepwell", description="Another key makes another split.")

    @model_validator(mode="after")
    def _cutoff_goes_with_time(self) -> Self:
        if self.cutoff is not None and self.by != "time":
            raise ValueError(f"cutoff is for by='time'; here, by is {self.by!r}")
        if self.cutoff is not None and not _is_moment(self.cutoff):
            raise ValueError(
                f"cutoff {self.cutoff!r} is neither a moment, such as 2026-01-31, nor a number"
            )
        return self

    def run(self, *, data: Dataset) -> Splitted:
        """Split the rows; both sides keep order and roles. Raises DataError for an empty side."""
        from stepwell_train._sides import holdout_rows

        data = Dataset.of(data)
        frame = data.to_polars()
        aside = holdout_rows(self, frame, data.roles)
        kept = int(aside.sum())
        if kept in (0, frame.height):
            empty = "holdout" if kept == 0 else "rows to train on"
            raise DataError(
                f"Split(by={self.by!r}) of {frame.height:,} rows leaves the {empty} empty.",
                hint="Use more rows, another share, or other columns.",
            )
        return Splitted(
            data=data.with_data(frame.filter(~aside)), holdout=data.with_data(frame.filter(aside))
        )

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """Both sides have the columns of the data."""
        return {"data": inputs["data"], "holdout": inputs["data"]}

    @classmethod
    def example(cls) -> tuple[Split, dict[str, Any]]:
        """Forty numbered rows."""
        import polars as pl

        rows = pl.DataFrame({"id": range(40), "x": [float(i % 7) for i in range(40)]})
        return cls(columns=["id"]), {"data": Dataset.of(rows)}


def _is_moment(cutoff: str) -> bool:
    for read in (datetime.fromisoformat, float):
        with suppress(ValueError):
            read(cutoff)
            return True
    return False
