"""What the environment of a step has to have."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stepwell._code._packages import distribution_of, is_of_project
from stepwell._digest import digest_json
from stepwell._environments._installed_from import (
    OWN_EXTRA,
    installed,
    is_from_elsewhere,
    origin_of,
    requirement_of,
)
from stepwell._environments._requirement import Wanted, wanted
from stepwell._errors import PipelineError
from stepwell._installation._names import CORE
from stepwell._protocol._environment import Environment
from stepwell._protocol._step import Step
from stepwell._requirements import is_needed_here, requirements_in


@dataclass(frozen=True)
class Request:
    """What an environment has to have, on the platform of this process."""

    packages: tuple[Wanted, ...]
    python: str
    chosen_python: str | None

    @property
    def digest(self) -> str:
        """What stands for the request: two that are equal share a lock."""
        asked = [[one.text, str(one.place) if one.place else None] for one in self.packages]
        machine = [platform.python_implementation(), sysconfig.get_platform()]
        return digest_json(["stepwell.environment/1", sorted(asked), self.python, machine])

    @property
    def interpreter(self) -> str:
        """What uv is to take as the interpreter: a version, or the one of this process."""
        return self.chosen_python or sys.executable


def request_of(name: str, step: Step, environment: Environment, *, store: str) -> Request:
    """What the environment of the step `name` has to have. Raises PipelineError.

    That is what is asked for, the package of the step, core, and what opens the store.
    """
    try:
        packages = [_as_here(wanted(text)) for text in environment.requirements]
        by_themselves = [
            *_own(name, step, environment),
            *_core(),
            *_of_store(store),
        ]
        for text in by_themselves:
            one = wanted(text)
            if one.name not in {known.name for known in packages}:
                packages.append(one)
    except ValueError as error:
        raise PipelineError(f"The environment of step {name!r}: {error}.") from None
    return Request(tuple(packages), environment.python or _this_python(), environment.python)


def with_known_places(
    packages: Iterable[Wanted], is_assigned: Callable[[str], bool]
) -> list[Wanted]:
    """The packages, and those that they depend on whose place is known.

    An index that the project assigns to a package, or the folder that it is installed from here,
    counts for what is asked for by name only: else it would be looked for in a public index.
    """
    found = list(packages)
    known = {one.name for one in found}
    waiting = list(known)
    while waiting:
        for requirement in _requirements_of(waiting.pop()):
            name = canonicalize_name(requirement.name)
            if name in known or not (is_assigned(name) or is_from_elsewhere(name)):
                continue
            requirement.marker = None  # it holds
            one = Wanted(name, str(requirement))
            found.append(_as_here(one))
            known.add(name)
            waiting.append(name)
    return found


def _as_here(one: Wanted) -> Wanted:
    """A package that is asked for by name, from where it is installed from here, if that fits."""
    requirement = Requirement(one.text)
    found = installed(one.name)
    if one.place is not None or requirement.url is not None or found is None:
        return one
    fits = requirement.specifier.contains(found.version, prereleases=True)
    if origin_of(found) is None or not fits:
        return one
    here = wanted(requirement_of(found))
    return Wanted(one.name, one.text if here.place else here.text, here.place)


def _own(name: str, step: Step, environment: Environment) -> list[str]:
    """The requirement of the package that a step comes from; a function of a project has none."""
    module = type(step).__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    found = distribution_of(module.partition(".")[0]) if module != "__main__" else None
    if found is not None and not is_of_project(module, file):
        return [requirement_of(found)]
    if environment.requirements or environment.python:
        return []
    if found is None:
        raise PipelineError(
            f"Step {name!r} is of a project that is no package, so 'own' does not say what it "
            "needs.",
            hint='List it: environment=["pandas<3"].',
        )
    return [requirement_of(found)]


def _core() -> list[str]:
    """Core as it is installed here; from an index, any version that speaks the same protocol."""
    core = metadata.distribution(CORE)
    if is_from_elsewhere(CORE):
        return [requirement_of(core)]
    major = int(core.version.partition(".")[0])
    return [f"{CORE}>={major}.0,<{major + 1}"]


def _of_store(store: str) -> list[str]:
    """What is installed here to open the store with."""
    scheme, separator, _ = store.partition("://")
    if not separator:
        return []
    from fsspec.registry import known_implementations

    module = str(known_implementations.get(scheme, {}).get("class", "")).partition(".")[0]
    found = distribution_of(module) if module and module != "fsspec" else None
    return [found.name] if found is not None else []


def _requirements_of(name: str) -> list[Requirement]:
    """What an installed distribution requires in this environment and for `run`."""
    here = installed(name)
    found = requirements_in(here.requires if here is not None else None)
    return [one for one in found if is_needed_here(one, extra=OWN_EXTRA)]


def _this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
