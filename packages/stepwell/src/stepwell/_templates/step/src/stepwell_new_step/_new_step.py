"""The step `NewStep`: rows that are there more than once stay once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from stepwell import DataError, Dataset, Finding, Report, Step


@dataclass(frozen=True)
class NewStepOutputs:
    """What `NewStep` produces."""

    data: Dataset
    report: Report


class NewStep(Step):
    """Keep the first of rows that are equal."""

    columns: Sequence[str] | None = Field(
        default=None, description="The columns that make rows equal; default: all."
    )
    at_most: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="The share of repeated rows above which the report fails.",
    )

    def run(self, *, data: Dataset) -> NewStepOutputs:
        """Leave out repeated rows and say how many there were."""
        data = Dataset.of(data)
        frame = data.to_polars()
        kept = frame.unique(subset=self._subset(data), keep="first", maintain_order=True)
        repeated = frame.height - kept.height
        share = repeated / max(frame.height, 1)
        finding = Finding(
            check="repeated_rows",
            verdict="failed" if share > self.at_most else "passed",
            message=f"{repeated} of {frame.height} rows are repeated; {self.at_most:.1%} may be.",
            rows=repeated,
        )
        report = Report(findings=(finding,))
        return NewStepOutputs(data=data.with_data(kept), report=report)

    def _subset(self, data: Dataset) -> list[str] | None:
        if self.columns is None:
            return None
        missing = [column for column in self.columns if column not in data.columns]
        if missing:
            raise DataError(
                f"{type(self).__name__}, field 'columns': the data has no column {missing[0]!r}.",
                hint=f"Columns: {', '.join(data.columns)}.",
            )
        return list(self.columns)

    @classmethod
    def example(cls) -> tuple[NewStep, dict[str, Any]]:
        """Three rows, two of them equal."""
        import polars as pl

        return cls(at_most=0.5), {"data": pl.DataFrame({"age": [31, 24, 31]})}
