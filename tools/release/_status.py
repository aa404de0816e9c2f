"""What is published, what has changed since, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator

from release._errors import ReleaseError
from release._history import History
from release._notes import notes
from release._packages import Package
from release._prepare import next_version
from release._repository import published
from stepwell._indexes._index import PackageIndex


def status(
    packages: dict[str, Package], history: History, index: PackageIndex | None
) -> Iterator[tuple[str, str, str, str]]:
    """For each package: name, version, where it is, and what the next command does with it."""
    for package in packages.values():
        yield (
            package.name,
            package.version,
            _where(package, history, index),
            _next(package, history),
        )


def unreleased(packages: dict[str, Package], history: History) -> list[str]:
    """The packages whose version has no tag: those that the next publication builds."""
    return [package.name for package in packages.values() if not history.has(package.tag)]


def _where(package: Package, history: History, index: PackageIndex | None) -> str:
    tagged = "tagged" if history.has(package.tag) else "no tag"
    if index is None:
        return tagged
    files = published(index, package)
    return f"{tagged}, {len(files)} of 2 files on the index"


def _next(package: Package, history: History) -> str:
    if not history.has(package.tag):
        return "publish"
    if notes(package):
        try:
            return f"prepare {next_version(package, history)}"
        except ReleaseError as error:
            return str(error)
    files = history.changed(package, package.tag)
    return f"needs a note: {len(files)} files have changed" if files else ""
