"""The files behind a path or URL: found, brought near, digested, and their format told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any, get_args

from stepwell._digest import digest_file, digest_json
from stepwell._errors import DataError, did_you_mean, listed
from stepwell._loading._load import FileFormat
from stepwell._secrets import masked, resolved
from stepwell._storage._temporary import new_folder

_ENDINGS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".feather": "arrow",
}
_OTHER_FORMATS = {
    ".json": 'With an object in each line, write Load(..., format="jsonl").',
    ".xls": "Save it as CSV or Parquet.",
    ".xlsx": "Save it as CSV or Parquet.",
}
_MAGIC: dict[bytes, str] = {
    b"PAR1": "parquet",
    b"ARROW1": "arrow",
    b"\xff\xff\xff\xff": "an Arrow stream, which is no Arrow file",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a zip archive: an Excel workbook, perhaps",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"SQLite format 3": "SQLite",
    b"\x80\x04": "pickle",
    b"\x80\x05": "pickle",
}
TEXT: tuple[FileFormat, ...] = ("csv", "jsonl")
"""Formats that people can read; what stands in them has no types."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: its name for people, where it lies now, and its format."""

    name: str
    path: Path
    format: FileFormat
    compressed: bool

    @cached_property
    def _stamp(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns

    @cached_property
    def digest(self) -> str:
        """The digest of the file's bytes."""
        self.remember()
        return digest_file(self.path)

    def remember(self) -> None:
        """Note size and time of the file, for `check_unchanged`."""
        _ = self._stamp

    def check_unchanged(self) -> None:
        """Raise DataError if the file was written to since `remember`."""
        status = self.path.stat()
        if (status.st_size, status.st_mtime_ns) != self._stamp:
            raise DataError(
                f"{self.name} changed while it was read.",
                hint="Run again when nobody writes to it.",
            )


def source_files(
    source: str, options: Mapping[str, Any], format: FileFormat | None
) -> list[SourceFile]:
    """The files of a source in the order of their names, all of one format.

    Raises DataError if there are none, if one is empty, or if its bytes contradict its name.
    """
    shown = str(masked(source))
    where = resolved(source)
    near = _remote(where, shown, options) if _is_remote(where) else _local(where, shown)
    files = [_source_file(name, path, format) for name, path in near]
    formats = sorted({file.format for file in files})
    if len(formats) > 1:
        raise DataError(f"The folder {shown} holds files of several formats: {listed(formats)}.")
    return files


def _is_remote(where: str) -> bool:
    return "://" in where and not where.startswith("file://")


def _local(where: str, shown: str) -> list[tuple[str, Path]]:
    if "\0" in where:
        raise DataError("The source holds a NUL character.")
    path = Path(where.removeprefix("file://")).expanduser()
    if path.is_dir():
        files = sorted(
            entry for entry in path.iterdir() if _is_data(entry.name) and entry.is_file()
        )
        if not files:
            raise DataError(
                f"The folder {shown} holds no data files.", hint=f"Endings: {listed(_ENDINGS)}."
            )
        return [(f"{shown.rstrip('/')}/{file.name}", file) for file in files]
    if not path.is_file():
        raise _not_there(path, shown)
    return [(shown, path)]


def _is_data(name: str) -> bool:
    """Whether a file of a folder is meant; texts that lie beside the data are not."""
    is_hidden = name.startswith((".", "_"))
    return not is_hidden and not name.endswith(".txt") and _format_of(name)[0] is not None


def _not_there(path: Path, shown: str) -> DataError:
    """What is said of a file that does not exist, with `${NAME}` as it was written."""
    folder = path.parent
    if not folder.is_dir():
        return DataError(f"{shown} does not exist: there is no folder {PurePath(shown).parent}.")
    names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    where = PurePath(shown).parent if "${" in shown else folder.absolute()
    return DataError(
        f"{shown} does not exist in {where}.",
        hint=f"{did_you_mean(path.name, names)} The folder holds: {listed(names)}.".strip(),
    )


def _remote(where: str, shown: str, options: Mapping[str, Any]) -> list[tuple[str, Path]]:
    """Copies of remote files in a temporary folder that only this user can read."""
    given = {
        key: resolved(value) if isinstance(value, str) else value for key, value in options.items()
    }
    files, root = _file_system(where, shown, given)
    try:
        if files.isdir(root):
            paths = sorted(
                p for p in files.ls(root, detail=False) if _is_data(p.rpartition("/")[2])
            )
        else:
            paths = [root] if files.exists(root) else []
    except Exception as error:  # whatever a file system raises may quote credentials
        raise DataError(f"{shown} cannot be reached ({type(error).__name__}).") from None
    if not paths:
        raise DataError(f"{shown} does not exist, or is a folder without data files.")
    return [
        (f"{shown}#{Path(path).name}" if len(paths) > 1 else shown, _fetched(files, path))
        for path in paths
    ]


def _file_system(where: str, shown: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    from fsspec import get_filesystem_class
    from fsspec.core import url_to_fs

    protocol = where.partition("://")[0].partition("::")[0]  # of a chain, the first
    try:
        get_filesystem_class(protocol)
        found: tuple[Any, str] = url_to_fs(where, **options)
        return found
    except ImportError as error:
        raise DataError(f"{shown} needs another package: {error}.") from None
    except ValueError:
        raise DataError(f"{shown}: there is no file system for {protocol}://.") from None
    except Exception as error:  # whatever a file system raises may quote credentials
        raise DataError(f"{shown} cannot be reached ({type(error).__name__}).") from None


_downloads: dict[tuple[str, str], Path] = {}


def _fetched(files: Any, path: str) -> Path:
    """A copy of a remote file; what was copied already and has not changed is not copied again."""
    try:
        version = files.to_json(), path, str(files.ukey(path))
        key = digest_json(version), Path(path).name
        if key not in _downloads:
            target = new_folder() / Path(path).name
            files.get_file(path, str(target))
            _downloads[key] = target
    except Exception as error:
        raise DataError(
            f"{Path(path).name} cannot be downloaded ({type(error).__name__})."
        ) from None
    return _downloads[key]


def _source_file(name: str, path: Path, format: FileFormat | None) -> SourceFile:
    told, compressed = _format_of(path.name)
    chosen = format or told
    if chosen is None:
        raise DataError(
            f"The ending of {name} does not tell its format.",
            hint=_OTHER_FORMATS.get(path.suffix.lower())
            or f"Write Load(..., format=...) with one of {listed(get_args(FileFormat))}.",
        )
    if compressed and chosen not in TEXT:
        raise DataError(
            f"{name} is {chosen} inside gzip; only text files are unpacked.",
            hint=f"Unpack it: {chosen} is compressed inside.",
        )
    try:
        if path.stat().st_size == 0:
            raise DataError(f"{name} is empty.", hint="Check the export that was to write it.")
        _check_magic(name, path, chosen, compressed)
        file = SourceFile(name, path, chosen, compressed)
        file.remember()
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}.") from None
    return file


def _format_of(name: str) -> tuple[FileFormat | None, bool]:
    path = Path(name.lower())
    if path.suffix == ".gz":
        return _ENDINGS.get(Path(path.stem).suffix), True
    return _ENDINGS.get(path.suffix), False


def _check_magic(name: str, path: Path, format: FileFormat, compressed: bool) -> None:
    """Refuse a file whose first bytes say that it is something else."""
    with path.open("rb") as file:
        start = file.read(16)
    found = next((what for magic, what in _MAGIC.items() if start.startswith(magic)), None)
    expected = "gzip" if compressed else format
    if found == expected or (found is None and expected in TEXT):
        return
    raise DataError(
        f"{name} should hold {expected} by its name; its first bytes are those of "
        f"{found or 'something else'}.",
        hint=_remedy(found),
    )


def _remedy(found: str | None) -> str:
    if found in get_args(FileFormat):
        return f'Rename it, or write Load(..., format="{found}").'
    if found == "gzip":
        return "If it is compressed text, let its name end in .gz."
    return "Check the export that wrote it."
