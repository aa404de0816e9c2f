"""The decision log: which model is the champion, since when, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stepwell._errors import CorruptedError, StoreError
from stepwell._protocol._context import running
from stepwell._protocol._report import Details, Frozen, Metric, Verdict
from stepwell._storage._chain import Entry, Head
from stepwell._storage._store import Store

FORMAT = "stepwell.decision/1"

Outcome = Literal[
    "promoted", "refused", "not_better", "undecided", "already_champion", "rolled_back"
]
_CROWNING: frozenset[Outcome] = frozenset({"promoted", "rolled_back"})


class JudgedReport(BaseModel):
    """A report that a decision rests on."""

    model_config = ConfigDict(frozen=True, extra="allow")

    verdict: Verdict
    fingerprint: str | None = None


class Decision(BaseModel):
    """One decision about the model that is in production.

    `model` and `champion_before` are fingerprints of stored models. `version` counts the promotions
    of this log: 1, 2, … `append` fills in `number`, `previous`, `pipeline`, `run_id` and `at`.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    format: str = FORMAT
    number: int | None = None
    previous: str | None = None
    name: str
    outcome: Outcome
    model: str | None = None
    model_version: str | None = None
    version: int | None = None
    champion_before: str | None = None
    champion_version_before: int | None = None
    reasons: tuple[str, ...] = ()
    reports: Annotated[Mapping[str, JudgedReport], Frozen] = Field(
        default={}, validate_default=True
    )
    metrics: tuple[Metric, ...] = ()
    policy: Details = Field(default={}, validate_default=True)
    pipeline: str | None = None
    run_id: str | None = None
    at: datetime | None = None

    @property
    def crowns(self) -> bool:
        """Whether this decision made `model` the champion."""
        return self.outcome in _CROWNING


class DecisionLog:
    """The decisions about the model `name`, in the chain of a store. The truth about production."""

    def __init__(self, store: Store, name: str) -> None:
        self.store = store
        self.name = name
        self._chain = store.decisions(name)

    def entries(self) -> list[Decision]:
        """All decisions, oldest first."""
        return [self._decision(entry) for entry in self._chain.entries()]

    def last_number(self) -> int:
        """The number of the last decision; 0 without any."""
        return self._chain.head().number

    def champion(self) -> Decision | None:
        """The decision that made today's champion; None before the first promotion."""
        for entry in self._chain.newest_first():
            decision = self._decision(entry)
            if decision.crowns:
                return decision
        return None

    def append(self, decision: Decision, *, after: int) -> Decision:
        """Write `decision` as the next one after number `after`.

        Raises DecisionConflict if another decision was written in between.
        """
        current = running()
        filled: dict[str, Any] = {"at": decision.at or datetime.now(UTC), "name": self.name}
        if decision.run_id is None and current is not None:
            filled["run_id"] = current.run_id
        if decision.pipeline is None and current is not None:
            filled["pipeline"] = current.pipeline
        document = decision.model_copy(update=filled).model_dump(mode="json")
        return self._decision(self._chain.append(document, after=after))

    def verify(self, anchor: Head | None = None) -> Head:
        """Check the chain, and that it is about this model; returns its head.

        Raises CorruptedError that names the first wrong entry.
        """
        head = self._chain.verify(anchor)
        for entry in self._chain.entries():
            self._check_name(entry)
        return head

    def _decision(self, entry: Entry) -> Decision:
        decision = _decision(entry)
        self._check_name(entry)
        return decision

    def _check_name(self, entry: Entry) -> None:
        """A whole log may have been put in the place of another one."""
        known = entry.document.get("format") == FORMAT
        if known and entry.document.get("name") != self.name:
            raise CorruptedError(
                f"Entry {entry.number} of {self._chain.folder} is not about {self.name!r}: the log "
                "of another model was put in its place."
            )


def decisions(name: str) -> DecisionLog:
    """The decision log of the model `name`, in the store of the running run.

    Outside of a pipeline: in the default store of the project.
    """
    current = running()
    if current is not None and current.store is not None:
        return DecisionLog(current.store, name)
    from stepwell._settings import settings

    return DecisionLog(Store(settings().store), name)


def _decision(entry: Entry) -> Decision:
    """What an entry says; a format that this version does not know is not guessed at."""
    written_as = entry.document.get("format")
    if written_as != FORMAT:
        raise StoreError(
            f"Entry {entry.number} of the decision log has the format {written_as!r}; this version "
            f"reads {FORMAT}.",
            hint="Upgrade it: pip install --upgrade stepwell.",
        )
    try:
        return Decision.model_validate(entry.document)
    except ValidationError:
        raise CorruptedError(f"Entry {entry.number} of the decision log is no decision.") from None
