"""What run records say about datasets of a catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from stepwell import Origin
from stepwell.authoring import Store

FORMAT = "stepwell.record/1"


class Taken(BaseModel):
    """What a step took: the fingerprint of an artifact."""

    fingerprint: str | None


class Made(BaseModel):
    """What a step made: an artifact of a kind."""

    kind: str
    fingerprint: str | None


class RecordedStep(BaseModel):
    """What a record says of a step."""

    name: str
    inputs: dict[str, Taken]
    outputs: dict[str, Made]


class Record(BaseModel):
    """What a record says of a run, as far as a catalog asks."""

    run_id: str
    pipeline: str
    status: str
    started_at: str
    steps: list[RecordedStep]
    origins: dict[str, list[Origin]] = {}


def records_of(store: Store, *, newest_first: bool = False) -> Iterator[Record | None]:
    """The records of a store, oldest first; None for one of another version of Stepwell.

    Raises StoreError, CorruptedError for a store that cannot be read.
    """
    chain = store.records.newest_first() if newest_first else store.records.entries()
    return (_record(entry.document) for entry in chain)


def _record(document: dict[str, Any]) -> Record | None:
    if document.get("format") != FORMAT:
        return None
    try:
        return Record.model_validate(document)
    except ValidationError:
        return None
