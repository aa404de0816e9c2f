"""The commands: status, prepare, withdraw, build, publish, constraints, compatibility."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from release._build import check_metadata
from release._compatibility import with_the_candidate_core, with_the_lowest_core
from release._constraints import write_constraints
from release._environment import Supply
from release._errors import ReleaseError
from release._history import History
from release._packages import Package, all_needs, chosen, packages_in
from release._prepare import prepare
from release._prove import prove
from release._publish import Publication, publish
from release._ready import require_ready
from release._repository import Repository, repository_at
from release._status import status, unreleased
from release._trees import Trees
from release._withdraw import withdraw
from stepwell import StepwellError
from stepwell._installation._withdrawn import Withdrawal

_names = click.argument("names", nargs=-1, metavar="[PACKAGE]...")
_dist = click.option(
    "--dist", type=click.Path(path_type=Path), default=Path("dist"), help="Where files are written."
)
_demo = click.option("--demo/--no-demo", default=True, help="Play the demo with the newest of all.")
_simple = click.option(
    "--simple", metavar="URL", help="Where the index lists packages, if not below it in simple/."
)


def _repository(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--repository",
        metavar="URL",
        envvar="TWINE_REPOSITORY_URL",
        required=required,
        help="The index; credentials stand in TWINE_USERNAME and TWINE_PASSWORD.",
    )


@click.group()
def main() -> None:
    """Release the packages of packages/ to a package index."""


@main.command("status")
@_repository(required=False)
@_simple
def status_command(repository: str | None, simple: str | None) -> None:
    """Show what is published, what has changed since, and what comes next."""
    with _errors_told(), ExitStack() as stack:
        at = _at(repository, simple) if repository else None
        index = stack.enter_context(at.opened()) if at else None
        for name, version, where, then in status(_packages(), History(Path.cwd()), index):
            click.echo(f"{name:<24} {version:<10} {where:<36} {then}".rstrip())


@main.command("unreleased")
def unreleased_command() -> None:
    """Print, as a JSON list, the packages whose version has no tag yet."""
    with _errors_told():
        click.echo(json.dumps(unreleased(_packages(), History(Path.cwd()))))


@main.command("prepare")
@_names
def prepare_command(names: tuple[str, ...]) -> None:
    """Write the next version and the changelog of every package with notes."""
    with _errors_told():
        prepared = prepare(Path.cwd(), names)
        for one in prepared:
            click.echo(f"{one.package} → {one.version}")
        told = "Look at it with git diff HEAD, commit it, then publish."
        click.echo(told if prepared else "No package has notes in changes/.")


@main.command("withdraw")
@click.argument("package")
@click.argument("version")
@click.option("--reason", required=True, help="One sentence for those who have it installed.")
@click.option("--replacement", required=True, help="The version to use instead.")
def withdraw_command(package: str, version: str, reason: str, replacement: str) -> None:
    """Tell, with the next release of PACKAGE, that nobody should use VERSION."""
    with _errors_told():
        found = chosen([package], _packages())[0]
        withdraw(found, Withdrawal(version, reason, replacement), History(Path.cwd()))
        click.echo(f"{package} {version} is withdrawn by its next release: prepare and publish it.")


@main.command("build")
@_names
@_dist
def build_command(names: tuple[str, ...], dist: Path) -> None:
    """Build and prove versions that have no tag yet; needs no credentials."""
    with _errors_told(), _trees() as trees:
        packages = _packages()
        waiting = unreleased(packages, trees.history)
        _each(
            [one for one in chosen(names, packages) if one.name in waiting],
            lambda package: _build(package, packages, trees, dist),
        )


@main.command("publish")
@_names
@_repository(required=True)
@_simple
@_dist
@_demo
@click.option(
    "--built", type=click.Path(path_type=Path, exists=True), help="What `build` made and proved."
)
@click.option("--push", is_flag=True, help="Push each tag to origin.")
def publish_command(
    names: tuple[str, ...],
    repository: str,
    simple: str | None,
    dist: Path,
    demo: bool,
    built: Path | None,
    push: bool,
) -> None:
    """Publish what the index lacks, each package after those that it needs."""
    with _errors_told(), _trees() as trees:
        at, packages = _at(repository, simple), _packages()
        with at.opened() as index:
            to = Publication(packages, at, index, trees, dist, built, push)
            outcomes = []
            for outcome in publish(chosen(names, packages), to):
                click.echo(str(outcome))
                outcomes.append(outcome)
        if any(outcome.state == "published" for outcome in outcomes):
            _constraints(packages, at, trees, dist, demo=demo)
        sys.exit(any(outcome.failed for outcome in outcomes))


@main.command("constraints")
@_repository(required=True)
@_simple
@_dist
@_demo
def constraints_command(repository: str, simple: str | None, dist: Path, demo: bool) -> None:
    """Try the newest of everything together, and write it into constraints.txt."""
    with _errors_told(), _trees() as trees:
        _constraints(_packages(), _at(repository, simple), trees, dist, demo=demo)


@main.command("compatibility")
@click.argument(
    "with_core", metavar="[lowest|candidate]", type=click.Choice(["lowest", "candidate"])
)
@_names
@_repository(required=True)
@_simple
def compatibility_command(
    with_core: str, names: tuple[str, ...], repository: str, simple: str | None
) -> None:
    """Try packages with another core than the one that they were made with.

    `lowest`: the packages of this commit, with the lowest released core that they admit.
    `candidate`: the newest release of every package, by its own tests, with this commit's core.
    """
    with _errors_told(), _trees() as trees:
        at, packages = _at(repository, simple), _packages()
        with at.opened() as index:
            _each(
                chosen(names, packages),
                lambda package: (
                    with_the_lowest_core(package, packages, at, index, trees)
                    if with_core == "lowest"
                    else with_the_candidate_core(package, packages, at, index, trees)
                ),
            )


def _build(package: Package, packages: dict[str, Package], trees: Trees, dist: Path) -> str:
    require_ready(package, trees.history, trees.work)
    others = all_needs(package, packages).values()
    wheels = [trees.wheel(one, trees.revision(one)) for one in others]
    built = trees.built(package, dist)
    check_metadata(built, package)
    work = trees.work / f"{package.tag}-proved"
    prove(package, built, tree=trees.of("HEAD"), work=work, supply=Supply(wheels))
    return f"{package} is built and proved"


def _constraints(
    packages: dict[str, Package], at: Repository, trees: Trees, dist: Path, *, demo: bool
) -> None:
    tree, work = trees.of("HEAD"), trees.work / "constraints"
    dist.mkdir(parents=True, exist_ok=True)
    with at.opened() as index:
        file = write_constraints(packages, at, index, tree=tree, work=work, into=dist, demo=demo)
    click.echo(f"The newest of everything works together: {file}")


def _each(packages: Iterable[Package], attempt: Callable[[Package], str]) -> None:
    """Attempt something with each package, tell what came of it, and exit 1 if one failed."""
    failed = False
    for package in packages:
        try:
            click.echo(attempt(package))
        except ReleaseError as error:
            click.echo(f"failed: {error}")
            failed = True
    sys.exit(failed)


def _packages() -> dict[str, Package]:
    return packages_in(Path.cwd())


def _at(repository: str, simple: str | None) -> Repository:
    return repository_at(repository, simple=simple, environment=os.environ)


@contextmanager
def _trees() -> Iterator[Trees]:
    with tempfile.TemporaryDirectory(prefix="stepwell-release-") as work:
        yield Trees(History(Path.cwd()), Path(work))


@contextmanager
def _errors_told() -> Iterator[None]:
    try:
        yield
    except (ReleaseError, StepwellError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
