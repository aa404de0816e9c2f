"""The contract of a package, made from its code and written beside it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

from stepwell._code._packages import is_editable
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

    def changes_in_file(self) -> list[Change]:
        """How the code differs from the contract in the file. Raises StepwellError without one."""
        return contract_changes(contract_of_file(self.file), self.contract)

    @property
    def is_current(self) -> bool:
        """Whether the file says what the code does; another version of pydantic may word it so."""
        try:
            return not self.changes_in_file()
        except StepwellError:
            return False

    def write(self) -> bool:
        """Write the file, unless it is there to the letter; whether it was written."""
        content = self.text.encode()
        if self.file.is_file() and self.file.read_bytes() == content:
            return False
        self.file.write_bytes(content)
        return True


def contract_to_write(package: str) -> Written:
    """The contract of the package in a folder, or of one that is installed by reference to one.

    Raises ConfigurationError for a package without steps, or whose file is not to be written.
    """
    folder = Path(package)
    if folder.is_dir():
        return contract_of_folder(folder.resolve())
    found = installed(package)
    if not is_editable(found):
        raise ConfigurationError(
            f"{found.name} is installed as a copy, in which nothing is changed.",
            hint="Name the folder of its sources: stepwell contract write FOLDER.",
        )
    return contract_of_installed(package)


def contract_of_installed(package: str) -> Written:
    """The contract of an installed package, by its code. Raises ConfigurationError."""
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


def contract_of_folder(folder: Path) -> Written:
    """The contract of the package whose sources are in a folder, by its code.

    It need not be installed, what it imports has to be. Raises ConfigurationError.
    """
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
    """Refuse code of another folder; what cannot be imported at all, the steps tell themselves."""
    spec = find_spec(top_level(points))
    found = Path(spec.origin).resolve().parent if spec and spec.origin else folder
    if found != folder:
        raise ConfigurationError(
            f"{top_level(points)} is imported from {found}, and not from {folder}.",
            hint=f"Install the folder: pip install -e {folder}.",
        )
