"""A job: one step to be executed somewhere else, as JSON.

    {"format": "stepwell.job/1", "run_id": …, "pipeline": …, "name": …, "store": URL,
     "step": {"module": …, "name": …, "configuration": {…}}, "path": [folders to import from],
     "inputs": {name: {"kind": …, "fingerprint": … or null}}, "reports": [… or null],
     "memory": bytes or null}

The job is one line. A worker ends when its standard input does: whoever started it has gone. It
answers with events, one JSON object a line. Driver and worker may be of different minor versions:
both overlook fields and events that they do not know.

    {"event": "progress", "done": …, "total": …, "message": …}
    {"event": "finished", "outputs": {name: {"kind": …, "fingerprint": … or null}}}
    {"event": "failed", "reason": …}
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from stepwell._code._code import import_path
from stepwell._errors import ConfigurationError, PipelineError
from stepwell._pipelines._wiring import Node
from stepwell._protocol._kinds import Kind
from stepwell._protocol._report import Report
from stepwell._protocol._step import Step, configuration
from stepwell._storage._artifacts import Artifact
from stepwell._workers._project_path import project_path, project_path_elsewhere


class StepReference(BaseModel):
    """A configured step by the place that it can be imported from."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    module: str
    name: str
    configuration: dict[str, JsonValue]

    def load(self) -> Step:
        """The step. Raises ConfigurationError if it cannot be imported."""
        try:
            found: Any = importlib.import_module(self.module)
            for part in self.name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                f"The worker cannot import {self.module}:{self.name} ({_why(error)})."
            ) from None
        made = found(**self.configuration)
        if not isinstance(made, Step):
            raise ConfigurationError(f"{self.module}:{self.name} is no step.")
        return made


def _why(error: ImportError | AttributeError) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"its environment has no module {error.name!r}"
    return type(error).__name__


class Reference(BaseModel):
    """An artifact in the store; one without a fingerprint was left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    fingerprint: str | None


class Job(BaseModel):
    """One step to be executed by a worker."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["stepwell.job/1"] = "stepwell.job/1"
    run_id: str
    pipeline: str
    name: str
    store: str
    step: StepReference
    path: tuple[str, ...] = ()
    inputs: Annotated[dict[str, Reference], Field(default_factory=dict)]
    reports: tuple[Report, ...] | None = None
    memory: int | None = None


def job_of(
    node: Node,
    run_id: str,
    pipeline: str,
    store: str,
    inputs: Mapping[str, Artifact | None],
    reports: list[Report] | None,
) -> Job:
    """The job that executes `node`. Raises PipelineError for a step that cannot be imported."""
    module, _, name = import_path(node.step).partition(":")
    if "<locals>" in name or not _is_importable(type(node.step).__module__):
        raise PipelineError(
            f"Step {node.name!r} is defined where a worker process cannot import it from.",
            hint="Move it to the top of a Python file.",
        )
    resources = node.placed.resources
    path = project_path if node.placed.environment is None else project_path_elsewhere
    return Job(
        run_id=run_id,
        pipeline=pipeline,
        name=node.name,
        store=store,
        step=StepReference(module=module, name=name, configuration=configuration(node.step)),
        path=tuple(path(node.step)),
        inputs={name: _reference(node, name, artifact) for name, artifact in inputs.items()},
        reports=None if reports is None else tuple(reports),
        memory=resources.memory_bytes if resources else None,
    )


def _reference(node: Node, name: str, artifact: Artifact | None) -> Reference:
    if artifact is None:
        return Reference(kind=node.signature.inputs[name].kind, fingerprint=None)
    return Reference(kind=artifact.kind, fingerprint=artifact.fingerprint)


def _is_importable(module: str) -> bool:
    return bool(getattr(sys.modules.get(module), "__file__", None))
