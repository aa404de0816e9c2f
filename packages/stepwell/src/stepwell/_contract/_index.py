"""Contracts of versions that a package index has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from packaging.version import Version

from stepwell._contract._data import PackageContract
from stepwell._contract._read import contract_in_wheel
from stepwell._errors import PackageError, listed

if TYPE_CHECKING:
    from stepwell._indexes._index import IndexFile, PackageIndex


def contract_on_index(index: PackageIndex, name: str, version: Version) -> PackageContract:
    """The contract in the wheel of a version; a yanked one is read as well.

    Raises PackageError if there is no such wheel, or no contract in it, and PackageIndexError.
    """
    files = index.files(name)
    wheels = [file for file in files if file.is_wheel and file.version == version]
    if not wheels:
        raise PackageError(
            f"{index.url} has no wheel of {name} {version}.", hint=_what_there_is(name, files)
        )
    with TemporaryDirectory(prefix="stepwell-") as folder:
        return contract_in_wheel(index.download(wheels[0], Path(folder)))


def _what_there_is(name: str, files: Sequence[IndexFile]) -> str:
    versions = {str(file.version) for file in files if file.is_wheel}
    if not versions:
        return f"It has no wheel of {name} at all: is that the name of a package?"
    return f"Versions: {listed(sorted(versions, key=Version, reverse=True))}."
