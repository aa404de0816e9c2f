"""The contract of a package, made from its code and written beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

from stepwell._contract._changes import contract_changes
from stepwell._contract._data import PackageContract, contract_text
from stepwell._contract._demand import Change
from stepwell._contract._read import (
    contract_of_file,
    installed,
    installed_place,
    place_in,
    project_in,
    step_points,
    top_level,
)
from stepwell._contract._steps import contract_of_steps
from stepwell._errors import ConfigurationError, StepwellError


@dataclass(frozen=True)
class Written:
    """A contract as the code says it, and the file that should hold it."""

    contract: PackageContract
    file: Path

    @property
    def text(self) -> str:
        """What should stand in the file."""
        return contract_text(self.contract)

    @property
    def is_current(self) -> bool:
        """Whether the file holds the contract, with the ends of lines of any system."""
        try:
            return self.file.read_text(encoding="utf-8") == self.text
        except (OSError, UnicodeDecodeError):
            return False

    def changes_in_file(self) -> list[Change]:
        """How the code differs from the contract in the file; nothing if that cannot be read."""
        try:
            return contract_changes(contract_of_file(self.file), self.contract)
        except StepwellError:
            return []


def written_contract(package: str) -> Written:
    """The contract of a package that is installed, or of that in a folder, and where it belongs.

    Raises ConfigurationError for a package without steps, or one of which the code is not there.
    """
    folder = Path(package)
    if package in (".", "..") or folder.is_dir():
        return _of_folder(folder.resolve())
    found = installed(package)
    points = step_points(found)
    _check_steps(found.name, points)
    place = installed_place(points)
    if place is None:
        raise ConfigurationError(
            f"The code of {found.name} is not where it was installed.",
            hint=f"Reinstall it: pip install --force-reinstall {found.name}.",
        )
    return Written(contract_of_steps(found.name, points), place)


def _of_folder(folder: Path) -> Written:
    name, points = project_in(folder)
    _check_steps(name, points)
    place = place_in(folder, points)
    with _importable(place.parent.parent):
        _check_origin(points, place.parent)
        return Written(contract_of_steps(name, points), place)


def _check_steps(name: str, points: list[EntryPoint]) -> None:
    if not points:
        raise ConfigurationError(
            f"{name} has no steps, and so no contract.",
            hint='Steps are named by [project.entry-points."stepwell.steps"] in pyproject.toml.',
        )


@contextmanager
def _importable(source: Path) -> Iterator[None]:
    """The code of a folder comes before what is installed."""
    sys.path.insert(0, str(source))
    try:
        yield
    finally:
        sys.path.remove(str(source))


def _check_origin(points: Iterable[EntryPoint], folder: Path) -> None:
    module = import_module(top_level(points))
    found = Path(module.__file__ or "").resolve().parent
    if found != folder:
        raise ConfigurationError(
            f"{module.__name__} is imported from {found}, and not from {folder}.",
            hint="Install the folder: pip install -e FOLDER.",
        )
