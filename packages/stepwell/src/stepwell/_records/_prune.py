"""Freeing space: blobs that nothing needs any more."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from stepwell._environments._locks import locks
from stepwell._errors import StepwellError, StoreError
from stepwell._json import read_object
from stepwell._paths import checked_name
from stepwell._records._decisions import DecisionLog
from stepwell._records._history import known_record
from stepwell._records._resume import journals
from stepwell._storage._artifacts import blobs_of
from stepwell._storage._store import Store

GRACE = 3600.0
"""Seconds for which a new blob is kept whatever happens: a run may be about to name it."""


def prune(store: Store, *, keep_runs: int, dry_run: bool) -> dict[str, int]:
    """Remove blobs which neither the newest `keep_runs` runs of a pipeline nor a decision names,
    and the cache entries that lead to them. Returns counts; with `dry_run` nothing is removed.
    """
    needed = {blob for artifact in _needed(store, keep_runs) for blob in _blobs(store, *artifact)}
    removed = {"blobs": 0, "bytes": 0, "cache_entries": 0, "kept_blobs": 0, "unfinished": 0}
    for name, digest in _all_blobs(store):
        if digest in needed or time.time() - store.files.modified(name) < GRACE:
            removed["kept_blobs"] += 1
            continue
        removed["blobs"] += 1
        removed["bytes"] += store.files.size(name)
        if not dry_run:
            store.files.delete(name)
    for name, outputs in _cache_entries(store):
        if outputs is None or not all(f in needed or store.has_blob(f) for f in outputs):
            removed["cache_entries"] += 1
            if not dry_run:
                store.files.delete(name)
    for name in _abandoned(store):
        removed["unfinished"] += 1
        if not dry_run:
            store.files.delete(name)
    return removed


def _abandoned(store: Store) -> Iterator[str]:
    """Files that a process left half-written when it was killed."""
    for file in store.files.names("incoming"):
        name = f"incoming/{file}"
        if time.time() - store.files.modified(name) >= GRACE:
            yield name


def _needed(store: Store, keep_runs: int) -> Iterator[tuple[str, str]]:
    """Fingerprint and kind of every artifact that has to stay."""
    seen: Counter[str] = Counter()
    for entry in store.records.newest_first():
        record = known_record(entry)
        seen[record["pipeline"]] += 1
        if seen[record["pipeline"]] > keep_runs:
            continue
        for step in record["steps"]:
            yield from _outputs(step)
    yield from ((lock, "lock") for lock in locks(store))
    for journal, _ in journals(store):
        for effect in journal.effects():
            yield from ((found, kind) for kind, found in effect.outputs.values() if found)
    for name in store.files.names("decisions"):
        for decision in DecisionLog(store, name).entries():
            yield from ((f, "model") for f in (decision.model, decision.champion_before) if f)
            yield from (
                (r.fingerprint, "report") for r in decision.reports.values() if r.fingerprint
            )


def _outputs(step: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if step.get("environment"):
        yield step["environment"]["lock"], "lock"
    for output in step["outputs"].values():
        if output["fingerprint"] is not None:
            yield output["fingerprint"], output["kind"]


def _blobs(store: Store, fingerprint: str, kind: str) -> list[str]:
    try:
        return blobs_of(store, fingerprint, kind)
    except StoreError:  # gone or damaged: nothing of it can be kept
        return [fingerprint]


def _all_blobs(store: Store) -> Iterator[tuple[str, str]]:
    for prefix in store.files.names("blobs"):
        for rest in store.files.names(f"blobs/{prefix}"):
            yield f"blobs/{prefix}/{rest}", prefix + rest


def _cache_entries(store: Store) -> Iterator[tuple[str, list[str] | None]]:
    """Every cache entry and the fingerprints that it leads to; None if it is damaged."""
    for prefix in store.files.names("cache"):
        for rest in store.files.names(f"cache/{prefix}"):
            name = f"cache/{prefix}/{rest}"
            try:
                outputs = read_object(store.files.read(name))["outputs"].values()
                yield name, [checked_name(f, what="blob") for f in outputs if f is not None]
            except (ValueError, KeyError, AttributeError, StepwellError):
                yield name, None
