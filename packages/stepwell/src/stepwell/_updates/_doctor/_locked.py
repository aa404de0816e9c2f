"""What may be wrong with the lock of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name

from stepwell._code._packages import version_of
from stepwell._errors import PackageError, listed
from stepwell._requirements import is_needed_here, requirements_in
from stepwell._updates._doctor._problem import Problem
from stepwell._updates._lock import FILE, Locked, read_lock

_ANEW = "stepwell upgrade --write"


def lock_problems(
    root: Path, needed: Iterable[str], steps: Iterable[NormalizedName]
) -> Iterator[Problem]:
    """What is wrong with the lock of a project that depends on what is `needed`."""
    path = root / FILE
    if not path.is_file():
        yield Problem(
            "lock-missing",
            "warning",
            f"There is no {path}: what is installed next time may differ.",
            f"Write it: {_ANEW}",
        )
        return
    try:
        locked = read_lock(path)
    except PackageError as error:
        yield Problem("lock-unreadable", "error", error.message, f"Write it anew: {_ANEW}")
        return
    yield from _without_hashes(path, locked)
    yield from _out_of_date(path, locked, needed)
    yield from _not_installed(path, locked, steps)


def _without_hashes(path: Path, locked: Mapping[NormalizedName, Locked]) -> Iterator[Problem]:
    bare = sorted(name for name, one in locked.items() if not one.has_all_hashes)
    if bare:
        yield Problem(
            "lock-without-hashes",
            "error",
            f"{path} has no SHA-256 for every file of {listed(bare)}: what was replaced on the "
            "index would be installed.",
            f"Write it anew: {_ANEW}",
        )


def _out_of_date(
    path: Path, locked: Mapping[NormalizedName, Locked], needed: Iterable[str]
) -> Iterator[Problem]:
    """Requirements that the lock does not have, or in a version that they exclude."""
    for requirement in filter(is_needed_here, requirements_in(needed)):
        found = locked.get(canonicalize_name(requirement.name))
        if found and requirement.specifier.contains(found.version, prereleases=True):
            continue
        has = f"has {found.version}" if found else "does not have it"
        yield Problem(
            "lock-out-of-date",
            "error",
            f"pyproject.toml asks for {requirement}, and {path} {has}.",
            f"Write it anew: {_ANEW}",
        )


def _not_installed(
    path: Path, locked: Mapping[NormalizedName, Locked], steps: Iterable[NormalizedName]
) -> Iterator[Problem]:
    """Packages of steps that are installed in another version than the lock says."""
    for name in steps:
        found, here = locked.get(name), version_of(name)
        if found is not None and here != found.version:
            yield Problem(
                "lock-not-installed",
                "warning",
                f"{path} has {name} {found.version}, and {here or 'nothing'} is installed.",
                f"Install what is locked: uv pip sync {FILE}",
            )
