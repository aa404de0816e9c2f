"""The step `PiiScan`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field, JsonValue, field_validator

from stepwell import DataError, Dataset, Report, Tallied, TallyStep
from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._found import found_in, summed
from stepwell_pii_scan._key import fingerprint_of, is_reference, key_from
from stepwell_pii_scan._masking import Masking
from stepwell_pii_scan._outcomes import Action, Outcome, outcomes_of
from stepwell_pii_scan._recognisers import entities_in, is_region, known_entities
from stepwell_pii_scan._report import not_clean, report_of
from stepwell_pii_scan._tally import tally
from stepwell_pii_scan._words import instead_of

if TYPE_CHECKING:
    import polars as pl


class PiiScan(TallyStep):
    """Find personal data in a dataset and block, mask or drop it.

    Columns are judged by their names (English and German), their contents and the role
    `personal`; every row is looked at, and one hit is a finding. A name that may mean something
    else, such as `name`, only warns, whatever `on_finding` says.

    No found value stands in the report: only columns, row numbers (from 0), counts and shapes.
    """

    on_finding: Action = Field(
        default="block",
        description="'block': the report fails; 'mask': found values are replaced by <ENTITY>, and "
        "numbers and dates become text; 'drop': the columns are dropped; 'warn': only told.",
    )
    allow: Sequence[Allowance] = Field(
        default=(), description="What may stay, with a reason and a last day. Expired ones block."
    )
    columns: Sequence[str] | None = Field(
        default=None, description="The columns to scan; all by default."
    )
    regions: Sequence[str] = Field(
        default=("DE", "US"),
        description="Countries whose identity numbers and national phone formats are looked for.",
    )
    secret_key: str | None = Field(
        default=None,
        description="A reference ${NAME} to the environment variable with the key: masks then hold "
        "a pseudonym, the same for the same value, as in <EMAIL_ADDRESS:fbgmkhoipdacelnj>.",
    )

    @field_validator("regions")
    @classmethod
    def _regions_are_known(cls, regions: Sequence[str]) -> Sequence[str]:
        for region in regions:
            if not is_region(region):
                raise ValueError(
                    f"{region!r} is no country code; give two capital letters, for example 'DE'"
                )
        return regions

    @field_validator("secret_key")
    @classmethod
    def _key_is_a_reference(cls, reference: str | None) -> str | None:
        if reference is not None and not is_reference(reference):
            raise ValueError(
                "a key does not belong into a configuration; put it into an environment variable "
                "and give its name as '${NAME}'"
            )
        return reference

    @field_validator("allow")
    @classmethod
    def _allowances_are_clear(cls, allow: Sequence[Allowance]) -> Sequence[Allowance]:
        known = known_entities()
        seen = set()
        for allowance in allow:
            if allowance.entity not in known:
                choice = instead_of(allowance.entity, known, called="Entities")
                raise ValueError(f"there is no entity {allowance.entity!r}. {choice}")
            if (allowance.column, allowance.entity) in seen:
                raise ValueError(
                    f"column {allowance.column!r} is given two allowances for {allowance.entity}"
                )
            seen.add((allowance.column, allowance.entity))
        return allow

    @classmethod
    def example(cls) -> tuple[PiiScan, dict[str, Any]]:
        """A configured step and inputs, for trying it out."""
        import polars as pl

        frame = pl.DataFrame(
            {"id": [1, 2], "note": ["write to max@example.com", "paid"], "email": ["a@b.de", None]}
        )
        return cls(on_finding="mask"), {"data": frame}

    def external_state(self) -> JsonValue:
        """Which allowances have expired, and which key is used."""
        expired: list[JsonValue] = [a.model_dump(mode="json") for a in self.allow if a.expired]
        key = fingerprint_of(self.secret_key) if self.secret_key else None
        return {"expired": expired, "key": key}

    def run(self, *, data: Dataset) -> Tallied:
        """Scan, report, and pass on the data: as it is, masked, or without some columns."""
        data = Dataset.of(data)
        counts = self._tally(data.lazy(), declared=data.roles.columns("personal"))
        report = self.conclude(counts)
        removed = self._removed(counts)
        if not removed:
            return Tallied(data=data, report=report)
        changed = self.apply(data.lazy(), counts)
        if self.on_finding == "drop":
            return Tallied(data=data.with_data(changed, dropped=removed), report=report)
        masked = data.with_data(changed)
        return Tallied(data=masked, report=self._proved(masked, removed, report))

    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """What is found in one partition; every row is looked at."""
        return self._tally(frame, declared=())

    def conclude(self, counts: pl.DataFrame) -> Report:
        """The report on all partitions."""
        every, _ = summed(counts)
        entities = entities_in(tuple(self.regions))
        return report_of(self._outcomes(counts), self.allow, rows=every.rows, entities=entities)

    def apply(self, frame: pl.LazyFrame, counts: pl.DataFrame) -> pl.LazyFrame:
        """The data without what `on_finding` says should go."""
        removed = self._removed(counts)
        if self.on_finding == "drop":
            return frame.drop(removed)
        types = Dataset.of(frame).schema
        key = key_from(self.secret_key) if self.secret_key else None
        return frame.with_columns(
            self._masking(column, outcomes, key).applied(column, types[column])
            for column, outcomes in removed.items()
        )

    def _tally(self, frame: pl.LazyFrame, *, declared: Sequence[str]) -> pl.DataFrame:
        existing = tuple(Dataset.of(frame).schema)
        named = [*(self.columns or ()), *(allowance.column for allowance in self.allow)]
        for column in named:
            if column not in existing:
                raise DataError(
                    f"PiiScan names column {column!r}, which the data does not have.",
                    hint=instead_of(column, existing, called="Columns"),
                )
        columns = existing if self.columns is None else self.columns
        return tally(frame, columns=columns, regions=tuple(self.regions), declared=declared)

    def _outcomes(self, counts: pl.DataFrame) -> Sequence[Outcome]:
        _, found = summed(counts)
        return outcomes_of(found_in(found), self.on_finding, self.allow)

    def _removed(self, counts: pl.DataFrame) -> Mapping[str, Sequence[Outcome]]:
        """What is to be masked or dropped, by column."""
        removed: defaultdict[str, list[Outcome]] = defaultdict(list)
        for outcome in self._outcomes(counts):
            if outcome.removed:
                removed[outcome.found.column].append(outcome)
        return removed

    def _masking(self, column: str, outcomes: Sequence[Outcome], key: bytes | None) -> Masking:
        found = [outcome.found for outcome in outcomes]
        return Masking(
            regions=tuple(self.regions),
            whole={path: one.entity for one in reversed(found) for path in one.whole_paths},
            parts=frozenset(path for one in found for path in one.paths),
            allowed=frozenset(a.entity for a in self.allow if a.column == column and not a.expired),
            key=key,
        )

    def _proved(self, masked: Dataset, columns: Mapping[str, object], report: Report) -> Report:
        """The report, failed if a second scan finds anything left in the masked columns."""
        personal = [column for column in masked.roles.columns("personal") if column in columns]
        counts = tally(
            masked.lazy(), columns=columns, regions=tuple(self.regions), declared=personal
        )
        left = [not_clean(outcome.found) for outcome in self._outcomes(counts) if outcome.removed]
        if not left:
            return report
        findings = (*report.findings, *left)
        return report.model_copy(update={"findings": findings, "verdict": "failed"})
