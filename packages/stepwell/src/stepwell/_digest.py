"""Digests: BLAKE3, written as hexadecimal text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any

from blake3 import blake3

_PARALLEL_FROM = 1 << 20  # bytes; below that, starting threads costs more than it saves


def digest(data: Any) -> str:
    """The digest of bytes (or anything with a buffer)."""
    size = memoryview(data).nbytes
    threads = blake3.AUTO if size >= _PARALLEL_FROM else 1
    return blake3(data, max_threads=threads).hexdigest()


def digest_file(path: Path) -> str:
    """The digest of a file's bytes, read memory-mapped."""
    hasher = blake3(max_threads=blake3.AUTO)
    hasher.update_mmap(path)
    return hasher.hexdigest()


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys and without spaces: equal values have equal bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def digest_json(value: Any) -> str:
    """The digest of a JSON value, independent of the order of its keys."""
    return digest(canonical_json(value))


class DigestingSink:
    """A writable file that digests what passes through it, on its way to `file` (or nowhere)."""

    closed = False

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self._file = file
        self._hasher = blake3(max_threads=blake3.AUTO)
        self.size = 0

    def write(self, data: Any) -> int:
        """Take these bytes."""
        view = memoryview(data)
        self._hasher.update(view)
        self.size += view.nbytes
        if self._file is not None:
            self._file.write(view)
        return view.nbytes

    def flush(self) -> None:
        """Arrow asks for it; the file is flushed by whoever opened it."""

    def hexdigest(self) -> str:
        """The digest of everything written so far."""
        return self._hasher.hexdigest()
