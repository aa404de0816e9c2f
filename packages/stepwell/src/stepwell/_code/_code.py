"""The code of a step as a digest: what the cache compares to know whether it has changed.

An installed package is the digest of its files, with the versions of the libraries that it
declares. A step of the project is everything of the project that it reaches.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from stepwell._code._packages import distribution_of, is_of_project, package_digest
from stepwell._code._reached import CannotDigestError, Reached
from stepwell._data._roles import Roles
from stepwell._digest import digest_json
from stepwell._protocol._function_step import FunctionStep
from stepwell._protocol._signature import signature_of
from stepwell._protocol._step import Step


@dataclass(frozen=True)
class Code:
    """The code of a step: its digest, the package it comes from, or why it has no digest."""

    digest: str | None
    package: str | None = None
    version: str | None = None
    uncacheable: str | None = None


def code_of(step: type[Step]) -> Code:
    """The code behind a step class."""
    file = getattr(sys.modules.get(step.__module__), "__file__", None)
    top_level = step.__module__.partition(".")[0]
    distribution = None
    if not is_of_project(step.__module__, file):
        distribution = distribution_of(top_level)
    if distribution is not None:
        name, version = distribution.name, distribution.version
        return Code(package_digest(name, top_level), name, version)
    try:
        return Code(digest_json(_reached(step, file).parts))
    except CannotDigestError as error:
        return Code(None, uncacheable=str(error))


def _reached(step: type[Step], file: str | None) -> Reached:
    reached = Reached(file)
    if issubclass(step, FunctionStep):
        reached.value(step.function, step.__name__)
        reached.value(Roles(step.new_roles).to_json(), "roles")
        reached.value(step.drops, "drops")
    else:
        reached.value(step, step.__name__)
    signature = signature_of(step)
    annotations = [taken.annotation for taken in signature.inputs.values()]
    annotations += [given.annotation for given in signature.outputs.values()]
    reached.value(annotations, "annotations")
    return reached


def import_path(step: Step) -> str:
    """Where the class (or function) of a step can be imported from: `module:name`.

    For a step of the script that is running, the module that the script would be.
    """
    module = type(step).__module__
    script = getattr(sys.modules.get(module), "__file__", None)
    if module == "__main__" and script:
        module = Path(script).stem
    return f"{module}:{type(step).__qualname__}"
