"""Which MLflow run stands for a run of Stepwell, where machines share a store but no lock."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepwell.authoring import Store


def agreed(store: Store, uri: str, run_id: str, proposed: str) -> str:
    """The id of the MLflow run for `run_id`: the first that anybody proposed to the store."""
    server = sha256(uri.encode()).hexdigest()[:16]  # the address may hold a password
    note = f"tracking/runs/{server}/{run_id}"
    if store.files.create(note, proposed.encode()):
        return proposed
    return store.files.read(note).decode()
