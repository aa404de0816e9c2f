"""Installed steps, known from metadata before anything of theirs is imported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points, version
from typing import Literal

from packaging.requirements import InvalidRequirement, Requirement

from stepwell._errors import ConfigurationError, StepwellError
from stepwell._step import Step

GROUP = "stepwell.steps"
Health = Literal["not examined", "healthy", "incompatible", "broken", "ambiguous"]


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
        except Exception as error:  # whatever importing a package of somebody else raises
            raise ConfigurationError(
                f"Step {self.name!r} of {self.package} {self.version} cannot be imported: "
                f"{type(error).__name__}: {error}.",
                hint=f"Reinstall it: pip install --force-reinstall {self.package}.",
            ) from None
        if not (isinstance(loaded, type) and issubclass(loaded, Step)):
            raise ConfigurationError(f"{self.target} of {self.package} is no step.")
        return loaded

    def examined(self) -> InstalledStep:
        """The same with its health: imports the step, if its package fits this core."""
        if self.health != "not examined":
            return self
        try:
            self.load()
        except StepwellError as error:
            return replace(self, health="broken", problem=str(error))
        return replace(self, health="healthy")


def installed_steps() -> list[InstalledStep]:
    """All installed steps by name; imports none of them."""
    points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return [_installed(point, [p for p in points if p.name == point.name]) for point in points]


def _installed(point: EntryPoint, same_name: list[EntryPoint]) -> InstalledStep:
    package = point.dist.name if point.dist else "unknown"
    found = InstalledStep(
        point.name, package, point.dist.version if point.dist else "unknown", point.value
    )
    others = {p.dist.name for p in same_name if p.dist} - {package}
    if others:
        names = " and ".join(sorted({package, *others}))
        problem = f"{names} both claim the step name {point.name!r}: uninstall one of them."
        return replace(found, health="ambiguous", problem=problem)
    problem_of_core = _unfit_core(point)
    return (
        replace(found, health="incompatible", problem=problem_of_core) if problem_of_core else found
    )


def _unfit_core(point: EntryPoint) -> str | None:
    """Why the package does not fit this core: its requirement on `stepwell` does not hold."""
    core = version("stepwell")
    for text in (point.dist.requires if point.dist else None) or ():
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if requirement.name == "stepwell" and not requirement.specifier.contains(
            core, prereleases=True
        ):
            package = point.dist.name if point.dist else "it"
            return (
                f"It needs stepwell{requirement.specifier} and this is {core}: "
                f"pip install --upgrade stepwell {package}."
            )
    return None
