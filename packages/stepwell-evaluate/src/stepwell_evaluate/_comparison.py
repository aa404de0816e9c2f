"""A challenger against the champion, on the rows that neither was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import Dataset, Finding, Metric
from stepwell_evaluate._bootstrap import Bootstrap
from stepwell_evaluate._columns import Columns
from stepwell_evaluate._measured import compare, undecided
from stepwell_evaluate._pairs import pairs
from stepwell_evaluate._plan import Plan
from stepwell_evaluate._samples import coded
from stepwell_evaluate._table import Count

if TYPE_CHECKING:
    import polars as pl

CHECK = "comparison"


@dataclass(frozen=True)
class Comparison:
    """What is needed to compare two versions in one table of predictions."""

    predictions: Dataset
    columns: Columns
    counts: Mapping[str | None, Count]
    plan: Plan
    bootstrap: Bootstrap
    minimum_rows: int
    exact_rows: int

    def between(self, challenger: str, champion: str) -> tuple[list[Metric], list[Finding]]:
        """The difference in every metric, and whether it could be told."""
        found = self._pairs(challenger, champion)
        rows = 0 if found is None else len(found)
        if found is None or rows < self.minimum_rows:
            reason = self._too_few(challenger, champion, rows)
            differences = undecided(
                self.plan, reason, rows=rows, challenger=challenger, champion=champion
            )
            return differences, [_finding("warned", f"Undecided: {reason}.", rows)]
        differences = compare(
            found, self.plan, self.bootstrap, challenger=challenger, champion=champion
        )
        message = (
            f"Model {challenger} was compared with the champion {champion} on {rows:,} rows that "
            "neither was trained on."
        )
        return differences, [
            _finding("passed", message, rows),
            *self._doubts(challenger, champion),
        ]

    def _pairs(self, challenger: str, champion: str) -> pl.DataFrame | None:
        if self.columns.row is None:
            return None
        scored = self.counts.get(challenger, Count()).used
        found = pairs(
            self.predictions,
            self.columns,
            challenger=challenger,
            champion=champion,
            share=self.exact_rows / scored if scored > self.exact_rows else 1.0,
        )
        return found if self.plan.task == "regression" else coded(found, self.plan.classes)

    def _too_few(self, challenger: str, champion: str, rows: int) -> str:
        if champion not in self.counts:
            return f"the predictions hold no rows of the champion {champion}"
        if self.columns.row is None:
            return (
                "the predictions have no column 'prediction_id', which tells the rows that both "
                "models scored"
            )
        return (
            f"models {challenger} and {champion} share {rows:,} labelled rows that neither was "
            f"trained on, and {self.minimum_rows:,} are the least to compare them on"
        )

    def _doubts(self, challenger: str, champion: str) -> list[Finding]:
        """A warning for each model of which it is not known what it was trained on."""
        return [
            Finding(
                check="seen_in_training",
                verdict="warned",
                message=f"Of {self.counts[version].unknown:,} rows it is not known whether model "
                f"{version} was trained on them, so that the comparison may favour it.",
                rows=self.counts[version].unknown,
                details={"model_version": version},
            )
            for version in (challenger, champion)
            if self.counts[version].unknown
        ]


def _finding(verdict: str, message: str, rows: int) -> Finding:
    return Finding.model_validate(
        {"check": CHECK, "verdict": verdict, "message": message, "rows": rows}
    )
