"""Classes and functions by import path."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stepwell import ConfigurationError
from stepwell.authoring import did_you_mean, listed


def import_path(value: Any, where: str) -> str:
    """The path by which another process finds a class or function. Raises ValueError."""
    name = getattr(value, "__qualname__", value.__name__)
    if "<" in name:
        raise ValueError(f"the parameter {where} holds {name}, which has no import path")
    module = getattr(value, "__module__", None) or _module_of(value)
    if module == "__main__":
        raise ValueError(
            f"{name} is defined in the script itself; move it into a module of your project, so "
            "that other processes can import it"
        )
    return f"{module}.{name}"


def _module_of(function: Any) -> str:
    """The library that shows a compiled function under its name."""
    for library in ("numpy", "scipy.special"):
        if getattr(sys.modules.get(library), function.__name__, None) is function:
            return library
    raise ValueError(f"{function.__name__} has no import path")


def imported(path: str) -> Any:
    """The class or function at this path. Raises ConfigurationError."""
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise _not_importable(path, error) from None


def is_loaded(path: str) -> bool:
    """Whether the module of a class was imported before, so that looking at it costs nothing."""
    return path.rpartition(".")[0] in sys.modules


def may_exist(path: str) -> bool:
    """False if no file of the named package mentions the name; imports nothing heavy.

    A cached run must not import scikit-learn only to learn that a name is spelled well.
    """
    module, _, name = path.rpartition(".")
    package, *parts = module.split(".")
    spec = find_spec(package)
    if spec is None or not spec.origin:
        return False
    source = Path(spec.origin)
    for part in parts:
        folder = source.parent / part
        source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    if not source.is_file():
        return False
    return (
        re.search(rf"\b{name}\b", source.read_text(encoding="utf-8", errors="replace")) is not None
    )


def unknown_parameter(
    class_: Any, path: str, given: Mapping[str, Any], known: Iterable[str] | None = None
) -> ConfigurationError:
    """The error for the first of the `given` parameters that the class does not know."""
    signature = inspect.signature(class_.__init__).parameters
    names = list(known or (name for name in signature if name != "self"))
    wrong = next((name for name in given if name not in names), None)
    if wrong is None:
        needed = [
            name
            for name, parameter in signature.items()
            if parameter.default is parameter.empty and name not in {"self", *given}
        ]
        problem = f"needs the parameters {listed(needed)}" if needed else "refuses its parameters"
        return ConfigurationError(f"Train: {path} {problem}.")
    return ConfigurationError(
        f"Train: {path} has no parameter {wrong!r}.",
        hint=f"{did_you_mean(wrong, names)} Parameters: {listed(names)}.".strip(),
    )


def _not_importable(path: str, error: Exception) -> ConfigurationError:
    name = path.rpartition(".")[2]
    if isinstance(error, ModuleNotFoundError) and error.name == path.partition(".")[0]:
        return ConfigurationError(
            f"Train: no package {error.name!r} is installed.", hint=_instead_of(error.name, name)
        )
    return ConfigurationError(
        f"Train: {path} cannot be imported ({type(error).__name__}).", hint=nearest_estimator(name)
    )


def _instead_of(package: str, name: str) -> str | None:
    """What to do without a package: it is misspelled, or it has to be installed."""
    if did_you_mean(package, ["sklearn"]):
        return nearest_estimator(name)
    return f"Install it: python -m pip install {package.replace('_', '-')}"


def nearest_estimator(name: str) -> str | None:
    """A question that proposes the import path of scikit-learn's estimator with such a name."""
    from sklearn.utils import all_estimators  # type: ignore[import-untyped]  # no stubs

    known = {name: found for name, found in all_estimators() if hasattr(found, "predict")}
    near = did_you_mean(name, known)
    if not near:
        return None
    found = known[near.split("'")[1]]
    public = ".".join(part for part in found.__module__.split(".") if not part.startswith("_"))
    return f"Did you mean '{public}.{found.__name__}'?"
