"""The step: a frozen model of its configuration, with one method `run`."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, model_validator

from stepwell._errors import ConfigurationError, did_you_mean, listed
from stepwell._protocol._frozen import freeze


class Step(BaseModel, ABC):
    """A configured unit of work.

    The fields of a step are its configuration, the keyword-only parameters of `run` its inputs,
    and the fields of the frozen dataclass that `run` returns its outputs. A step is a value: it
    compares equal to another with the same configuration, and never changes.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, ser_json_inf_nan="strings"
    )

    effects: ClassVar[bool] = False
    """Whether `run` touches the outside world: such a step is never cached."""

    drops: ClassVar[tuple[str, ...]] = ()
    """Protected columns that `run` leaves out on purpose."""

    if not TYPE_CHECKING:  # type checkers derive the parameters from the fields

        def __init__(self, *unnamed: Any, **fields: Any) -> None:
            if unnamed:
                raise _unnamed(type(self))
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise _configuration_error(type(self), error) from None

    @abstractmethod
    def run(self, *args: Any, **inputs: Any) -> Any:
        """Do the work: take artifacts by keyword, return the outputs."""

    def external_state(self) -> JsonValue:
        """What `run` reads from outside of its inputs, as JSON: part of the key of the cache."""
        return None

    def preview(self, **inputs: Any) -> Mapping[str, Any]:
        """Outputs of `run` that are datasets, for inputs without rows, as far as they are known.

        A plan shows their columns and roles before anything runs.
        """
        return {}

    @model_validator(mode="after")
    def _freeze(self) -> Self:
        for name, value in self.__dict__.items():
            self.__dict__[name] = freeze(value)
        return self

    def __hash__(self) -> int:
        return hash((type(self), tuple(self.__dict__.items())))


def configuration(step: Step) -> dict[str, Any]:
    """The fields of `step` as JSON; the members of a set are sorted, infinity is text."""
    # without warnings: that a list became a tuple is meant
    fields: dict[str, Any] = json.loads(step.model_dump_json(warnings=False))
    for name, value in step.__dict__.items():
        if isinstance(value, frozenset):
            fields[name].sort(key=repr)
    return fields


def title(step: Step | type[Step]) -> str:
    """The name that a person knows the step by: the class's, or the function's."""
    return step.__name__ if isinstance(step, type) else type(step).__name__


def _unnamed(step: type[Step]) -> ConfigurationError:
    first = next(iter(step.model_fields), None)
    hint = (
        f"Write {title(step)}({first}=...). Fields: {listed(step.model_fields)}." if first else None
    )
    return ConfigurationError(f"{title(step)} takes its fields by name.", hint=hint)


def _configuration_error(step: type[Step], error: ValidationError) -> ConfigurationError:
    problems = error.errors(include_url=False, include_input=False, include_context=True)
    sentences = [_sentence(step, problem) for problem in problems]
    return ConfigurationError(" ".join(dict.fromkeys(sentences)))


_WORDS = {
    "Input should be a valid dictionary": 'it should be a mapping, such as {"name": ...}',
    "Input should be an instance of Sequence": "it should be a list",
    "Input should be a valid tuple": "it should be a pair, such as (0, 1)",
    "'str' instances are not allowed as a Sequence value": 'it should be a list, such as ["..."]',
}
"""Of pydantic's messages those that speak of types of its own, in our words."""


def _sentence(step: type[Step], problem: Any) -> str:
    field = ".".join(str(part) for part in problem["loc"])
    fields = step.model_fields
    if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
        near = did_you_mean(field, fields)
        known = f"Fields: {listed(fields)}."
        return " ".join(filter(None, [f"{title(step)} has no field {field!r}.", near, known]))
    if problem["type"] == "missing":
        return f"{title(step)} needs the field {field!r}."
    text = _WORDS.get(problem["msg"], problem["msg"])
    text = text.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    where = f"{title(step)}, field {field!r}" if field else title(step)
    text = text.rstrip(".")
    return f"{where}: {text}" if text.endswith("?") else f"{where}: {text}."
