"""`Quarantine`: bad rows set apart, within a budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field

from stepwell import Dataset, Report, Step, Tallied
from stepwell.authoring import without_cells
from stepwell_data_check._check import DataCheck, explained
from stepwell_expectations import Suite, SuiteError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Quarantined(Tallied):
    """What `Quarantine` produces."""

    quarantined: Dataset
    """The rows that were set apart."""


class Quarantine(DataCheck):
    """Check a dataset as `DataCheck` does, and set rows apart that are not as expected.

    An expectation of the level 'quarantine' sets rows apart instead of failing. The rows go on in
    the dataset `quarantined`, all others in `data`. More of them than `at_most` fail the report.
    """

    at_most: float = Field(
        ge=0, le=1, description="The greatest share of the rows that may be set apart."
    )

    def _refuse_unfit(self, suite: Suite) -> None:
        if not any(expectation.sets_apart for expectation in suite.expectations):
            raise SuiteError(
                "no expectation sets rows apart: give one the level 'quarantine', "
                "expect(..., level='quarantine')"
            )

    @classmethod
    def example(cls) -> tuple[Step, dict[str, Any]]:
        """Three rows, one of them of a child."""
        import polars as pl

        from stepwell_expectations import expect

        of_age = expect("column_values_to_be_between", "age", min_value=18, level="quarantine")
        return cls(suite=[of_age], at_most=0.5), {"data": pl.DataFrame({"age": [31, None, 17]})}

    def conclude(self, counts: pl.DataFrame) -> Report:
        """A finding for each expectation, and one for the rows that were set apart."""
        from stepwell_expectations import judged

        with explained("Quarantine"):
            return judged(counts, self.parameters, at_most=self.at_most)

    def apply(self, frame: pl.LazyFrame, counts: pl.DataFrame) -> pl.LazyFrame:
        """The rows that were not set apart."""
        return self._parts(frame)[0]

    def run(self, *, data: Dataset) -> Quarantined:
        """Count, conclude, and part the rows."""
        data = Dataset.of(data)
        with without_cells("The data of Quarantine"):
            report = self.conclude(self.tally(data.lazy()))
            kept, apart = self._parts(data.lazy())
            return Quarantined(
                data=data.with_data(kept), report=report, quarantined=data.with_data(apart)
            )

    def _parts(self, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        from stepwell_expectations import without_rows_apart

        with explained("Quarantine"):
            return without_rows_apart(self._read(), frame)
