"""The packages of a repository, in the order in which they can be published."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from release._errors import ReleaseError


@dataclass(frozen=True)
class Package:
    """A folder of packages/: what its pyproject.toml says of it."""

    folder: Path
    version: str
    requirements: tuple[Requirement, ...]
    groups: frozenset[str]

    @property
    def name(self) -> str:
        """The name of the distribution, which is that of the folder."""
        return self.folder.name

    @property
    def import_name(self) -> str:
        """The name of the import package."""
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        """The folder of the import package."""
        return self.folder / "src" / self.import_name

    @property
    def tag(self) -> str:
        """The tag of this version, once it is published."""
        return f"{self.name}-v{self.version}"

    @property
    def brings_steps(self) -> bool:
        """Whether Stepwell finds something in it that the conformance kit can check."""
        return any(group.startswith("stepwell.") for group in self.groups)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def packages_in(root: Path) -> dict[str, Package]:
    """The packages of the repository at `root` by name, each after those that it needs."""
    files = sorted(root.glob("packages/*/pyproject.toml"))
    return ordered(_package(file) for file in files)


def ordered(packages: Iterable[Package]) -> dict[str, Package]:
    """The packages by name, each after those of them that it needs."""
    by_name = {package.name: package for package in packages}
    graph = {name: sorted(needs(package, by_name)) for name, package in by_name.items()}
    try:
        return {name: by_name[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as error:
        raise ReleaseError(
            f"The packages {' → '.join(error.args[1])} need each other, so that none can be "
            "published first. What they share is a package of its own."
        ) from None


def needs(package: Package, others: Iterable[str]) -> set[str]:
    """The names of the `others` that a package requires."""
    required = {str(canonicalize_name(one.name)) for one in package.requirements}
    return required & set(others)


def all_needs(package: Package, packages: dict[str, Package]) -> dict[str, Package]:
    """The packages that a package requires, with those that they require, in order."""
    wanted = set(needs(package, packages))
    for name in reversed(packages):
        if name in wanted:
            wanted |= needs(packages[name], packages)
    return {name: one for name, one in packages.items() if name in wanted}


def chosen(names: Iterable[str], packages: dict[str, Package]) -> list[Package]:
    """The named packages in the order in which they can go out; all if none is named."""
    wanted = list(names)
    for name in wanted:
        if name not in packages:
            raise ReleaseError(f"There is no package {name!r}. There are: {', '.join(packages)}.")
    return [one for name, one in packages.items() if not wanted or name in wanted]


def with_version(text: str, version: str) -> str:
    """The text of a pyproject.toml with another version."""
    pattern = r'(^\[project\]$[^\[]*?^version = ")[^"]*(")'
    return re.sub(pattern, rf"\g<1>{version}\g<2>", text, count=1, flags=re.MULTILINE)


def _package(file: Path) -> Package:
    project: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))["project"]
    if project["name"] != file.parent.name:
        raise ReleaseError(f"{file}: the package is called {project['name']}, its folder is not.")
    if str(Version(project["version"])) != project["version"]:
        raise ReleaseError(f"{file}: write the version as {Version(project['version'])}.")
    return Package(
        folder=file.parent,
        version=project["version"],
        requirements=tuple(map(Requirement, project.get("dependencies", []))),
        groups=frozenset(project.get("entry-points", {})),
    )
