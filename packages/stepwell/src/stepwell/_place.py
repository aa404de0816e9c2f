"""`place`: the one tool to wire a step otherwise than by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from stepwell._errors import PipelineError
from stepwell._names import checked_name
from stepwell._step import Step, title


@dataclass(frozen=True)
class Placed:
    """A step in a pipeline: its name there, its wiring, and how often it is tried."""

    step: Step
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    retries: int = 0


def place(
    step: Step,
    *,
    name: str | None = None,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    retries: int = 0,
) -> Placed:
    """A step under another name or with other artifacts.

    `inputs` says which artifact an input takes, `outputs` what an output is called:
    `place(Train(seed=1), name="second", outputs={"model": "second_model"})`. A step that raises
    is tried `retries` times more.
    """
    if not isinstance(step, Step):
        raise PipelineError(f"place() takes a step, not a {type(step).__name__}.")
    if retries < 0:
        raise PipelineError(
            f"place({title(step)}(...), retries={retries}): retries cannot be negative."
        )
    return Placed(
        step=step,
        name=checked_name(name, what="step") if name is not None else default_name(step),
        inputs=dict(inputs or {}),
        outputs=dict(outputs or {}),
        retries=retries,
    )


def default_name(step: Step) -> str:
    """The name of a step that was given none: its class's or function's, in snake case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", title(step)).lower()
