"""Checks of a step as a class and as a value: its words, fields and equality."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from stepwell._errors import ConfigurationError, StepwellError
from stepwell._pipelines._failure import reason_of
from stepwell._protocol._function_step import FunctionStep
from stepwell._protocol._step import Step, configuration, title
from stepwell.testing._check import CheckFailed
from stepwell.testing._example import example_of, wired

_WRONG_VALUES: tuple[Any, ...] = (None, True, -1, 1e300, "no such thing", [], [{}], {"no": "such"})
"""JSON that hardly any field takes; one that does is no fault."""


def check_has_docstring(step: type[Step]) -> None:
    """A step says in one sentence what it does."""
    first = (step.__dict__.get("__doc__") or "").strip().partition("\n")[0]
    if not first:
        raise CheckFailed(
            f"{title(step)} has no docstring.", "Say below its name, in one sentence, what it does."
        )


def check_fields_are_described(step: type[Step]) -> None:
    """Every field has a type that JSON knows, and a description."""
    for name, field in step.model_fields.items():
        where = f"{title(step)}.{name}"
        if not (field.description or "").strip():
            raise CheckFailed(
                f"{where} has no description.",
                f'Write {name}: ... = Field(description="...").',
            )
        if field.annotation is Any or field.annotation is object:
            raise CheckFailed(
                f"{where} may be anything.", "Annotate its type; JsonValue for any JSON."
            )
    try:
        step.model_json_schema()
    except Exception as error:  # whatever pydantic or a type of somebody else raises
        raise CheckFailed(
            f"A field of {title(step)} has a type without JSON schema: {reason_of(error)}.",
            "Use types that pydantic can write as JSON.",
        ) from error


def check_no_field_shadows(step: type[Step]) -> None:
    """No field has a name that a step uses for something else."""
    taken = {*dir(FunctionStep), *FunctionStep.__annotations__, "example", "may_show"}
    hidden = sorted(taken & set(step.model_fields))
    if hidden:
        raise CheckFailed(
            f"{title(step)} has a field {hidden[0]!r}, which every step uses for something else.",
            "Rename it.",
        )


def check_run_can_be_wired(step: type[Step]) -> None:
    """`run` takes its inputs by keyword, all annotated, and returns a dataclass or None."""
    wired(step)


def check_outputs_are_frozen(step: type[Step]) -> None:
    """What `run` returns is a frozen dataclass with a docstring."""
    returns = wired(step).returns
    if returns is None:
        return
    if not getattr(returns, "__dataclass_params__").frozen:  # noqa: B009 - not in the stubs
        raise CheckFailed(
            f"{returns.__name__}, which {title(step)} returns, can be changed.",
            "Write @dataclass(frozen=True) above it.",
        )
    if not returns.__doc__ or returns.__doc__.startswith(f"{returns.__name__}("):
        raise CheckFailed(
            f"{returns.__name__} has no docstring.",
            f'Write one, for example """What `{title(step)}` produces.""".',
        )


def check_unknown_field_is_refused(step: type[Step]) -> None:
    """A field that does not exist is an error that names it."""
    configured, _ = example_of(step)
    name = "no_such_field"
    try:
        step(**{**configuration(configured), name: 1})
    except ConfigurationError as error:
        if name in str(error):
            return
        raise CheckFailed(
            f"{title(step)} refuses an unknown field without naming it.",
            "Let Step make the message: do not catch its errors.",
        ) from error
    raise CheckFailed(
        f"{title(step)} takes a field that it does not have.",
        "Leave extra='forbid' of Step's model_config as it is.",
    )


def check_wrong_values_are_refused(step: type[Step]) -> None:
    """A wrong value of a field is a ConfigurationError, never another exception."""
    configured, _ = example_of(step)
    fields = configuration(configured)
    for name, wrong in _wrong_values(step):
        try:
            step(**{**fields, name: wrong})
        except StepwellError:
            continue
        except Exception as error:  # whatever a validator raises
            raise CheckFailed(
                f"{title(step)}({name}={wrong!r}) raises another error than ConfigurationError: "
                f"{reason_of(error)}.",
                "Raise ValueError in validators, with what to type; check types before use.",
            ) from error


def _wrong_values(step: type[Step]) -> Iterator[tuple[str, Any]]:
    return ((name, wrong) for name in step.model_fields for wrong in _WRONG_VALUES)


def check_configuration_is_json(step: type[Step]) -> None:
    """The configuration is JSON, and makes an equal step with the same hash."""
    configured, _ = example_of(step)
    again = _again(step, json.loads(json.dumps(_as_json(configured))))
    if again != configured or hash(again) != hash(configured):
        raise CheckFailed(
            f"{title(step)} is another step after its configuration went through JSON.",
            "Give its fields types that pydantic writes and reads without loss.",
        )


def check_equal_configurations_make_equal_steps(step: type[Step]) -> None:
    """Two steps of the same configuration are equal, with one hash; no other step is."""
    configured, _ = example_of(step)
    fields = {name: getattr(configured, name) for name in step.model_fields}
    try:
        same = {_again(step, fields), _again(step, fields)}
    except TypeError as error:
        raise CheckFailed(
            f"{title(step)} cannot be hashed: {reason_of(error)}.",
            "Annotate sequences as Sequence, mappings as Mapping; other types need a hash.",
        ) from error
    if len(same) != 1 or configured == object():
        raise CheckFailed(
            f"Two steps {title(step)} with the same configuration are not equal.",
            "Keep nothing but fields in a step, and leave __eq__ and __hash__ as they are.",
        )


def check_configuration_is_frozen(step: type[Step]) -> None:
    """No field can be assigned, and what a field holds cannot be changed."""
    configured, _ = example_of(step)
    for name in step.model_fields:
        if _can_be_assigned(configured, name):
            raise CheckFailed(
                f"{title(step)}.{name} can be assigned.",
                "Leave frozen=True of Step's model_config as it is.",
            )
        if isinstance(getattr(configured, name), list | set | bytearray):
            raise CheckFailed(
                f"{title(step)}.{name} holds a {type(getattr(configured, name)).__name__}, which "
                "can be changed.",
                "Leave values as Step has frozen them; annotate Sequence or frozenset.",
            )


def _can_be_assigned(step: Step, name: str) -> bool:
    try:
        setattr(step, name, getattr(step, name))
    except (ValidationError, TypeError, AttributeError):
        return False
    return True


def _as_json(configured: Step) -> dict[str, Any]:
    try:
        return configuration(configured)
    except Exception as error:  # whatever pydantic or a type of somebody else raises
        raise CheckFailed(
            f"The configuration of {title(configured)} cannot be written as JSON: "
            f"{reason_of(error)}.",
            "Give its fields types that pydantic writes as JSON.",
        ) from error


def _again(step: type[Step], fields: dict[str, Any]) -> Step:
    try:
        return step(**fields)
    except StepwellError as error:
        raise CheckFailed(
            f"{title(step)} refuses the configuration that it has itself: {error}",
            "Let its validators accept what they return.",
        ) from error
