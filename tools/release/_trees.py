"""The files of commits, taken out of git, from which packages are built and tested."""

from __future__ import annotations

from pathlib import Path

from release._build import Built, build, build_once, built_in
from release._errors import ReleaseError
from release._history import History
from release._packages import Package


class Trees:
    """Commits in a folder for work, and what was built of them."""

    def __init__(self, history: History, work: Path) -> None:
        self.history, self.work = history, work
        self._trees: dict[str, Path] = {}
        self._wheels: dict[str, Path] = {}

    def of(self, revision: str) -> Path:
        """The files of a commit."""
        commit = self.history.commit(revision)
        if commit not in self._trees:
            self._trees[commit] = self.history.export(commit, self.work / commit)
        return self._trees[commit]

    def revision(self, package: Package) -> str:
        """Where a version is built from: its tag if it is published, else the newest commit."""
        return package.tag if self.history.has(package.tag) else "HEAD"

    def source(self, package: Package) -> Path:
        """The folder of a package as it is or will be published."""
        return self.of(self.revision(package)) / "packages" / package.name

    def built(self, package: Package, into: Path) -> Built:
        """The files of a version, built into a folder."""
        into.mkdir(parents=True, exist_ok=True)
        return build(package, self.of(self.revision(package)), into)

    def wheel(self, package: Package, revision: str) -> Path:
        """The wheel of a package as it is in a commit, to be tried and not to be published."""
        commit = self.history.commit(revision)
        key = f"{package.name}-{commit}"
        if key not in self._wheels:
            into = self.work / f"{key}-wheel"
            self._wheels[key] = build_once(package, self.of(commit), into).wheel
        return self._wheels[key]


def built_before(package: Package, folder: Path) -> Built:
    """What an earlier job built of a version. Raises ReleaseError if it is not there."""
    built = built_in(folder, package)
    if built is None:
        raise ReleaseError(
            f"{package} is not in {folder}. Build it first: nox -s release -- build {package.name}."
        )
    return built
