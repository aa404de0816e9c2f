"""Proving a wheel: alone, with its tests, and with the conformance kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from release._build import Built
from release._environment import Environment
from release._packages import Package


def prove(
    package: Package,
    built: Built,
    *,
    tree: Path,
    work: Path,
    wheels: Sequence[Path] = (),
    index: Mapping[str, str] | None = None,
) -> None:
    """Raise ReleaseError if a wheel does not do what its tests in `tree` say.

    It is installed into an empty environment, with other packages of this repository from
    `wheels`, or else from the index that the variables in `index` name.
    """
    environment = Environment(work)
    what = f"{package}: installing the wheel"
    own = [*wheels, built.wheel]
    environment.install(built.wheel, what=what, wheels=own, environment=index)
    environment.check(what=str(package))
    alone = f"import {package.import_name}"
    environment.python_runs("-c", alone, what=f"{package}: importing the wheel alone")
    run_tests(package, environment, tree=tree, wheels=own, index=index)


def run_tests(
    package: Package,
    environment: Environment,
    *,
    tree: Path,
    wheels: Sequence[Path] = (),
    index: Mapping[str, str] | None = None,
) -> None:
    """Run a package's tests and the conformance kit against what is installed."""
    group = f"{tree / 'pyproject.toml'}:test"
    what = f"{package}: installing what its tests need"
    environment.install("--group", group, what=what, wheels=wheels, environment=index)
    tests = tree / "packages" / package.name / "tests"
    if tests.exists():
        pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
        environment.python_runs(*pytest, what=f"{package}: its tests", folder=tree)
    if package.brings_steps:
        kit = ["-m", "stepwell", "check", package.name]
        environment.python_runs(*kit, what=f"{package}: the conformance kit")
