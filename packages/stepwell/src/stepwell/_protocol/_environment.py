"""`Environment`: the packages that a step runs with, where they are others than those here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from stepwell._errors import PipelineError

_PYTHON = re.compile(r"3\.\d+(\.\d+)?")


class Environment(BaseModel):
    """An environment of a step's own: `Environment(requirements=["pandas<3"], python="3.12")`.

    The package of the step and core are in it by themselves, as they are installed here, unless
    `requirements` names them. A requirement is written as for pip: with versions, as the path of a
    wheel or of a folder, or as `name @ URL`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirements: tuple[str, ...] = Field(default=(), description="What is to be in it.")
    python: str | None = Field(
        default=None, description="The version of Python, such as '3.12'; default: that of here."
    )

    @field_validator("requirements")
    @classmethod
    def _requirements_can_be_read(cls, requirements: tuple[str, ...]) -> tuple[str, ...]:
        from stepwell._environments._requirement import check  # it takes a moment to import

        for requirement in requirements:
            check(requirement)
        return requirements

    @field_validator("python")
    @classmethod
    def _python_is_a_version(cls, python: str | None) -> str | None:
        if python is not None and _PYTHON.fullmatch(python) is None:
            raise ValueError("python is a version, such as '3.12'")
        return python


EnvironmentLike: TypeAlias = Environment | Sequence[str] | Literal["own"]
"""What `place` takes: an `Environment`, a list of its requirements, or "own" for none of them."""


def environment_of(given: EnvironmentLike, where: str) -> Environment:
    """What a caller wrote, as an `Environment`. Raises PipelineError."""
    if isinstance(given, Environment):
        return given
    if isinstance(given, str):
        if given == "own":
            return Environment()
        raise PipelineError(
            f"{where}: an environment is 'own' or a list of requirements, not {given!r}.",
            hint=f'Write environment=["{given}"].',
        )
    try:
        return Environment(requirements=tuple(given))
    except ValidationError as error:
        problem = error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise PipelineError(f"{where}: {problem.rstrip('.')}.") from None
    except TypeError:
        raise PipelineError(
            f"{where}: an environment is 'own' or a list of requirements, "
            f"not one of type {type(given).__name__}."
        ) from None
