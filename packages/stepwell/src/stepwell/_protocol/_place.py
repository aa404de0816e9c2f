"""`place`: the one tool to wire a step otherwise than by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stepwell._errors import PipelineError
from stepwell._paths import checked_name
from stepwell._protocol._environment import Environment, EnvironmentLike, environment_of
from stepwell._protocol._step import Step, title

_MEMORY = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT])iB")


class Resources(BaseModel):
    """What a step may use: `Resources(cpus=2, memory="4GiB", gpus=1)`.

    A step with any of them runs in a worker process: on so many processors, with so many graphics
    processors to itself, and it fails if it asks for more memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpus: float | None = Field(default=None, gt=0, description="Processors; may be a part of one.")
    memory: str | None = Field(default=None, description="Such as '512MiB' or '4GiB'.")
    gpus: int | None = Field(
        default=None, ge=0, description="Graphics processors for it alone; 0 hides all."
    )

    @field_validator("memory")
    @classmethod
    def _memory_is_an_amount(cls, memory: str | None) -> str | None:
        if memory is not None and _MEMORY.fullmatch(memory) is None:
            raise ValueError("memory is a number and a unit: KiB, MiB, GiB or TiB")
        return memory

    @property
    def memory_bytes(self) -> int | None:
        """The limit of memory in bytes."""
        if self.memory is None:
            return None
        amount, unit = _MEMORY.fullmatch(self.memory).groups()  # type: ignore[union-attr]  # validated
        return int(float(amount) * 1024 ** (1 + "KMGT".index(unit)))


@dataclass(frozen=True)
class Placed:
    """A step in a pipeline: its name there, its wiring, and where and how often it is tried."""

    step: Step
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    retries: int = 0
    timeout: float | None = None
    resources: Resources | None = None
    environment: Environment | None = None

    @property
    def needs_process(self) -> bool:
        """Whether the step has limits, or an environment, that only a process can have."""
        is_limited = self.timeout is not None or self.resources not in (None, Resources())
        return is_limited or self.environment is not None


def place(
    step: Step,
    *,
    name: str | None = None,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    retries: int = 0,
    timeout: float | None = None,
    resources: Resources | None = None,
    environment: EnvironmentLike | None = None,
) -> Placed:
    """A step under another name or with other artifacts.

    `inputs` says which artifact an input takes, `outputs` what an output is called:
    `place(Train(seed=1), name="second", outputs={"model": "second_model"})`. A step that raises
    is tried `retries` times more. With a `timeout` in seconds, or a limit of memory in `resources`,
    it runs in a worker process that is ended when it goes beyond.

    With `environment="own"`, or a list of requirements such as `["pandas<3"]`, it runs with the
    packages that it needs, whatever is installed here; see `Environment`.
    """
    if not isinstance(step, Step):
        raise PipelineError(f"place() takes a step, not a {type(step).__name__}.")
    _check_number(step, "retries", retries, least=0)
    if timeout is not None:
        _check_number(step, "timeout", timeout, least=1e-3)
    for artifact in (outputs or {}).values():
        checked_name(artifact, what="artifact")
    return Placed(
        step=step,
        name=checked_name(name, what="step") if name is not None else default_name(step),
        inputs=dict(inputs or {}),
        outputs=dict(outputs or {}),
        retries=retries,
        timeout=timeout,
        resources=resources,
        environment=_environment(step, environment),
    )


def _environment(step: Step, given: EnvironmentLike | None) -> Environment | None:
    if given is None:
        return None
    return environment_of(given, f"place({title(step)}(...), environment=...)")


def _check_number(step: Step, field: str, value: object, *, least: float) -> None:
    if not isinstance(value, int | float) or value < least:
        raise PipelineError(
            f"place({title(step)}(...), {field}={value!r}): it is a number, at least {least:g}."
        )


def default_name(step: Step) -> str:
    """The name of a step that was given none: its class's or function's, in snake case."""
    return snake_case(title(step))


def snake_case(name: str) -> str:
    """The name of a class in snake case: `pii_scan` for `PiiScan`, `sql_load` for `SQLLoad`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
