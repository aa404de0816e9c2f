"""What the index of steps says about what is installed, and what the lock would install."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from stepwell._code._packages import is_editable
from stepwell._errors import PackageIndexError, StepwellError
from stepwell._indexes._index import IndexFile, PackageIndex
from stepwell._installation._withdrawn import withdrawal_of
from stepwell._updates._doctor._problem import Problem
from stepwell._updates._lock import Locked
from stepwell._updates._release import release_in

_NOBODYS = "stepwell-doctor-asks-for-what-nobody-has"


def index_problems(
    index: PackageIndex,
    packages: Iterable[Distribution],
    locked: Mapping[NormalizedName, Locked],
) -> Iterator[Problem]:
    """What is found by asking the index; that it does not answer is a finding as well."""
    try:
        index.files(_NOBODYS)
        for package in packages:
            files = index.files(package.name)
            yield from _of_installed(index, package, files)
            yield from _of_locked(index, locked.get(canonicalize_name(package.name)), files)
    except PackageIndexError as error:
        yield Problem("index-unusable", "error", error.message, error.hint or "")


def _of_installed(
    index: PackageIndex, package: Distribution, files: tuple[IndexFile, ...]
) -> Iterator[Problem]:
    version = Version(package.version)
    same = [file for file in files if file.version == version]
    if not same and not is_editable(package):
        yield Problem(
            "not-on-index",
            "warning",
            f"{package.name} {package.version} is installed, and {index.url} does not have it.",
            f"Install it from there: pip install --force-reinstall {package.name}",
        )
    if same and all(file.yanked is not None for file in same):
        yield Problem(
            "withdrawn",
            "error",
            f"{package.name} {package.version} was yanked: {same[0].yanked}.",
            f"stepwell upgrade {package.name}",
        )
    yield from _withdrawn(index, package, files)


def _withdrawn(
    index: PackageIndex, package: Distribution, files: tuple[IndexFile, ...]
) -> Iterator[Problem]:
    """What the newest release says about the installed one."""
    later = [
        file
        for file in files
        if file.is_wheel and file.yanked is None and file.version > Version(package.version)
    ]
    if not later:
        return
    try:
        with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
            newest = release_in(index.download(later[-1], Path(folder)))
    except PackageIndexError:
        raise
    except StepwellError as error:
        yield Problem(
            "broken-release", "warning", error.message, "Tell who maintains it; do not upgrade."
        )
        return
    found = withdrawal_of(package.version, newest.withdrawn)
    if found is not None:
        yield Problem(
            "withdrawn",
            "error",
            f"{package.name} {package.version} is withdrawn: {found.reason}",
            f"stepwell upgrade {package.name}=={found.replacement}",
        )


def _of_locked(
    index: PackageIndex, locked: Locked | None, files: tuple[IndexFile, ...]
) -> Iterator[Problem]:
    """A lock whose hashes the index does not have any more."""
    if locked is None:
        return
    known = {file.digests.get("sha256") for file in files if str(file.version) == locked.version}
    if locked.digests and not locked.digests & known:
        yield Problem(
            "lock-differs-from-index",
            "error",
            f"{locked.name} {locked.version} on {index.url} is not the one that was locked: the "
            "file is gone, or was replaced.",
            "Do not install it; ask who publishes it. Then: stepwell upgrade --write",
        )
