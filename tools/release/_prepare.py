"""Preparing versions: the notes and the contract say which, towncrier writes the changelog."""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

from release._contracts import changes_since, require_noted
from release._errors import ReleaseError
from release._history import History
from release._notes import bump_of, kind_of, notes, write_note
from release._packages import Package, chosen, packages_in, with_version
from release._process import run
from stepwell._contract import least_version


@dataclass(frozen=True)
class Prepared:
    """The next version of a package, and what it has to admit that it did not admit so far."""

    package: Package
    version: str
    raised: dict[str, str]


def prepare(root: Path, names: Iterable[str] = ()) -> list[Prepared]:
    """Write version and changelog of every package with notes, once all of them are known.

    A package that does not admit the new version of another one is made to, and gets a version of
    its own for it.
    """
    packages, history = packages_in(root), History(root)
    wanted = {package.name for package in chosen(names, packages) if notes(package)}
    planned: dict[str, Prepared] = {}
    for package in packages.values():
        raised = _to_be_raised(package, planned)
        if raised or package.name in wanted:
            version = next_version(package, history, raised=bool(raised))
            planned[package.name] = Prepared(package, version, raised)
    for one in planned.values():
        _write(one)
    return list(planned.values())


def next_version(package: Package, history: History, *, raised: bool = False) -> str:
    """The version that the notes of a package ask for. Raises ReleaseError if it needs another.

    A package whose requirements are raised has a note more, `added`.
    """
    if not history.has(package.tag):
        raise ReleaseError(
            f"{package} has no tag {package.tag}, so that it is not published as far as this "
            "repository knows. Fetch the tags (git fetch --tags), or publish it first; what else "
            "is to be told of it belongs into its entry of CHANGELOG.md."
        )
    asked = bump_of([*map(kind_of, notes(package)), *(["added"] if raised else [])])
    with tempfile.TemporaryDirectory() as work:
        changes = changes_since(package, package.tag, history, Path(work))
    require_noted(package, asked, changes)
    return least_version(package.version, asked)


def _to_be_raised(package: Package, planned: dict[str, Prepared]) -> dict[str, str]:
    """The new versions of other packages that this one does not admit."""
    return {
        one.name: planned[one.name].version
        for one in package.requirements
        if one.name in planned
        and not one.specifier.contains(planned[one.name].version, prereleases=True)
    }


def _write(prepared: Prepared) -> None:
    package, version = prepared.package, prepared.version
    file = package.folder / "pyproject.toml"
    text = with_version(file.read_text(encoding="utf-8"), version)
    if tomllib.loads(text)["project"]["version"] != version:
        raise ReleaseError(f"{file}: no line `version = ` is found below [project].")
    for name, new in prepared.raised.items():
        text = _admitting(text, name, new)
        write_note(package, f"requires-{name}", "added", f"Works with {name} {new}, and needs it.")
    file.write_text(text, encoding="utf-8")
    towncrier = [sys.executable, "-m", "towncrier", "build", "--yes", "--version", version]
    run(towncrier, what=f"{package}: towncrier", folder=package.folder)


def _admitting(text: str, name: str, version: str) -> str:
    """The text of a pyproject.toml in which a requirement begins with a version."""
    for written in tomllib.loads(text)["project"]["dependencies"]:
        requirement = Requirement(written)
        if requirement.name == name:
            extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
            new = f"{name}{extras}>={version},<{Version(version).major + 1}"
            text = re.sub(rf"""(["']){re.escape(written)}\1""", f'"{new}"', text)
    return text
