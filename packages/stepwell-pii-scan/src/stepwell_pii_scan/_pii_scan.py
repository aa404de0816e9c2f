"""The step `PiiScan`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pydantic import Field, JsonValue, field_validator, model_validator

from stepwell import DataError, Dataset, Report, Tallied, TallyStep
from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._finder import Finder
from stepwell_pii_scan._found import BY_NAME, found_in, summed
from stepwell_pii_scan._key import fingerprint_of, is_reference, key_from
from stepwell_pii_scan._masking import Masking, Treatment
from stepwell_pii_scan._outcomes import Outcome, Policy, outcomes_of
from stepwell_pii_scan._own import OwnRecogniser
from stepwell_pii_scan._recognisers import (
    REGIONS,
    entities_of,
    is_region,
    known_entities,
    recognisers_for,
)
from stepwell_pii_scan._report import not_clean, report_of
from stepwell_pii_scan._rule import Action, MaskAs, Rule
from stepwell_pii_scan._tally import Declared, tally
from stepwell_pii_scan._words import instead_of

if TYPE_CHECKING:
    import polars as pl


class PiiScan(TallyStep):
    """Find personal data in a dataset and block, mask, generalise or drop it.

    Columns are judged by their names (English and German), their contents and the roles
    `personal` and `special`; every row is looked at, and one hit is a finding. A name that may
    mean something else, such as `name`, and a value that only looks like personal data warn,
    whatever `on_finding` says.

    No found value stands in the report: only columns, row numbers (from 0), counts and shapes.
    """

    on_finding: Action = Field(
        default="block",
        description="'block': the report fails; 'mask': found values are replaced, and numbers and "
        "dates become text; 'generalise': only their coarser part stays; 'drop': the columns are "
        "dropped; 'warn': only told.",
    )
    on_suspect: Action = Field(
        default="warn",
        description="The same for what only looks like personal data: a number beside the word "
        "'IBAN' whose check digits are wrong.",
    )
    rules: Sequence[Rule] = Field(
        default=(), description="What is done with single entities and columns instead."
    )
    allow: Sequence[Allowance] = Field(
        default=(), description="What may stay, with a reason and a last day. Expired ones block."
    )
    columns: Sequence[str] | None = Field(
        default=None, description="The columns to scan; all by default."
    )
    regions: Sequence[str] = Field(
        default=REGIONS,
        description="Countries whose identity numbers and national phone formats are looked for.",
    )
    recognisers: Sequence[OwnRecogniser] = Field(
        default=(), description="What else is looked for, with examples that are tried."
    )
    presidio: str | None = Field(
        default=None,
        description="'module:function' of a function that returns a Presidio AnalyzerEngine, whose "
        "results are findings too: for names and places, with a model of your own.",
    )
    mask_as: MaskAs | None = Field(
        default=None,
        description="'placeholder': <ENTITY>; 'pseudonym': with a keyed hash; 'format': other "
        "digits and letters. By default a placeholder, a pseudonym if there is a key.",
    )
    secret_key: str | None = Field(
        default=None,
        description="A reference ${NAME} to the environment variable with the key: masks then hold "
        "a pseudonym, the same for the same value, as in <EMAIL_ADDRESS:fbgmkhoipdacelnj>.",
    )
    sample: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="The share of rows to scan instead of all; the report says what it can miss.",
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
        seen = set()
        for allowance in allow:
            if (allowance.column, allowance.entity) in seen:
                raise ValueError(
                    f"column {allowance.column!r} is given two allowances for {allowance.entity}"
                )
            seen.add((allowance.column, allowance.entity))
        return allow

    @model_validator(mode="after")
    def _entities_exist(self) -> PiiScan:
        if self.presidio:
            return self  # which entities its model finds is not known here
        known = known_entities() | {own.entity for own in self.recognisers}
        for field in ("allow", "rules"):
            for entity in (one.entity for one in getattr(self, field)):
                if entity is not None and entity not in known:
                    choice = instead_of(entity, known, called="Entities")
                    raise ValueError(f"in {field}, there is no entity {entity!r}. {choice}")
        return self

    @model_validator(mode="after")
    def _fields_fit_together(self) -> PiiScan:
        masks = {self.mask_as, *(rule.mask_as for rule in self.rules)} - {None, "placeholder"}
        if masks and self.secret_key is None:
            raise ValueError(f"mask_as={min(map(str, masks))!r} needs a secret_key")
        actions = {self.on_finding, self.on_suspect, *(rule.action for rule in self.rules)}
        changing = sorted(actions & {"mask", "generalise", "drop"})
        if self.sample is not None and changing:
            raise ValueError(f"a sample cannot find all there is to {changing[0]}: leave it out")
        return self

    @classmethod
    def example(cls) -> tuple[PiiScan, dict[str, Any]]:
        """A configured step and inputs, for trying it out."""
        import polars as pl

        frame = pl.DataFrame(
            {"id": [1, 2], "note": ["write to max@example.com", "paid"], "email": ["a@b.de", None]}
        )
        return cls(on_finding="mask"), {"data": frame}

    def external_state(self) -> JsonValue:
        """Which allowances have expired, and which key is used.

        Nobody knows whether the model behind an engine is still the same: it never comes from the
        cache.
        """
        expired: list[JsonValue] = [a.model_dump(mode="json") for a in self.allow if a.expired]
        key = fingerprint_of(self.secret_key) if self.secret_key else None
        state: dict[str, JsonValue] = {"expired": expired, "key": key}
        return {**state, "engine": uuid4().hex} if self.presidio else state

    def run(self, *, data: Dataset) -> Tallied:
        """Scan, report, and pass on the data: as it is, masked, or without some columns."""
        data = Dataset.of(data)
        counts = self._tally(data.lazy(), declared=_declared(data))
        report = self.conclude(counts)
        removed = self._removed(counts)
        if not removed:
            return Tallied(data=data, report=report)
        dropped = _dropped(removed)
        changed = data.with_data(self.apply(data.lazy(), counts), dropped=dropped)
        masked = {column: of for column, of in removed.items() if column not in dropped}
        if not masked:
            return Tallied(data=changed, report=report)
        return Tallied(data=changed, report=self._proved(changed, masked, report))

    def tally(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """What is found in one partition; every row is looked at, unless a sample is asked for."""
        return self._tally(frame, declared={})

    def conclude(self, counts: pl.DataFrame) -> Report:
        """The report on all partitions."""
        every, _ = summed(counts)
        entities = entities_of(self._finder.recognisers)
        outcomes = self._outcomes(counts)
        return report_of(outcomes, self.allow, every=every, entities=entities, sample=self.sample)

    def apply(self, frame: pl.LazyFrame, counts: pl.DataFrame) -> pl.LazyFrame:
        """The data without what findings say should go."""
        removed = self._removed(counts)
        dropped = _dropped(removed)
        kept = self._kept(counts)
        types = Dataset.of(frame).schema
        key = key_from(self.secret_key) if self.secret_key else None
        return frame.with_columns(
            self._masking(outcomes, kept[column], key).applied(column, types[column])
            for column, outcomes in removed.items()
            if column not in dropped
        ).drop(dropped)

    @property
    def _finder(self) -> Finder:
        own = tuple(recogniser.built() for recogniser in self.recognisers)
        return Finder((*own, *recognisers_for(tuple(self.regions))), self.presidio)

    @property
    def _policy(self) -> Policy:
        mask_as = self.mask_as or ("pseudonym" if self.secret_key else "placeholder")
        return Policy(self.on_finding, self.on_suspect, mask_as, self.rules, self.allow)

    def _tally(self, frame: pl.LazyFrame, *, declared: Declared) -> pl.DataFrame:
        existing = tuple(Dataset.of(frame).schema)
        ruled = (rule.column for rule in self.rules if rule.column is not None)
        named = [*(self.columns or ()), *(allowance.column for allowance in self.allow), *ruled]
        for column in named:
            if column not in existing:
                raise DataError(
                    f"PiiScan names column {column!r}, which the data does not have.",
                    hint=instead_of(column, existing, called="Columns"),
                )
        columns = existing if self.columns is None else self.columns
        return tally(
            frame, columns=columns, finder=self._finder, declared=declared, sample=self.sample
        )

    def _outcomes(self, counts: pl.DataFrame) -> Sequence[Outcome]:
        _, found = summed(counts)
        return outcomes_of(found_in(found), self._policy)

    def _removed(self, counts: pl.DataFrame) -> Mapping[str, Sequence[Outcome]]:
        """What is to be masked, generalised or dropped, by column."""
        removed: defaultdict[str, list[Outcome]] = defaultdict(list)
        for outcome in self._outcomes(counts):
            if outcome.removed:
                removed[outcome.found.column].append(outcome)
        return removed

    def _kept(self, counts: pl.DataFrame) -> Mapping[str, set[str]]:
        """The entities that stay in each column, because they are allowed or only warned of."""
        kept: defaultdict[str, set[str]] = defaultdict(set)
        for allowance in self.allow:
            if not allowance.expired:
                kept[allowance.column].add(allowance.entity)
        for outcome in self._outcomes(counts):
            if not outcome.removed:
                kept[outcome.found.column].add(outcome.found.entity)
        return kept

    def _masking(
        self, outcomes: Sequence[Outcome], kept: Collection[str], key: bytes | None
    ) -> Masking:
        whole = {
            path: outcome.found.entity
            for outcome in reversed(outcomes)
            for path in outcome.found.whole_paths(decided=outcome.decided)
        }
        return Masking(
            finder=self._finder,
            whole=whole,
            parts=frozenset(path for outcome in outcomes for path in outcome.found.paths),
            kept=kept,
            treatments={outcome.found.entity: _treatment(outcome) for outcome in outcomes},
            key=key,
        )

    def _proved(
        self, masked: Dataset, columns: Mapping[str, Sequence[Outcome]], report: Report
    ) -> Report:
        """The report, failed if a second scan finds anything left in the masked columns.

        That a column still has the name of what it held says nothing where masks look like it.
        """
        declared = _declared(masked)
        counts = tally(masked.lazy(), columns=columns, finder=self._finder, declared=declared)
        like_it = {c for c, outcomes in columns.items() if any(map(_looks_like_it, outcomes))}
        _, found = summed(counts)
        telling = (c for c in found if c.column not in like_it or c.evidence not in BY_NAME)
        left = outcomes_of(found_in(telling), self._policy)
        findings = [not_clean(outcome.found) for outcome in left if outcome.removed]
        if not findings:
            return report
        findings = [*report.findings, *findings]
        return report.model_copy(update={"findings": tuple(findings), "verdict": "failed"})


def _declared(data: Dataset) -> Declared:
    """The columns that are personal data by their roles; what is special is so, too."""
    personal: Declared = dict.fromkeys(data.roles.columns("personal"), "declared")
    return {**personal, **dict.fromkeys(data.roles.columns("special"), "declared special")}


def _dropped(removed: Mapping[str, Sequence[Outcome]]) -> list[str]:
    """The columns of which something is to be dropped: they go as a whole."""
    return [c for c, outcomes in removed.items() if any(o.removed == "drop" for o in outcomes)]


def _treatment(outcome: Outcome) -> Treatment:
    return "generalise" if outcome.removed == "generalise" else outcome.mask_as


def _looks_like_it(outcome: Outcome) -> bool:
    return _treatment(outcome) in ("format", "generalise")
