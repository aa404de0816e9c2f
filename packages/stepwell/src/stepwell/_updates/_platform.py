"""The installed packages of the platform: core, and whatever adds to it by an entry point."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from packaging.utils import NormalizedName, canonicalize_name

from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._installation._installed import installed_steps
from stepwell._installation._names import CORE, bears_our_name
from stepwell._pipelines._pipeline import Pipeline
from stepwell._requirements import requirements_in
from stepwell._updates._fit import package_of


def platform_packages() -> dict[NormalizedName, Distribution]:
    """Every installed package that adds to the platform by an entry point, or bears its name."""
    found: dict[NormalizedName, Distribution] = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name and _is_of_platform(canonicalize_name(name), one):
            found.setdefault(canonicalize_name(name), one)
    return dict(sorted(found.items()))


def packages_of(pipeline: Pipeline | None) -> dict[NormalizedName, Distribution]:
    """Those packages that the steps of a pipeline come from or require; without one, all."""
    known = platform_packages()
    if pipeline is None:
        return known
    used = [name for node in pipeline.nodes if (name := package_of(node)) is not None]
    return _with_requirements(used, known)


def _with_requirements(
    names: Iterable[NormalizedName], known: dict[NormalizedName, Distribution]
) -> dict[NormalizedName, Distribution]:
    """Those of `known` that are named, or that these require; and core."""
    waiting = [CORE, *names]
    found: dict[NormalizedName, Distribution] = {}
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += _required(known[name])
    return dict(sorted(found.items()))


def named_package(text: str) -> NormalizedName:
    """The package that a step, or a package, of this name comes from. Raises ConfigurationError."""
    steps = {step.name: step.package for step in installed_steps()}
    kebab = text.replace("_", "-")
    if kebab in steps:
        return canonicalize_name(steps[kebab])
    name = canonicalize_name(text)
    try:
        distribution(name)
    except (PackageNotFoundError, ValueError):
        names = [*steps, *platform_packages()]
        raise ConfigurationError(
            f"No installed package brings a step {text!r}, or has this name.",
            hint=f"{did_you_mean(kebab, names)} Steps: {listed(sorted(steps))}.".strip(),
        ) from None
    return name


def _is_of_platform(name: NormalizedName, one: Distribution) -> bool:
    if bears_our_name(name):
        return True
    return any(point.group.startswith("stepwell.") for point in one.entry_points)


def _required(one: Distribution) -> list[NormalizedName]:
    return [canonicalize_name(required.name) for required in requirements_in(one.requires)]
