"""Steps whose work is counts that add up."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell._data._dataset import Dataset
from stepwell._protocol._report import Report
from stepwell._protocol._step import Step

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Tallied:
    """What a `TallyStep` produces."""

    data: Dataset
    report: Report


class TallyStep(Step):
    """A step that counts, partition by partition, and concludes from the counts.

    `tally` counts one partition, `conclude` makes the report of the counts of all partitions, and
    `apply`, if the step changes data, changes it. The same three methods serve a table in memory,
    data larger than memory, partitions on a cluster, and yesterday's counts added to today's.
    """

    @abstractmethod
    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """A small table of counts for the rows of one partition."""

    @abstractmethod
    def conclude(self, counts: pl.DataFrame) -> Report:
        """The report; `counts` holds the tables of all partitions, one below the other."""

    def apply(self, frame: pl.LazyFrame, counts: pl.DataFrame) -> pl.LazyFrame:
        """The data that the step passes on: unchanged, unless a step says otherwise."""
        return frame

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """The data as it came: what `apply` takes away depends on the rows."""
        return {"data": inputs["data"]}

    def run(self, *, data: Dataset) -> Tallied:
        """Count, conclude, and pass the data on."""
        from stepwell._data._polars import without_cells

        data = Dataset.of(data)
        with without_cells(f"The data of {type(self).__name__}"):
            counts = self.tally(data.lazy())
            report = self.conclude(counts)
            if type(self).apply is TallyStep.apply:
                return Tallied(data=data, report=report)
            return Tallied(data=data.with_data(self.apply(data.lazy(), counts)), report=report)
