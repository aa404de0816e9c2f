"""The locks in a store: a request is resolved once, and everybody who shares the store has it.

environments/REQUEST.json   what a request was resolved to; the lock itself is a blob
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pydantic import ValidationError

from stepwell._digest import canonical_json, digest_json
from stepwell._environments._lock import Locked, described, resolved
from stepwell._environments._request import Request
from stepwell._json import read_object
from stepwell._storage._store import Store

FORMAT = "stepwell.environment/1"
FOLDER = "environments"


def known(store: Store, request: Request) -> Locked | None:
    """What a request was resolved to; None if it was not yet, or for files that have changed."""
    found = _read(store, f"{FOLDER}/{request.digest}.json")
    return found if found is not None and found.is_up_to_date() else None


def locked(store: Store, request: Request, step: str) -> Locked:
    """What a request is resolved to, now if it was not before. Raises EnvironmentUnavailable."""
    found = known(store, request)
    if found is not None:
        return found
    name = f"{FOLDER}/{request.digest}.json"
    outdated = _read(store, name)
    content = resolved(request, step, before=_content(store, outdated))
    made = _kept(store, request, content)
    entry = _entry(request, made)
    if outdated is None and not store.files.create(name, entry):
        first = _read(store, name)
        if first is not None:  # another process has resolved it meanwhile
            return first
    store.files.write(name, entry)
    return made


def locked_anew(store: Store, request: Request, step: str) -> Locked:
    """What a request is resolved to now, with the newest versions.

    Raises EnvironmentUnavailable.
    """
    made = _kept(store, request, resolved(request, step, before=None, here=False))
    store.files.write(f"{FOLDER}/{request.digest}.json", _entry(request, made))
    return made


def locks(store: Store) -> Iterator[str]:
    """The digests of the locks of all requests."""
    for file in store.files.names(FOLDER):
        found = _read(store, f"{FOLDER}/{file}")
        if found is not None:
            yield found.lock


def _content(store: Store, found: Locked | None) -> bytes | None:
    return bytes(store.blob(found.lock)) if found and store.has_blob(found.lock) else None


def _kept(store: Store, request: Request, content: bytes) -> Locked:
    return described(request, content, store.put_blob(content))


def _entry(request: Request, made: Locked) -> bytes:
    entry = {
        "format": FORMAT,
        "requirements": sorted(one.text for one in request.packages),
        "resolved_at": datetime.now(UTC).isoformat(),
        **made.model_dump(mode="json"),
    }
    return canonical_json({**entry, "digest": digest_json([request.digest, entry])})


def _read(store: Store, name: str) -> Locked | None:
    """An entry; one that is damaged is none."""
    try:
        entry = read_object(store.files.read(name))
        asked = name.rpartition("/")[2].removesuffix(".json")
        if entry.pop("digest") != digest_json([asked, entry]) or entry["format"] != FORMAT:
            return None
        return Locked.model_validate(entry)
    except (FileNotFoundError, ValueError, KeyError, ValidationError):
        return None
