"""Installed steps, known from metadata before anything of theirs is imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, entry_points, version
from typing import Literal

from packaging.utils import canonicalize_name

from stepwell._errors import ConfigurationError
from stepwell._installation._names import CORE
from stepwell._protocol._step import Step
from stepwell._requirements import is_needed_here, requirements_in

GROUP = "stepwell.steps"
Health = Literal["not examined", "healthy", "incompatible", "broken", "slow", "ambiguous"]


@dataclass(frozen=True)
class InstalledStep:
    """A step by its entry point, the package that brings it, and whether it works."""

    name: str
    package: str
    version: str
    target: str
    health: Health = "not examined"
    problem: str | None = None

    def load(self) -> type[Step]:
        """The step class. Raises ConfigurationError with the reason and what mends it."""
        if self.health in ("incompatible", "ambiguous"):
            raise ConfigurationError(
                f"Step {self.name!r} of {self.package} is {self.health}.", hint=self.problem
            )
        try:
            loaded = EntryPoint(self.name, self.target, GROUP).load()
        except (Exception, SystemExit) as error:  # whatever a package does when it is imported
            raise ConfigurationError(
                f"Step {self.name!r} of {self.package} {self.version} cannot be imported: "
                f"{type(error).__name__}: {error}.",
                hint=f"Reinstall it: pip install --force-reinstall {self.package}.",
            ) from None
        if not (isinstance(loaded, type) and issubclass(loaded, Step)):
            raise ConfigurationError(
                f"{self.target}, which {self.package} calls the step {self.name!r}, is no Step.",
                hint=f"Ask for a mended version: pip install --upgrade {self.package}.",
            )
        return loaded


def installed_steps() -> list[InstalledStep]:
    """All installed steps by name; imports none of them."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return [_installed(point, [p for p in points if p.name == point.name]) for point in points]


def unfit_core(distribution: Distribution) -> str | None:
    """Why a package does not fit this core, and what mends it; None if it does.

    Core's major version is the protocol: a requirement on `stepwell` that does not hold is enough.
    """
    core = version(CORE)
    for requirement in requirements_in(distribution.requires):
        if canonicalize_name(requirement.name) != CORE or not is_needed_here(requirement):
            continue
        if not requirement.specifier.contains(core, prereleases=True):
            package = f"{distribution.name} {distribution.version}"
            return (
                f"{package} needs stepwell{requirement.specifier}, and this is {core}: "
                f"pip install --upgrade stepwell {distribution.name}."
            )
    return None


def _installed(point: EntryPoint, same_name: list[EntryPoint]) -> InstalledStep:
    distribution = point.dist
    if distribution is None or not distribution.metadata["Name"]:
        return InstalledStep(point.name, "unknown", "unknown", point.value)
    package = distribution.name
    found = InstalledStep(point.name, package, distribution.version, point.value)
    others = {p.dist.name for p in same_name if p.dist} - {package}
    if others:
        names = " and ".join(sorted({package, *others}))
        problem = f"{names} both claim the step name {point.name!r}: uninstall one of them."
        return replace(found, health="ambiguous", problem=problem)
    problem_of_core = unfit_core(distribution)
    return (
        replace(found, health="incompatible", problem=problem_of_core) if problem_of_core else found
    )
