"""Where a store keeps its files: a local folder, or a folder of an object store.

Both write whole files or nothing, and both can create a file only if it does not exist: chains of
records stand on that and need no lock.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from stepwell._errors import StoreError
from stepwell._paths import inside, is_plain
from stepwell._secrets import masked

Done = TypeVar("Done")


class Files(Protocol):
    """The operations that a store needs; all paths are relative and checked."""

    url: str

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""

    def map(self, name: str) -> Any:
        """The bytes of a file as a buffer, memory-mapped where that is possible."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    def write(self, name: str, content: bytes, *, durable: bool = True) -> None:
        """Write or replace a file: readers see all of the old or all of the new one.

        One that need not be durable may be gone or damaged after a power failure.
        """

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that must not exist; False if it does.

        The content has to tell writers apart: an object store takes equal content for its own.
        """

    def incoming(self) -> Any:
        """A context with an `Incoming`: a file that gets its name when it is complete."""

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted; none if there is no such folder."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""

    def delete_folder(self, name: str) -> None:
        """Remove a folder and all that is in it; one that is not there is no error."""

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
    """Files in a local folder: written, synced where they have to last, then renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)
        self._real = os.path.realpath(root)

    def _path(self, name: str) -> str:
        return inside(self._real, name)

    def read(self, name: str) -> bytes:
        with self._doing("read", name), opened(self._path(name)) as file:
            return file.read()

    def map(self, name: str) -> Any:
        import mmap

        with self._doing("read", name), opened(self._path(name)) as file:
            if os.fstat(file.fileno()).st_size == 0:
                return b""
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @contextmanager
    def _doing(self, what: str, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(
                f"{name!r} of the store {self.root} cannot be {what}: {_what(error)}."
            ) from None

    def exists(self, name: str) -> bool:
        try:
            return stat.S_ISREG(os.lstat(self._path(name)).st_mode)
        except OSError:
            return False

    def write(self, name: str, content: bytes, *, durable: bool = True) -> None:
        with self._temporary() as (file, temporary):
            file.write(content)
            self._keep(file, temporary, name, durable=durable)

    def create(self, name: str, content: bytes) -> bool:
        target = self._path(name)
        with self._temporary() as (file, temporary):
            file.write(content)
            _finish(file)
            try:  # unlike a rename, a link never replaces a file
                _in_its_folder(target, lambda: os.link(temporary, target))
            except FileExistsError:
                return False
            _sync_folder(os.path.dirname(target))
        return True

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        with self._temporary() as (file, temporary):
            incoming = Incoming(file)
            yield incoming
            if incoming.name is not None:
                self._keep(file, temporary, incoming.name)

    def _keep(self, file: IO[bytes], temporary: str, name: str, *, durable: bool = True) -> None:
        _finish(file, durable=durable)
        target = self._path(name)
        _in_its_folder(target, lambda: os.replace(temporary, target))
        if durable:
            _sync_folder(os.path.dirname(target))

    @contextmanager
    def _temporary(self) -> Iterator[tuple[IO[bytes], str]]:
        """A new file and its path; it is gone after the block, unless it was renamed."""
        temporary = self._path(f"incoming/{secrets.token_hex(16)}")
        try:
            try:
                with _in_its_folder(temporary, lambda: open(temporary, "xb")) as file:
                    yield file, temporary
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary)
        except OSError as error:
            raise StoreError(
                f"The store {self.root} cannot be written: {_what(error)}.",
                hint="Free some space or choose another store with --store.",
            ) from None

    def names(self, folder: str) -> list[str]:
        path = os.path.dirname(self._path(f"{folder}/x"))
        try:
            with self._doing("read", folder), os.scandir(path) as entries:
                found = [entry.name for entry in entries if not entry.is_symlink()]
        except FileNotFoundError:
            return []
        return sorted(filter(is_plain, found))

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError), self._doing("removed", name):
            os.unlink(self._path(name))

    def delete_folder(self, name: str) -> None:
        with suppress(FileNotFoundError), self._doing("removed", name):
            shutil.rmtree(self._path(name))

    def size(self, name: str) -> int:
        return os.lstat(self._path(name)).st_size

    def modified(self, name: str) -> float:
        return os.lstat(self._path(name)).st_mtime


def opened(path: str) -> IO[bytes]:
    """A regular file, open for reading. Raises OSError; nothing else, such as a pipe or a device,
    is ever waited for or read, and no link followed.
    """
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    descriptor = os.open(path, os.O_RDONLY | flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no file")


def _in_its_folder(path: str, act: Callable[[], Done]) -> Done:
    """What `act` does at this path; again in a new folder if there was none."""
    try:
        return act()
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return act()


def _what(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _finish(file: IO[bytes], *, durable: bool = True) -> None:
    file.flush()
    if durable:
        os.fsync(file.fileno())
    file.close()  # Windows renames no open file


def _sync_folder(folder: str) -> None:
    """Make a rename survive a power failure."""
    if os.name == "nt":  # where folders cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_files(url: str) -> Files:
    """The files of the store at this path or URL."""
    path = url.removeprefix("file://")
    if not path.strip() or not url.isprintable():
        raise StoreError(f"{masked(url)!r} is no path or URL of a store.")
    if "://" in path:
        from stepwell._storage._object_files import ObjectFiles

        return ObjectFiles(url)
    if path != url and not Path(path).is_absolute():
        raise StoreError(f"{url!r} is no file URL: its path has to begin with a slash.")
    return LocalFiles(Path(path).expanduser().absolute())
