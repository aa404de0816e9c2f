"""Runs that have not ended: found, so that they can be listed and resumed."""

from __future__ import annotations

from collections.abc import Iterator

from stepwell._errors import RunError, StoreError, did_you_mean, listed
from stepwell._records._journal import Journal, Started
from stepwell._storage._store import Store


def journals(store: Store) -> Iterator[tuple[Journal, Started]]:
    """The journals of all runs that have no record, or whose journal is not removed yet."""
    for run_id in store.files.names("runs"):
        journal = Journal(store, run_id)
        try:
            yield journal, journal.started()
        except (FileNotFoundError, StoreError):
            continue


def unfinished(store: Store, pipeline: str, wanted: str) -> Journal:
    """The journal of the run whose id begins so; `last` is the newest that no process runs.

    Raises RunError if there is none, or if it has ended.
    """
    found = []
    for journal, started in journals(store):
        if started.pipeline == pipeline and _ended(store, journal, started):
            journal.close()
        elif started.pipeline == pipeline:
            found.append((journal, started))
    if wanted == "last":
        left = [journal for journal, started in found if not journal.is_running(started)]
    else:
        left = [journal for journal, _ in found if journal.run_id.startswith(wanted)]
    if left and (wanted == "last" or len(left) == 1):
        return left[-1]
    if wanted == "last" or not found:
        raise RunError(
            f"No run of pipeline {pipeline!r} was interrupted.", hint="See: stepwell runs list"
        )
    ids = [journal.run_id for journal, _ in found]
    raise RunError(
        f"{len(left) or 'No'} unfinished runs of pipeline {pipeline!r} begin with {wanted!r}.",
        hint=f"{did_you_mean(wanted, ids)} Unfinished: {listed(ids)}.".strip(),
    )


def _ended(store: Store, journal: Journal, started: Started) -> bool:
    """Whether the record was written and its process killed before it removed the journal."""
    for entry in store.records.newest_first():
        if entry.document.get("run_id") == journal.run_id:
            return True
        if str(entry.document.get("finished_at")) < started.started_at.isoformat():
            return False
    return False
