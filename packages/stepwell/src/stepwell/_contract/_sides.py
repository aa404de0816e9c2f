"""The two sides of a comparison: files, folders, installed packages, wheels, or an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from stepwell._contract._changes import contract_changes
from stepwell._contract._data import PackageContract
from stepwell._contract._demand import Bump, Change, demanded_bump, fits_bump, least_version
from stepwell._contract._read import (
    contract_in_folder,
    contract_in_wheel,
    contract_of_file,
    installed,
    installed_contract,
)
from stepwell._contract._wheel import Wheel
from stepwell._errors import ConfigurationError
from stepwell._settings import settings


@dataclass(frozen=True)
class Side:
    """A contract, and the version that it is of, if that is known."""

    contract: PackageContract
    version: str | None


@dataclass(frozen=True)
class Difference:
    """What changes from one side to the other, and what that demands."""

    old: Side
    new: Side
    changes: tuple[Change, ...]

    @property
    def bump(self) -> Bump | None:
        """The bump that the changes demand."""
        return demanded_bump(self.changes)

    @property
    def least_version(self) -> str | None:
        """The smallest version that may hold the changes; None if that of the old is not known."""
        bump, version = self.bump, self.old.version
        return least_version(version, bump) if bump and version else None

    @property
    def is_enough(self) -> bool | None:
        """Whether the version of the new is large enough; None if one is not known."""
        if self.old.version is None or self.new.version is None:
            return None
        return fits_bump(self.old.version, self.new.version, self.bump)


def difference(old: Side, new: Side) -> Difference:
    """Compare two contracts of one package. Raises ConfigurationError for two packages."""
    names = old.contract.package, new.contract.package
    if canonicalize_name(names[0]) != canonicalize_name(names[1]):
        raise ConfigurationError(
            f"{names[0]} and {names[1]} are two packages.", hint="Compare two versions of one."
        )
    return Difference(old, new, tuple(contract_changes(old.contract, new.contract)))


def side_of(text: str, *, index: str | None = None) -> Side:
    """What `text` names: a file, a folder, a wheel, an installed package or NAME==VERSION.

    `index` is the address of the package index, instead of the project's. Raises ConfigurationError
    if it is none of them, PackageError if it has no contract that can be read.
    """
    path = Path(text)
    if "==" in text:
        return _on_index(text, index)
    if path.suffix == ".whl":
        with Wheel(path) as wheel:
            version = wheel.version
        return Side(contract_in_wheel(path), version)
    if path.suffix == ".json":
        return Side(contract_of_file(path), None)
    if path.is_dir():
        return Side(contract_in_folder(path), None)
    return Side(installed_contract(text), installed(text).version)


def _on_index(text: str, option: str | None) -> Side:
    from stepwell._contract._index import contract_on_index
    from stepwell._indexes._configuration import patience, step_index
    from stepwell._indexes._index import open_index

    name, _, wanted = text.partition("==")
    try:
        version = Version(wanted)
    except InvalidVersion:
        raise ConfigurationError(
            f"{text!r} does not name a version of a package.", hint="Write NAME==1.2.3."
        ) from None
    with open_index(step_index(settings(), option), patience=patience()) as found:
        return Side(contract_on_index(found, name.strip(), version), str(version))
