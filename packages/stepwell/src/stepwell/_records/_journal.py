"""The journal of a run on its way: how it began, who runs it, and which effects have happened.

runs/ID/started.json        what was to run, so that a resumed run does the same
runs/ID/claims/…            a chain of who resumed it: the last one runs it
runs/ID/effects/STEP.json   the outputs of a step whose effect has happened

When the record of a run stands in its chain, its journal is removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from stepwell._digest import canonical_json
from stepwell._errors import CorruptedError, DecisionConflict, RunError, listed
from stepwell._protocol._kinds import Kind
from stepwell._records._owner import Owner, run_here, run_no_more
from stepwell._storage._artifacts import Artifact
from stepwell._storage._chain import Chain
from stepwell._storage._store import Store

Allowed = Literal["changes", "takeover"]
"""What a resumed run may do when told so: mix versions of its code; take a run from its owner."""


class StartedStep(BaseModel):
    """A step as it was when a run began."""

    model_config = ConfigDict(frozen=True)

    name: str
    step: str
    package: str | None
    version: str | None
    code: str | None
    configuration: str  # its digest: a journal must not hold secrets
    environment: str | None = None


class Started(BaseModel):
    """How a run began."""

    model_config = ConfigDict(frozen=True)

    format: Literal["stepwell.started/1"] = "stepwell.started/1"
    pipeline: str
    started_at: datetime
    cache: bool
    start_from: str | None
    inputs: dict[str, str | None]
    steps: tuple[StartedStep, ...]
    owner: Owner = Field(default_factory=Owner.this_process)


class Effect(BaseModel):
    """An effect that has happened: what was asked for, and kind and fingerprint of each output."""

    model_config = ConfigDict(frozen=True)

    format: Literal["stepwell.effect/1"] = "stepwell.effect/1"
    key: str
    outputs: dict[str, tuple[Kind, str | None]]


class Journal:
    """The journal of one run in a store."""

    def __init__(self, store: Store, run_id: str) -> None:
        self.run_id = run_id
        self._store = store
        self._folder = f"runs/{run_id}"
        self._claims = Chain(store.files, f"{self._folder}/claims")

    def begin(self, started: Started) -> None:
        """Note how the run begins, and that this process runs it."""
        run_here(self.run_id)
        self._write("started.json", started.model_dump(mode="json"))

    def take_up(self, now: Started, allow: Collection[Allowed]) -> None:
        """Take over an interrupted run, if it would do the same again.

        Raises RunError if it has another owner, or if its code or its inputs have changed.
        """
        before = self.started()
        different = list(_changes(before, now))
        if different and "changes" not in allow:
            raise RunError(
                f"Run {self.run_id} began otherwise than it would go on: {'; '.join(different)}.",
                hint="Start a new run, which takes what it can from the cache; or mix both, "
                "which the record will not tell, with --allow changes.",
            )
        self._claim(allow)
        run_here(self.run_id)
        if different:
            kept = now.model_copy(update={"owner": before.owner, "started_at": before.started_at})
            self._write("started.json", kept.model_dump(mode="json"))

    def started(self) -> Started:
        """How the run began. Raises FileNotFoundError, CorruptedError."""
        try:
            return Started.model_validate_json(self._read("started.json"))
        except ValidationError:
            raise CorruptedError(f"The journal of run {self.run_id} is damaged.") from None

    def resumed_at(self) -> list[str]:
        """When the run was resumed."""
        return [str(claim.document["at"]) for claim in self._claims.entries()]

    def is_running(self, started: Started) -> bool:
        """Whether a process runs it now."""
        return self._owner(started)[1].lives(self.run_id)

    def release(self) -> None:
        """Note that this process runs it no more."""
        run_no_more(self.run_id)

    def close(self) -> None:
        """Remove the journal: the record of the run stands in its chain."""
        self.release()
        self._store.files.delete_folder(self._folder)

    def effect(self, step: str, key: str) -> dict[str, Artifact] | None:
        """The outputs of a step whose effect has happened when the same was asked of it.

        Raises CorruptedError if that cannot be told.
        """
        try:
            noted = Effect.model_validate_json(self._read(f"effects/{step}.json"))
        except FileNotFoundError:
            return None
        except ValidationError:
            raise CorruptedError(
                f"The journal of run {self.run_id} is damaged: whether the effect of step "
                f"{step!r} has happened cannot be told."
            ) from None
        if noted.key != key:
            return None
        return {
            name: Artifact(kind, fingerprint=found, store=self._store, absent=found is None)
            for name, (kind, found) in noted.outputs.items()
        }

    def note_effect(self, step: str, key: str, outputs: Mapping[str, Artifact]) -> None:
        """Note that the effect of a step has happened; its outputs are stored."""
        named = {name: (output.kind, output.fingerprint) for name, output in outputs.items()}
        self._write(f"effects/{step}.json", Effect(key=key, outputs=named).model_dump(mode="json"))

    def effects(self) -> Iterator[Effect]:
        """All effects that are noted; damaged notes are left out."""
        for name in self._store.files.names(f"{self._folder}/effects"):
            with suppress(ValidationError):
                yield Effect.model_validate_json(self._read(f"effects/{name}"))

    def _owner(self, started: Started) -> tuple[int, Owner]:
        """The number of the last claim, and who made it."""
        head = self._claims.head()
        if head.number == 0:
            return 0, started.owner
        try:
            return head.number, Owner.model_validate(self._claims.read(head.number).document)
        except ValidationError:
            raise CorruptedError(f"The journal of run {self.run_id} is damaged.") from None

    def _claim(self, allow: Collection[Allowed]) -> None:
        number, owner = self._owner(self.started())
        if owner.lives(self.run_id) and "takeover" not in allow:
            raise RunError(
                f"Run {self.run_id} is running: process {owner.process} on {owner.host}.",
                hint="If that machine is gone: --allow takeover.",
            )
        try:
            self._claims.append(Owner.this_process().model_dump(mode="json"), after=number)
        except DecisionConflict:
            raise RunError(f"Run {self.run_id} is being resumed by another process.") from None

    def _write(self, name: str, document: JsonValue) -> None:
        self._store.files.write(f"{self._folder}/{name}", canonical_json(document))

    def _read(self, name: str) -> bytes:
        return self._store.files.read(f"{self._folder}/{name}")


def _changes(before: Started, now: Started) -> Iterator[str]:
    names = [step.name for step in before.steps]
    if names != [step.name for step in now.steps]:
        yield f"its steps were {listed(names)}"
        return
    for name in sorted({*before.inputs, *now.inputs}):
        if before.inputs.get(name) != now.inputs.get(name):
            yield f"its input {name!r} was another"
    for old, new in zip(before.steps, now.steps, strict=True):
        if (old.package, old.version) != (new.package, new.version):
            yield f"step {old.name!r} was of {_named(old)}, now of {_named(new)}"
        elif old.step != new.step or old.code != new.code:
            yield f"the code of step {old.name!r} was another"
        elif old.configuration != new.configuration:
            yield f"the configuration of step {old.name!r} was another"
        elif old.environment != new.environment:
            yield f"the environment of step {old.name!r} was another"


def _named(step: StartedStep) -> str:
    return f"{step.package} {step.version}" if step.package else "the project"
