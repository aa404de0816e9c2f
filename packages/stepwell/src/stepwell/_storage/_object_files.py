"""The files of a store in an object store: S3, and what fsspec makes look alike."""

from __future__ import annotations

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from inspect import signature
from pathlib import PurePosixPath
from typing import Any

from stepwell._errors import StoreError
from stepwell._paths import checked_path
from stepwell._secrets import masked
from stepwell._storage._files import Incoming

_PROOF = "created-once"
_ATTEMPTS = 6
_SMALL = 1_000_000
_NOT_EXCLUSIVE = (
    "The store {} cannot be used: {} has no way to create a file only if it does not exist, on "
    "which records and decisions stand."
)


class ObjectFiles:
    """Files in a folder of an object store, by fsspec: one PUT for each."""

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        self.url = str(masked(url.rstrip("/")))
        try:
            # without its cache of listings, which hides what other processes write
            self._fs, root = url_to_fs(url.rstrip("/"), use_listings_cache=False)
        except ImportError as error:
            raise StoreError(f"The store {self.url} cannot be opened: {error}.") from None
        except Exception as error:  # whatever a file system raises may quote credentials
            raise StoreError(
                f"The store {self.url} cannot be opened ({type(error).__name__})."
            ) from None
        if not _creates_exclusively(self._fs):
            raise StoreError(_NOT_EXCLUSIVE.format(self.url, type(self._fs).__name__))
        self._root = root.rstrip("/")
        self._in_one_request = _in_one_request(self._fs)
        self._is_proven = False
        self._small: set[str] = set()

    def _path(self, name: str) -> str:
        return "/".join([self._root, *checked_path(name)])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # whatever a file system raises may quote credentials
            if isinstance(error, FileNotFoundError) and not _is_bucket_missing(error):
                raise
            raise StoreError(f"The store {self.url} cannot be read: {_why(error)}.") from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # whatever a file system raises may quote credentials
            raise StoreError(f"The store {self.url} cannot be written: {_why(error)}.") from None

    def read(self, name: str) -> bytes:
        with self._reading():
            return bytes(self._fs.cat_file(self._path(name), **self._in_one_request))

    def map(self, name: str) -> Any:
        if name in self._small:
            return self.read(name)
        with self._reading():
            return bytes(self._fs.cat_file(self._path(name)))

    def exists(self, name: str) -> bool:
        try:
            with self._reading():  # not `isfile`, which takes every error for a no
                found = self._fs.info(self._path(name))
        except FileNotFoundError:
            return False
        if found["size"] is not None and found["size"] < _SMALL:
            self._small.add(name)
        return bool(found["type"] == "file")

    def write(self, name: str, content: bytes, *, durable: bool = True) -> None:
        with self._writing():
            self._fs.pipe_file(self._path(name), content)

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that must not exist; False if it does, with other content.

        One with the same content is taken for ours: an answer was lost, and the request repeated.
        """
        if not self._is_proven:
            self._prove()
        return self._create(name, content)

    def _prove(self) -> None:
        """See that of two who create a file the second is refused: not every server does it."""
        first, second = secrets.token_bytes(8), secrets.token_bytes(8)
        if self._create(_PROOF, first) and self._create(_PROOF, second):
            raise StoreError(_NOT_EXCLUSIVE.format(self.url, "its server"))
        self._is_proven = True

    def _create(self, name: str, content: bytes) -> bool:
        for attempt in range(_ATTEMPTS):
            try:
                self._fs.pipe_file(self._path(name), content, mode="create")
            except Exception as error:  # refused, or the answer was lost: what is there tells
                failure = error
            else:
                return True
            try:
                return self.read(name) == content
            except FileNotFoundError:
                time.sleep(0.05 * 2**attempt)
        with self._writing():
            raise failure

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        with tempfile.TemporaryDirectory() as folder:
            local = os.path.join(folder, "incoming")
            with open(local, "wb") as file:
                incoming = Incoming(file)
                yield incoming
            if incoming.name is None:
                return
            path = self._path(incoming.name)
            with self._writing():
                self._fs.put_file(local, path)

    def names(self, folder: str) -> list[str]:
        try:
            with self._reading():
                found = self._fs.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(name).name for name in found)

    def delete(self, name: str) -> None:
        with self._writing(), suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def delete_folder(self, name: str) -> None:
        with self._writing(), suppress(FileNotFoundError):
            self._fs.rm(self._path(name), recursive=True)

    def size(self, name: str) -> int:
        with self._reading():
            return int(self._fs.size(self._path(name)))

    def modified(self, name: str) -> float:
        with self._reading():
            return float(self._fs.modified(self._path(name)).timestamp())


def _is_bucket_missing(error: BaseException) -> bool:
    """Whether S3 says that there is no such bucket, which is not an empty one."""
    response = getattr(error.__cause__, "response", None) or {}
    return bool(response.get("Error", {}).get("Code") == "NoSuchBucket")


def _why(error: Exception) -> str:
    """What went wrong, without the text of the error."""
    if isinstance(error, FileNotFoundError):
        return "there is no such bucket"
    if isinstance(error, PermissionError):
        return "access is denied"
    return type(error).__name__


def _in_one_request(file_system: Any) -> dict[str, int]:
    """The option of `cat_file` that reads a file as a whole, without asking for its size first."""
    method = getattr(file_system, "_cat_file", file_system.cat_file)
    return {"max_concurrency": 1} if "max_concurrency" in signature(method).parameters else {}


def _creates_exclusively(file_system: Any) -> bool:
    """Whether a file system has a `pipe_file` of its own that knows `mode="create"`.

    The one that fsspec supplies looks first and then writes: two writers would both succeed.
    """
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    is_async = isinstance(file_system, AsyncFileSystem)
    method = "_pipe_file" if is_async else "pipe_file"
    own = getattr(type(file_system), method)
    inherited = getattr(AsyncFileSystem if is_async else AbstractFileSystem, method)
    return own is not inherited and "mode" in signature(own).parameters
