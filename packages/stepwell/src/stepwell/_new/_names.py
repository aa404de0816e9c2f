"""How a new project or step package may be called."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from dataclasses import dataclass

import stepwell
from stepwell._code._packages import distribution_of, version_of
from stepwell._errors import ConfigurationError
from stepwell._installation._installed import installed_steps
from stepwell._installation._names import PREFIX
from stepwell._new._template import stepwell_packages
from stepwell._paths import is_plain

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NAME_OF_STEP = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
_LONGEST = 50
_LONGEST_OF_STEP = 30
"""So that the longest lines of the template, which hold the name several times, stay in bounds."""
_USED_BY_THE_TEMPLATE = frozenset({"Any", "Field", "Sequence"})


@dataclass(frozen=True)
class StepNames:
    """A step in every spelling: `fill-gaps`, `stepwell-fill-gaps`, `fill_gaps`, `FillGaps`."""

    step: str

    @property
    def package(self) -> str:
        """What is installed."""
        return PREFIX + self.step

    @property
    def module(self) -> str:
        """A part of the names of modules."""
        return self.step.replace("-", "_")

    @property
    def class_name(self) -> str:
        """What is written in pipelines."""
        return "".join(part.capitalize() for part in self.step.split("-"))


def checked_project(name: str) -> str:
    """`name`, if a project can be called so. Raises ConfigurationError."""
    _check_spelling(name, "project", _NAME, _LONGEST)
    module = name.replace("-", "_")
    if f"{name}-".startswith(PREFIX):
        raise ConfigurationError(
            f"A project cannot be called {name!r}: packages of Stepwell are.",
            hint="Choose another name; a package with a step is made by: stepwell new step NAME.",
        )
    if module in sys.stdlib_module_names or keyword.iskeyword(module):
        raise ConfigurationError(
            f"A project cannot be called {name!r}: Python itself has that word.",
            hint=f"Say more, such as {f'{name}-model'!r}.",
        )
    installed = distribution_of(module)
    taken = name if version_of(name) else installed.name if installed else None
    if taken is not None:
        raise ConfigurationError(
            f"A project cannot be called {name!r}: the package {taken}, which is installed, is.",
            hint=f"Say more, such as {f'{name}-model'!r}.",
        )
    return name


def checked_step(name: str) -> StepNames:
    """The spellings of a new step, given with or without `stepwell-`.

    Raises ConfigurationError for a name that is not valid, or that another step has.
    """
    names = StepNames(name.removeprefix(PREFIX))
    _check_spelling(names.step, "step", _NAME_OF_STEP, _LONGEST_OF_STEP)
    if names.package in stepwell_packages() or version_of(names.package):
        raise ConfigurationError(
            f"A package {names.package} exists already.", hint="Choose another name."
        )
    claimed = [step for step in installed_steps() if step.name == names.step]
    if claimed:
        raise ConfigurationError(
            f"{claimed[0].package}, which is installed, has a step {names.step!r} already.",
            hint="Choose another name.",
        )
    if _is_taken(names.class_name):
        raise ConfigurationError(
            f"A step cannot be called {name!r}: its class {names.class_name} would hide another "
            "of that name.",
            hint="Name what it does, such as 'fill-gaps'.",
        )
    return names


def _check_spelling(name: str, what: str, pattern: re.Pattern[str], longest: int) -> None:
    if pattern.fullmatch(name) and len(name) <= longest and is_plain(name):
        return
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "-", name).strip("-").lower()
    fits = spelled != name and pattern.fullmatch(spelled) and len(spelled) <= longest
    begins = "every part" if pattern is _NAME_OF_STEP else "the first"
    raise ConfigurationError(
        f"{name!r} cannot be the name of a {what}.",
        hint=(f"Did you mean {spelled!r}? " if fits else "")
        + "Use lower-case letters and digits, with single hyphens between the words; "
        f"{begins} begins with a letter, and there are at most {longest} characters.",
    )


def _is_taken(class_name: str) -> bool:
    return (
        keyword.iskeyword(class_name)
        or class_name in stepwell.__all__
        or class_name in _USED_BY_THE_TEMPLATE
        or hasattr(builtins, class_name)
    )
