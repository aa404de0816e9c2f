"""Where a store keeps its files: a local folder, or a folder of an object store.

Both write whole files or nothing, and both can create a file only if it does not exist: chains of
records stand on that and need no lock.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from stepwell._errors import StoreError

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


def checked_path(name: str) -> str:
    """A relative path of plain parts: what every file of a store is named by."""
    parts = name.split("/")
    if not all(_PART.fullmatch(part) and not part.endswith(".") for part in parts):
        raise StoreError(f"{name!r} is no path inside a store.")
    return name


class Files(Protocol):
    """The operations that a store needs; all paths are relative and checked."""

    url: str

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""

    def map(self, name: str) -> Any:
        """The bytes of a file as a buffer, memory-mapped where that is possible."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file: readers see all of the old or all of the new one."""

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that must not exist; False if it does."""

    def incoming(self) -> Any:
        """A context with an `Incoming`: a file that gets its name when it is complete."""

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted; none if there is no such folder."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""

    def size(self, name: str) -> int:
        """The size of a file in bytes. Raises FileNotFoundError."""

    def modified(self, name: str) -> float:
        """When a file was written, in seconds since 1970."""


class Incoming:
    """A file being written; `keep_as` gives it its name, without that it vanishes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.name: str | None = None

    def keep_as(self, name: str) -> None:
        """Keep what was written under this name once the block ends."""
        self.name = name


class LocalFiles:
    """Files in a local folder: written, synced, then renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)
        self._real = os.path.realpath(root)
        self._safe: set[str] = set()

    def _path(self, name: str) -> str:
        """The one way into the file system: a path proven to stay inside the store."""
        path = os.path.join(self._real, *checked_path(name).split("/"))
        folder = os.path.dirname(path)
        if folder not in self._safe:
            if os.path.realpath(folder) != folder:
                raise StoreError(f"A symbolic link leads {name!r} out of the store {self.root}.")
            self._safe.add(folder)
        return path

    def _open(self, name: str) -> int:
        try:
            return os.open(self._path(name), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(
                f"{name!r} of the store {self.root} cannot be read: {error.strerror}."
            ) from None

    def read(self, name: str) -> bytes:
        with open(self._open(name), "rb") as file:
            return file.read()

    def map(self, name: str) -> Any:
        import mmap

        with open(self._open(name), "rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def exists(self, name: str) -> bool:
        path = self._path(name)
        return os.path.isfile(path) and not os.path.islink(path)

    def write(self, name: str, content: bytes) -> None:
        with self.incoming() as incoming:
            incoming.file.write(content)
            incoming.keep_as(name)

    def create(self, name: str, content: bytes) -> bool:
        target = self._path(name)
        temporary = self._temporary(target, content)
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._failed(error) from None
        finally:
            os.unlink(temporary)
        _sync_folder(os.path.dirname(target))
        return True

    def _temporary(self, target: str, content: bytes) -> str:
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._incoming_folder())
        except OSError as error:
            raise self._failed(error) from None
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            os.unlink(temporary)
            raise self._failed(error) from None
        return temporary

    def _incoming_folder(self) -> str:
        folder = os.path.join(self._real, "incoming")
        os.makedirs(folder, exist_ok=True)
        return folder

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        try:
            descriptor, temporary = tempfile.mkstemp(dir=self._incoming_folder())
            try:
                with open(descriptor, "wb") as file:
                    incoming = Incoming(file)
                    yield incoming
                    if incoming.name is not None:
                        file.flush()
                        os.fsync(file.fileno())
                if incoming.name is not None:
                    target = self._path(incoming.name)
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    os.replace(temporary, target)
                    _sync_folder(os.path.dirname(target))
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(
            f"The store {self.root} cannot be written: {error.strerror or type(error).__name__}.",
            hint="Free some space or choose another store with --store.",
        )

    def names(self, folder: str) -> list[str]:
        path = self._path(f"{folder}/x").removesuffix("/x")
        try:
            return sorted(entry.name for entry in os.scandir(path) if not entry.is_symlink())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self._path(name))

    def size(self, name: str) -> int:
        return os.lstat(self._path(name)).st_size

    def modified(self, name: str) -> float:
        return os.lstat(self._path(name)).st_mtime


def _sync_folder(folder: str) -> None:
    """Make a rename survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ObjectFiles:
    """Files in a folder of an object store, by fsspec: one PUT for each."""

    def __init__(self, url: str) -> None:
        from fsspec.core import url_to_fs

        self.url = url.rstrip("/")
        try:
            self._fs, root = url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise StoreError(f"The store {self.url} cannot be opened: {error}") from None
        self._root = root.rstrip("/")

    def _path(self, name: str) -> str:
        return f"{self._root}/{checked_path(name)}"

    def read(self, name: str) -> bytes:
        return bytes(self._fs.cat_file(self._path(name)))

    def map(self, name: str) -> Any:
        return self.read(name)

    def exists(self, name: str) -> bool:
        return bool(self._fs.isfile(self._path(name)))

    def write(self, name: str, content: bytes) -> None:
        self._fs.pipe_file(self._path(name), content)

    def create(self, name: str, content: bytes) -> bool:
        path = self._path(name)
        self._fs.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
        try:
            self._fs.pipe_file(path, content, mode="create")
        except FileExistsError:
            return False
        return True

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        with tempfile.TemporaryFile() as file:
            incoming = Incoming(file)
            yield incoming
            if incoming.name is None:
                return
            file.seek(0)
            path = self._path(incoming.name)
            self._fs.makedirs(str(PurePosixPath(path).parent), exist_ok=True)
            with self._fs.open(path, "wb") as target:
                while chunk := file.read(1 << 24):
                    target.write(chunk)

    def names(self, folder: str) -> list[str]:
        path = f"{self._root}/{checked_path(folder)}"
        self._fs.invalidate_cache(path)
        try:
            found = self._fs.ls(path, detail=False)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(name).name for name in found)

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm_file(self._path(name))

    def size(self, name: str) -> int:
        return int(self._fs.size(self._path(name)))

    def modified(self, name: str) -> float:
        return float(self._fs.modified(self._path(name)).timestamp())


def open_files(url: str) -> Files:
    """The files of the store at this path or URL."""
    if "://" not in url:
        return LocalFiles(Path(url).expanduser().absolute())
    if url.startswith("file://"):
        return LocalFiles(Path(url.removeprefix("file://")).absolute())
    return ObjectFiles(url)
