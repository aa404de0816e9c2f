"""The store: artifacts by content, cache entries, run records and decisions.

blobs/ab/cdef…        bytes by their digest: columns, manifests, model files, JSON
cache/ab/cdef…json    which step with which inputs gave which outputs
records/00000001.json the chain of run records
decisions/NAME/…      the chain of decisions about a model in production
runs/ID/…             runs on their way: who owns them, effects that happened
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from stepwell._digest import DigestingSink, digest
from stepwell._errors import ConfigurationError, CorruptedError, StoreError
from stepwell._paths import checked_name
from stepwell._storage._chain import Chain
from stepwell._storage._files import Files, LocalFiles, open_files


class BlobWriter:
    """A blob being written: write into `sink`; its `digest` is known when the block ends."""

    def __init__(self, sink: DigestingSink) -> None:
        self.sink = sink
        self.digest = ""


class Store:
    """A folder, local or in an object store, that everything is kept in."""

    def __init__(self, url: str | os.PathLike[str]) -> None:
        self.files: Files = open_files(os.fspath(url))
        self._verified: set[str] = set()

    @property
    def url(self) -> str:
        """The path or URL of the store."""
        return self.files.url

    def __repr__(self) -> str:
        return f"Store({self.url!r})"

    # blobs

    def put_blob(self, content: Any) -> str:
        """Keep these bytes and return their digest; bytes that are there are not written again."""
        found = digest(content)
        if not self._holds(found):
            self.files.write(_blob_name(found), bytes(content))
            self._verified.add(found)
        return found

    @contextmanager
    def blob_writer(self) -> Iterator[BlobWriter]:
        """A context to write a blob whose digest is only known at its end."""
        with self.files.incoming() as incoming:
            writer = BlobWriter(DigestingSink(incoming.file))
            yield writer
            writer.digest = writer.sink.hexdigest()
            if self._holds(writer.digest):
                return
            incoming.keep_as(_blob_name(writer.digest))
        self._verified.add(writer.digest)

    def _holds(self, digest_: str) -> bool:
        """Whether a blob is there, and undamaged where it is near enough to look."""
        if not self.has_blob(digest_):
            return False
        if digest_ in self._verified or not isinstance(self.files, LocalFiles):
            return True
        try:
            self.blob(digest_)
        except CorruptedError:
            return False
        return True

    def has_blob(self, digest_: str) -> bool:
        """Whether the store has the bytes of this digest."""
        return self.files.exists(_blob_name(digest_))

    def blob(self, expected: str) -> Any:
        """The bytes of this digest as a buffer, verified. Raises StoreError, CorruptedError."""
        try:
            content = self.files.map(_blob_name(expected))
        except FileNotFoundError:
            raise StoreError(f"The store {self.url} has no blob {expected[:12]}.") from None
        if expected not in self._verified:
            found = digest(content)
            if found != expected:
                raise CorruptedError(
                    f"Blob {expected[:12]} of the store {self.url} was changed: its bytes have the "
                    f"digest {found[:12]}."
                )
            self._verified.add(expected)
        return content

    # artifacts

    def put(self, artifact: object) -> str:
        """Keep a dataset, a model or a report and return its fingerprint."""
        from stepwell._storage._artifacts import put_value

        return put_value(self, artifact)

    def get(self, fingerprint: str, kind: str) -> Any:
        """The dataset, model or report of this fingerprint. Raises StoreError, CorruptedError."""
        from stepwell._storage._artifacts import get_value

        return get_value(self, fingerprint, kind)

    def remove_damaged(self, fingerprint: str, kind: str) -> bool:
        """Remove what is damaged of an artifact, so that it can be made again; False if nothing is.

        What is missing counts as damaged.
        """
        from stepwell._storage._artifacts import blobs_of

        try:
            blobs = blobs_of(self, fingerprint, kind)
        except (StoreError, ValueError, KeyError):
            blobs = [fingerprint]
        damaged = [blob for blob in blobs if not self._is_intact(blob)]
        for blob in damaged:
            self.files.delete(_blob_name(blob))
        return bool(damaged)

    def _is_intact(self, blob: str) -> bool:
        self._verified.discard(blob)
        try:
            self.blob(blob)
        except StoreError:
            return False
        return True

    # chains

    @cached_property
    def records(self) -> Chain:
        """The chain of run records."""
        return Chain(self.files, "records")

    def decisions(self, name: str) -> Chain:
        """The chain of decisions about the model of this name. Raises ConfigurationError.

        A name that differs from an existing one only in case is refused: some file systems
        would take both for the same.
        """
        checked_name(name, what="model")
        for other in self.files.names("decisions"):
            if other != name and other.lower() == name.lower():
                raise ConfigurationError(
                    f"The model name {name!r} differs only in case from {other!r}, which exists.",
                    hint=f"Write {other!r}, or choose another name.",
                )
        return Chain(self.files, f"decisions/{name}")

    @property
    def folder(self) -> str | None:
        """The local folder of the store; None in an object store."""
        return self.files.url if isinstance(self.files, LocalFiles) else None


def _blob_name(digest_: str) -> str:
    return f"blobs/{digest_[:2]}/{digest_[2:]}"
