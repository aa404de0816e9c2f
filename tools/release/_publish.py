"""Publishing what the index lacks, one package after those that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from release._bill import write_bill
from release._build import Built, check_metadata
from release._environment import Environment, Supply
from release._errors import ReleaseError
from release._history import Digests, History
from release._notes import notes
from release._packages import Package, needs
from release._prove import prove
from release._ready import require_ready
from release._repository import Repository, published, require_needs, require_same, wait_for
from release._trees import Trees, built_before
from stepwell._indexes._index import PackageIndex
from stepwell.authoring import listed

State = Literal["published", "there", "changed", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """What became of a package."""

    package: Package
    state: State
    told: str = ""

    @property
    def failed(self) -> bool:
        """Whether somebody has to do something."""
        return self.state in ("changed", "failed", "skipped")

    def __str__(self) -> str:
        return f"{self.state:<10} {self.package}{': ' if self.told else ''}{self.told}"


@dataclass(frozen=True)
class Publication:
    """Where to and where from: `dist` gets the files; `built` has those of an earlier job."""

    packages: dict[str, Package]
    repository: Repository
    index: PackageIndex
    trees: Trees
    dist: Path
    built: Path | None = None
    push: bool = False

    @property
    def history(self) -> History:
        """The tags."""
        return self.trees.history

    @property
    def supply(self) -> Supply:
        """How packages are installed: from the index, as it is now."""
        return Supply(environment=self.repository.uv_environment, fresh=self.packages)


def publish(chosen: Sequence[Package], to: Publication) -> Iterator[Outcome]:
    """Publish packages in order, and give what became of each as soon as it is known.

    A failure keeps back those that need the package, and nobody else. An index that does not
    answer ends everything with PackageIndexError.
    """
    missing: set[str] = set()
    for package in chosen:
        outcome = _outcome(package, to, missing)
        if outcome.state in ("failed", "skipped"):
            missing.add(package.name)
        yield outcome


def _outcome(package: Package, to: Publication, missing: set[str]) -> Outcome:
    if kept_back := sorted(needs(package, missing)):
        return Outcome(package, "skipped", f"it needs {', '.join(kept_back)}")
    try:
        return _published(package, to)
    except ReleaseError as error:
        return Outcome(package, "failed", str(error))


def _published(package: Package, to: Publication) -> Outcome:
    require_needs(package, to.packages, to.index)
    there = published(to.index, package)
    tagged = to.history.has(package.tag)
    if tagged:
        recorded = to.history.digests(package.tag)
        require_same(package, ours=recorded, theirs=there, where=to.index.url)
        if recorded and recorded.keys() <= there.keys():
            return _since(package, to.history)
    else:
        require_ready(package, to.history, to.trees.work)
    built = _built(package, to)
    require_same(package, ours=built.digests, theirs=there, where=to.index.url)
    _upload(package, built, there, to)
    _install(package, built.digests, to)
    if not tagged:
        to.history.tag(package, built.digests, revision="HEAD")
    if to.push:
        to.history.push(package.tag)
    return Outcome(package, "published")


def _since(package: Package, history: History) -> Outcome:
    """A published version, and whether what has changed since then has been noted."""
    files = history.changed(package, package.tag)
    if not files:
        return Outcome(package, "there")
    if waiting := notes(package):
        told = f"what has changed since waits for `prepare` ({len(waiting)} notes)"
        return Outcome(package, "there", told)
    return Outcome(
        package,
        "changed",
        f"what is in its wheel has changed since it was published ({listed(files, most=3)}), and "
        "no note in changes/ tells users. Nothing of that is published. Write a note and run "
        "nox -s release -- prepare: the update will make their runs execute the step again.",
    )


def _built(package: Package, to: Publication) -> Built:
    built = built_before(package, to.built) if to.built else to.trees.built(package, to.dist)
    recorded = to.history.digests(package.tag)
    require_same(package, ours=built.digests, theirs=recorded, where=f"the tag {package.tag}")
    return built


def _upload(package: Package, built: Built, there: Digests, to: Publication) -> None:
    """Upload what is missing, after it has shown that it works."""
    missing = [file for file in built.files if file.name not in there]
    if not missing:
        return
    check_metadata(built, package)
    if to.built is None:
        tree, work = to.trees.of(to.trees.revision(package)), to.trees.work / package.tag
        prove(package, built, tree=tree, work=work, supply=to.supply)
    to.repository.upload(package, missing)
    wait_for(to.index, package, built.digests)


def _install(package: Package, digests: Digests, to: Publication) -> None:
    """Install a version from the index, as everybody will, and write what came with it."""
    environment = Environment(to.trees.work / f"{package.tag}-installed")
    environment.install(
        f"{package.name}=={package.version}",
        what=f"{package}: installing it from {to.index.url}",
        supply=to.supply,
    )
    environment.check(what=str(package))
    alone = f"import {package.import_name}"
    environment.python_runs("-c", alone, what=f"{package}: importing it from the index")
    to.dist.mkdir(parents=True, exist_ok=True)
    write_bill(package, environment, to.trees.source(package) / "pyproject.toml", to.dist)
