"""The step `KAnonymity`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from stepwell import DataError, Dataset, Finding, Report, Step, Tallied
from stepwell_pii_scan._names import words_of
from stepwell_pii_scan._words import instead_of

if TYPE_CHECKING:
    import polars as pl

QUASI_IDENTIFIERS = frozenset(
    {
        *("postcode", "postal code", "post code", "zip", "zip code", "zipcode", "plz"),
        *("postleitzahl", "city", "town", "ort", "wohnort", "birth date", "birthdate", "birthday"),
        *("date of birth", "dob", "birth year", "year of birth", "geburtsdatum", "geburtsjahr"),
        *("age", "alter", "age in years", "sex", "gender", "geschlecht", "nationality"),
        *("staatsangehoerigkeit", "nationalitaet", "occupation", "profession", "beruf", "job"),
        *("marital status", "familienstand", "personal status and sex"),
    }
)
"""What columns are called that single somebody out together: none of them does alone."""


class KAnonymity(Step):
    """Check that nobody is singled out by what stands in a few columns together.

    Rows that are equal in all of these columns form a group; the smallest one has k rows. Whoever
    knows postcode, birthday and sex of somebody in a group of one knows the rest of the row.

    The report holds sizes and counts, and no value of any group.
    """

    columns: Sequence[str] | None = Field(
        default=None,
        description="The quasi-identifiers; by default those whose names say so, such as postcode, "
        "birth date and sex.",
    )
    at_least: int = Field(default=5, ge=2, description="How many rows each group has to have.")
    on_finding: Literal["block", "warn"] = Field(
        default="block", description="'block': the report fails; 'warn': only told."
    )

    @classmethod
    def example(cls) -> tuple[KAnonymity, dict[str, Any]]:
        """A configured step and inputs, for trying it out."""
        import polars as pl

        frame = pl.DataFrame({"postcode": ["10115", "10115"], "sex": ["f", "f"], "income": [1, 2]})
        return cls(at_least=2), {"data": frame}

    def run(self, *, data: Dataset) -> Tallied:
        """Count the groups, and pass the data on as it is."""
        data = Dataset.of(data)
        columns = self._columns_of(data.columns)
        if not columns:
            return Tallied(data=data, report=_not_checked(_NOTHING_TO_CHECK))
        sizes = Dataset.of(_sizes(data.lazy(), columns, self.at_least)).to_polars().row(0)
        return Tallied(data=data, report=self._report(columns, *sizes))

    def _columns_of(self, existing: Collection[str]) -> tuple[str, ...]:
        if self.columns is None:
            return tuple(c for c in existing if " ".join(words_of(c)) in QUASI_IDENTIFIERS)
        for column in self.columns:
            if column not in existing:
                raise DataError(
                    f"KAnonymity names column {column!r}, which the data does not have.",
                    hint=instead_of(column, existing, called="Columns"),
                )
        return tuple(self.columns)

    def _report(
        self, columns: tuple[str, ...], rows: int, groups: int, k: int | None, below: int
    ) -> Report:
        named = ", ".join(map(repr, columns))
        if k is None:
            return _not_checked("There are no rows: nothing was checked.")
        if not below:
            verdict: Literal["passed", "warned", "failed"] = "passed"
            message = f"Every group of rows that are equal in {named} has at least {k:,} rows."
        else:
            verdict = "failed" if self.on_finding == "block" else "warned"
            message = (
                f"{below:,} of {rows:,} rows are in groups of fewer than {self.at_least} that are "
                f"equal in {named}; the smallest has {k:,}. Generalise one of these columns, or "
                "leave it out."
            )
        details = {"k": k, "groups": groups, "rows_below": below, "proposed": self.columns is None}
        finding = Finding(
            check="k",
            verdict=verdict,
            message=message,
            columns=columns,
            rows=below,
            details=details,
        )
        summary = f"{rows:,} rows: the smallest group has {k:,}."
        return Report(summary=summary, findings=(finding,), details={"rows": rows})


def _sizes(frame: pl.LazyFrame, columns: Sequence[str], at_least: int) -> pl.LazyFrame:
    """Rows, groups, the size of the smallest group, and the rows in groups below `at_least`."""
    import polars as pl

    size = pl.col("__size")
    return (
        frame.group_by(*columns)
        .agg(__size=pl.len().cast(pl.Int64))
        .select(
            rows=size.sum(), groups=pl.len(), k=size.min(), below=size.filter(size < at_least).sum()
        )
    )


_NOTHING_TO_CHECK = (
    "No column is named like a quasi-identifier, such as a postcode, a birth date or a sex: "
    "nothing was checked. Name the columns with columns=[...]."
)


def _not_checked(why: str) -> Report:
    finding = Finding(check="k", verdict="warned", message=why)
    return Report(summary="Nothing was checked.", findings=(finding,))
