"""Finding the pipeline that a text such as `pipelines/train.py:credit` names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._pipelines._import import imported_file
from stepwell._pipelines._pipeline import Pipeline


def find_pipeline(target: str, changes: tuple[str, ...] = ()) -> Pipeline:
    """The pipeline of `FILE` or `FILE:NAME`, with `step.field=value` changes applied."""
    file, _, name = target.partition(":") if not Path(target).exists() else (target, "", "")
    found = _chosen(file, name, _pipelines(imported_file(Path(file))))
    return found.with_fields(dict(_change(change) for change in changes)) if changes else found


def _pipelines(module: ModuleType) -> dict[str, Pipeline]:
    return {name: value for name, value in vars(module).items() if isinstance(value, Pipeline)}


def _chosen(file: str, name: str, pipelines: Mapping[str, Pipeline]) -> Pipeline:
    if name and name not in pipelines:
        raise ConfigurationError(
            f"{file} has no pipeline {name!r}.",
            hint=f"{did_you_mean(name, pipelines)} It has: {listed(pipelines)}.".strip(),
        )
    if name:
        return pipelines[name]
    different = {id(pipeline): pipeline for pipeline in pipelines.values()}
    if len(different) == 1:
        return next(iter(different.values()))
    raise ConfigurationError(
        f"{file} has {len(different) or 'no'} pipelines{': ' if different else ''}"
        f"{listed(pipelines) if different else ''}.",
        hint=f"Say which: {file}:NAME." if different else "Write NAME = Pipeline(...) in it.",
    )


def _change(text: str) -> tuple[str, Any]:
    """`step.field=value`; the value is JSON if it can be, else text."""
    path, equals, value = text.partition("=")
    if not equals:
        raise ConfigurationError(
            f"--set {text}: there is no '='.", hint="Write --set step.field=value."
        )
    try:
        return path, json.loads(value)
    except ValueError:
        return path, value
