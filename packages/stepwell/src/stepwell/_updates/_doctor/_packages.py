"""What may be wrong with the installed packages of the platform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution

from stepwell._code._packages import version_of
from stepwell._installation._installed import InstalledStep
from stepwell._requirements import is_needed_here, requirements_in
from stepwell._updates._doctor._problem import Problem, Severity

NAMES: dict[str, tuple[str, Severity]] = {
    "ambiguous": ("step-name-twice", "error"),
    "broken": ("broken-package", "error"),
    "incompatible": ("incompatible-package", "error"),
    "slow": ("slow-import", "warning"),
}
"""The finding for each health that a step may have."""


def unhealthy_steps(steps: Iterable[InstalledStep]) -> Iterator[Problem]:
    """Steps that cannot be used, and why."""
    for step in steps:
        if step.health in NAMES and step.problem:
            name, severity = NAMES[step.health]
            what, _, fix = step.problem.partition(": ")
            if step.health in ("broken", "slow"):
                what, fix = step.problem, f"pip install --force-reinstall {step.package}"
            yield Problem(name, severity, f"Step {step.name!r}: {what}.".replace("..", "."), fix)


def unmet_requirements(packages: Iterable[Distribution]) -> Iterator[Problem]:
    """What packages of the platform require, and is not there or does not fit."""
    for package in packages:
        for requirement in filter(is_needed_here, requirements_in(package.requires)):
            found = version_of(requirement.name)
            if found is not None and requirement.specifier.contains(found, prereleases=True):
                continue
            there = f"{requirement.name} {found} is installed" if found else "it is not installed"
            asked = f"{requirement.name}{requirement.specifier}"
            yield Problem(
                "requirement-unmet",
                "error",
                f"{package.name} {package.version} requires {asked}, and {there}.",
                f"pip install '{asked}' {package.name}; if that cannot be, give the step its own "
                'environment: place(..., environment="own").',
            )
