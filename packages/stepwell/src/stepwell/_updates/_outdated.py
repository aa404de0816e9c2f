"""What an index has that is newer than what is installed, and whether a pipeline still fits."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from stepwell._contract import Change, contract_changes, installed_contract
from stepwell._errors import PackageIndexError, StepwellError
from stepwell._indexes._index import IndexFile, PackageIndex, versions
from stepwell._installation._withdrawn import Withdrawal, withdrawal_of
from stepwell._updates._changelog import Entry, entries_between
from stepwell._updates._fit import Misfit, Offered
from stepwell._updates._release import Release, release_in
from stepwell._updates._target import Target, placed_misfits

_MOST_TRIED = 6


@dataclass(frozen=True)
class Newer:
    """An installed package beside the newest release of it that the index has.

    `fitting` is the newest version that the pipeline fits: the newest one, an older one, or none.
    `trouble` says why nothing is known.
    """

    package: str
    installed: str
    newest: str | None = None
    fitting: str | None = None
    needs_core: str | None = None
    entries: tuple[Entry, ...] = ()
    changes: tuple[Change, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    withdrawn: Withdrawal | None = None
    trouble: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether there is nothing to look at."""
        return self.newest == self.installed and self.trouble is None


def newer(index: PackageIndex, found: Distribution, target: Target | None) -> Newer:
    """What the index has of an installed package. Raises PackageIndexError if it cannot tell.

    Of a release that cannot be read, that is told as trouble.
    """
    files = index.files(found.name)
    if not files:
        return Newer(found.name, found.version, trouble="The index does not have it.")
    wheels = _later_wheels(files, Version(found.version))
    if not wheels:
        return Newer(found.name, found.version, newest=found.version, fitting=found.version)
    try:
        return _looked_into(index, found, wheels, target)
    except PackageIndexError:
        raise
    except StepwellError as error:
        newest = str(wheels[0].version)
        return Newer(found.name, found.version, newest=newest, trouble=str(error))


def _later_wheels(files: Sequence[IndexFile], installed: Version) -> list[IndexFile]:
    """A wheel for each version that may replace the installed one, newest first."""
    return [
        next(file for file in wheels if file.is_wheel)
        for version, wheels in sorted(versions(files).items(), reverse=True)
        if version > installed
        and (installed.is_prerelease or not version.is_prerelease)
        and any(file.is_wheel for file in wheels)
        and all(_runs_here(file.requires_python) for file in wheels)
    ]


def _runs_here(requires_python: str | None) -> bool:
    try:
        return SpecifierSet(requires_python or "").contains(platform.python_version())
    except InvalidSpecifier:
        return False


def _looked_into(
    index: PackageIndex, found: Distribution, wheels: list[IndexFile], target: Target | None
) -> Newer:
    with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
        newest = release_in(index.download(wheels[0], Path(folder)))
        left = [w for w in wheels if withdrawal_of(str(w.version), newest.withdrawn) is None]
        releases = (
            newest if wheel is wheels[0] else release_in(index.download(wheel, Path(folder)))
            for wheel in left[:_MOST_TRIED]
        )
        unfit = _misfits(newest, target)
        fitting = next((r for r in releases if not _misfits(r, target)), None)
    return Newer(
        package=found.name,
        installed=found.version,
        newest=str(newest.version),
        fitting=str(fitting.version) if fitting else None,
        needs_core=newest.needs_core,
        entries=entries_between(newest.changelog, Version(found.version), newest.version),
        changes=_changes(found, newest),
        misfits=unfit,
        withdrawn=withdrawal_of(found.version, newest.withdrawn),
    )


def _changes(found: Distribution, newest: Release) -> tuple[Change, ...]:
    return tuple(contract_changes(installed_contract(found.name), newest.contract))


def _misfits(release: Release, target: Target | None) -> tuple[Misfit, ...]:
    if target is None:
        return ()
    return placed_misfits(
        target, [Offered(release.package, str(release.version), release.contract)]
    )
