"""Proving a wheel: alone, with its tests, and with the conformance kit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from release._build import Built
from release._environment import Environment, Supply
from release._packages import Package


def prove(package: Package, built: Built, *, tree: Path, work: Path, supply: Supply) -> None:
    """Raise ReleaseError if a wheel does not do what its tests in `tree` say.

    It is installed alone into an empty environment, and only then gets what its tests need.
    """
    environment = Environment(work)
    own = replace(supply, wheels=[*supply.wheels, built.wheel])
    environment.install(built.wheel, what=f"{package}: installing the wheel", supply=own)
    environment.check(what=str(package))
    alone = f"import {package.import_name}"
    environment.python_runs("-c", alone, what=f"{package}: importing the wheel alone")
    run_tests(package, environment, tree=tree, supply=own)


def run_tests(package: Package, environment: Environment, *, tree: Path, supply: Supply) -> None:
    """Run a package's tests and the conformance kit against what is installed."""
    group = f"{tree / 'pyproject.toml'}:test"
    what = f"{package}: installing what its tests need"
    environment.install("--group", group, what=what, supply=supply)
    tests = tree / "packages" / package.name / "tests"
    if tests.exists():
        pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
        environment.python_runs(*pytest, what=f"{package}: its tests", folder=tree)
    if package.brings_steps:
        kit = ["-m", "stepwell", "check", package.name]
        environment.python_runs(*kit, what=f"{package}: the conformance kit")
