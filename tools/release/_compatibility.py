"""Whether releases that were not made together work together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from release._environment import Environment, Supply
from release._errors import ReleaseError
from release._packages import Package, all_needs
from release._prove import run_tests
from release._repository import Repository, newest, require_needs
from release._trees import Trees
from stepwell._indexes._index import PackageIndex

CORE = "stepwell"


def with_the_lowest_core(
    package: Package,
    packages: dict[str, Package],
    repository: Repository,
    index: PackageIndex,
    trees: Trees,
) -> str:
    """Say with which core a package works: the lowest released one that it admits."""
    core = [str(one) for one in package.requirements if one.name == CORE]
    if not core:
        return f"{package} needs no {CORE}"
    require_needs(package, {CORE: packages[CORE], package.name: package}, index)
    own = [one for one in all_needs(package, packages).values() if one.name != CORE]
    wheels = [trees.wheel(one, "HEAD") for one in [*own, package]]
    supply = Supply(wheels, repository.uv_environment, fresh=packages)
    environment = Environment(trees.work / f"{package.name}-lowest")
    environment.install(
        *("--resolution", "lowest-direct", *core, str(wheels[-1])),
        what=f"{package}: installing it with the lowest {core[0]}",
        supply=supply,
    )
    return _tried(package, environment, trees.of("HEAD"), supply)


def with_the_candidate_core(
    package: Package,
    packages: dict[str, Package],
    repository: Repository,
    index: PackageIndex,
    trees: Trees,
) -> str:
    """Say whether the newest release of a package passes its own tests with core as it is now."""
    version = newest(index, package.name)
    if package.name == CORE or version is None:
        return f"{package.name} is not released"
    require_needs(package, packages, index)
    released = replace(package, version=str(version))
    if not trees.history.has(released.tag):
        raise ReleaseError(
            f"{released} is published, but there is no tag {released.tag} from which its tests "
            "could be taken. Fetch the tags: git fetch --tags."
        )
    core = packages[CORE]
    wheel = trees.wheel(core, "HEAD")
    supply = Supply([wheel], repository.uv_environment, fresh=packages)
    environment = Environment(trees.work / f"{package.name}-released")
    environment.install(
        *(f"{package.name}=={version}", str(wheel)),
        what=f"{released}: installing it with {core} of this commit",
        supply=supply,
    )
    return _tried(released, environment, trees.of(released.tag), supply)


def _tried(package: Package, environment: Environment, tree: Path, supply: Supply) -> str:
    environment.check(what=str(package))
    run_tests(package, environment, tree=tree, supply=supply)
    return f"{package} works with {CORE} {environment.version_of(CORE)}"
