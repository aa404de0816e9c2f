"""Locks between processes; they end with the process that holds them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepwell.authoring import Store


@contextmanager
def locked(path: Path, *, patience: float = 0.0) -> Iterator[bool]:
    """Whether this process got the lock at `path` within `patience` seconds."""
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def lock_of(store: Store, purpose: str) -> Path:
    """Where the lock of `store` for `purpose` lies: in a local store, else on this machine."""
    if store.folder is not None:
        return Path(store.folder, "locks", f"{purpose}.lock")
    name = sha256(store.url.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"stepwell-{name}-{purpose}.lock")
