"""Finding the pipeline that a command line names."""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from stepwell._errors import ConfigurationError, StepwellError, did_you_mean, listed
from stepwell._installed import installed_steps
from stepwell._pipeline import Pipeline


def find_pipeline(target: str, changes: tuple[str, ...] = ()) -> Pipeline:
    """The pipeline of `FILE` or `FILE:NAME`, with `step.field=value` changes applied."""
    file, _, name = target.partition(":") if not Path(target).exists() else (target, "", "")
    pipelines = _pipelines(_imported(Path(file)))
    if name:
        if name not in pipelines:
            raise ConfigurationError(
                f"{file} has no pipeline {name!r}.",
                hint=f"{did_you_mean(name, pipelines)} It has: {listed(pipelines)}.".strip(),
            )
        found = pipelines[name]
    else:
        if len(pipelines) != 1:
            raise ConfigurationError(
                f"{file} has {len(pipelines)} pipelines: {listed(pipelines)}.",
                hint=f"Say which: {file}:NAME."
                if pipelines
                else "Write NAME = Pipeline(...) in it.",
            )
        found = next(iter(pipelines.values()))
    return found.with_fields(dict(_change(change) for change in changes)) if changes else found


def _pipelines(module: ModuleType) -> dict[str, Pipeline]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Pipeline)}


def _imported(path: Path) -> ModuleType:
    if not path.is_file():
        names = [entry.name for entry in path.absolute().parent.glob("*.py")]
        near = did_you_mean(path.name, names)
        raise ConfigurationError(
            f"There is no file {path}.",
            hint=f"{near} Python files there: {listed(sorted(names))}.".strip(),
        )
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path.absolute())
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.absolute().parent))
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except StepwellError:
        raise
    except Exception as error:  # whatever the user's file raises
        if click.get_current_context().find_root().obj:
            raise
        raise ConfigurationError(
            f"{path} cannot be imported: {type(error).__name__} {_where(error, path)}: {error}.",
            hint=_unfit_package(error),
        ) from None
    return module


def _where(error: Exception, path: Path) -> str:
    if isinstance(error, SyntaxError):
        return f"in line {error.lineno}"
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path.absolute()
    ]
    return f"in line {frames[-1].lineno}" if frames else ""


def _unfit_package(error: Exception) -> str | None:
    """What mends an error that comes out of a package which does not fit this core."""
    passed = {
        part for f in traceback.extract_tb(error.__traceback__) for part in Path(f.filename).parts
    }
    for step in installed_steps():
        if step.health == "incompatible" and re.split("[.:]", step.target)[0] in passed:
            return step.problem
    return None


def _change(text: str) -> tuple[str, Any]:
    """`step.field=value`; the value is JSON if it can be, else text."""
    import json

    path, equals, value = text.partition("=")
    if not equals:
        raise ConfigurationError(
            f"--set {text}: there is no '='.", hint="Write --set step.field=value."
        )
    try:
        return path, json.loads(value)
    except ValueError:
        return path, value
