"""Importing the file that holds a pipeline, and saying what is wrong with it."""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from difflib import get_close_matches
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from stepwell._code._packages import version_of
from stepwell._errors import ConfigurationError, StepwellError, did_you_mean, listed
from stepwell._installation._installed import installed_steps

_OF_CODE = (SyntaxError, ImportError, NameError, AttributeError, TypeError)
"""What these say is about the code, if it was raised by the file itself."""


def imported_file(path: Path) -> ModuleType:
    """The module that `path` holds. Raises ConfigurationError for whatever its import raises."""
    spec = _spec(path)
    assert spec.loader is not None  # _spec has checked it
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.absolute().parent))
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except StepwellError:
        raise
    except (Exception, SystemExit) as error:  # whatever the user's file raises
        what = f"{type(error).__name__}{_line(error, path)}"
        raise ConfigurationError(
            f"{path} cannot be imported: {what}{_told(error, path)}.",
            hint=_unfit_package(error) or _hint(error),
        ) from error
    return module


def _unfit_package(error: BaseException) -> str | None:
    """What mends an error that comes out of a package which does not fit this core."""
    passed = {
        part for f in traceback.extract_tb(error.__traceback__) for part in Path(f.filename).parts
    }
    for step in installed_steps():
        if step.health == "incompatible" and re.split("[.:]", step.target)[0] in passed:
            return step.problem
    return None


def _spec(path: Path) -> ModuleSpec:
    if not path.is_file():
        folder = path if path.is_dir() else path.absolute().parent
        names = sorted(entry.name for entry in folder.glob("*.py"))
        where = "in it" if path.is_dir() else "there"
        raise ConfigurationError(
            f"{path} is a folder." if path.is_dir() else f"There is no file {path}.",
            hint=f"{did_you_mean(path.name, names)} Python files {where}: {listed(names)}.".strip(),
        )
    spec = importlib.util.spec_from_file_location(path.stem, path.absolute())
    if spec is None or spec.loader is None:
        raise ConfigurationError(
            f"{path} is no Python file.", hint="Name the .py file that makes the pipeline."
        )
    return spec


def _line(error: BaseException, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f" in line {error.lineno}"
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path.absolute()
    ]
    return f" in line {frames[-1].lineno}" if frames else ""


def _told(error: BaseException, path: Path) -> str:
    """What the error says, unless it may quote data."""
    if isinstance(error, ValidationError):
        return ": " + "; ".join(_problem(error.title, problem) for problem in error.errors())
    last = traceback.extract_tb(error.__traceback__)[-1:]
    is_own = any(Path(frame.filename) == path.absolute() for frame in last)
    if isinstance(error, _OF_CODE) and (is_own or isinstance(error, SyntaxError | ImportError)):
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return f": {text.rstrip('.')}"
    return " (its message may quote data; --debug shows it)"


def _problem(title: str, problem: Any) -> str:
    field = ".".join(map(str, problem["loc"]))
    text = str(problem["msg"]).removeprefix("Value error, ")
    return f"{title}, field {field!r}: {text}"


def _hint(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _install(error.name.partition(".")[0])
    missing = re.match(r"cannot import name '(\w+)'", str(error))
    if isinstance(error, ImportError) and missing and error.name in sys.modules:
        return did_you_mean(missing[1], dir(sys.modules[error.name])) or None
    return None


def _install(module: str) -> str:
    """How to get a package of the platform; of others, the name of a module does not tell."""
    package = module.replace("_", "-")
    if not package.startswith("stepwell-") or version_of(package) is not None:
        return f"Is the package that brings it installed for {sys.executable}?"
    names = {step.package.removeprefix("stepwell-"): step.package for step in installed_steps()}
    near = get_close_matches(package.removeprefix("stepwell-"), names, n=1, cutoff=0.7)
    if near:
        return f"Did you mean {names[near[0]].replace('-', '_')!r}?"
    return f"Install it: pip install {package}"
