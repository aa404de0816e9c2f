"""A wheel, read without being installed. Whoever made it may mean harm."""

from __future__ import annotations

import lzma
import zlib
from importlib.metadata import Distribution
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self
from zipfile import BadZipFile, ZipFile

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from stepwell._errors import ConfigurationError, PackageError

_MOST = 1024 * 1024
_BROKEN = (
    BadZipFile,
    EOFError,
    NotImplementedError,  # a compression that zipfile does not know
    OSError,
    RuntimeError,  # encrypted
    ValueError,
    lzma.LZMAError,
    zlib.error,
)


class Wheel(Distribution):
    """The metadata and single files of a wheel; nothing is written, and never more is read than
    was asked for. Raises ConfigurationError for what is no wheel.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            name, version, _, _ = parse_wheel_filename(path.name)
            self._archive = ZipFile(path)
        except InvalidWheelFilename:
            raise ConfigurationError(
                f"{path.name} is not named like a wheel.",
                hint="Wheels are called name-version-py3-none-any.whl.",
            ) from None
        except FileNotFoundError:
            raise ConfigurationError(f"There is no wheel {path}.") from None
        except _BROKEN as error:
            self._refuse(error)
        self._identity = str(name), str(version)
        self._described = self._folder_of_metadata()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._archive.close()

    @property
    def name(self) -> str:
        """The name that its file name says."""
        return self._identity[0]

    @property
    def version(self) -> str:
        """The version that its file name says."""
        return self._identity[1]

    def read_text(self, filename: str) -> str | None:
        """A file of its metadata."""
        content = self.content(f"{self._described}/{filename}", most=_MOST)
        try:
            return None if content is None else content.decode("utf-8")
        except UnicodeDecodeError as error:
            self._refuse(error)

    def locate_file(self, path: Any) -> NoReturn:
        """Nothing of a wheel is anywhere."""
        raise FileNotFoundError(path)

    def content(self, name: str, *, most: int) -> bytes | None:
        """A file, at most so many bytes of it; None if there is none."""
        found = [info for info in self._archive.infolist() if info.filename == name]
        if not found:
            return None
        if len(found) > 1:
            self._refuse(ValueError(f"it holds {name} twice"))
        try:
            with self._archive.open(found[0]) as file:
                content = file.read(most + 1)  # not what the archive says that it holds
        except _BROKEN as error:
            self._refuse(error)
        if len(content) > most:
            self._refuse(ValueError(f"{name} has more than {most:,} bytes"))
        return content

    def _folder_of_metadata(self) -> str:
        folders = {name.partition("/")[0] for name in self._archive.namelist()}
        described = [name for name in folders if name.endswith(".dist-info")]
        if len(described) != 1:
            self._archive.close()
            self._refuse(ValueError(f"it has {len(described)} folders of metadata"))
        return described[0]

    def _refuse(self, error: Exception) -> NoReturn:
        raise PackageError(
            f"The wheel {self._path.name} cannot be read: {str(error).rstrip('.')}.",
            hint="Build or download it again.",
        ) from None
