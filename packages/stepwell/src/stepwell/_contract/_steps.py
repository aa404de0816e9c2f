"""The contracts of steps, read from their classes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import core_schema

from stepwell._code._packages import distribution_of
from stepwell._contract._data import PackageContract, Port, StepContract
from stepwell._contract._schema import tidied, without_inherited
from stepwell._errors import ConfigurationError
from stepwell._protocol._report import Report
from stepwell._protocol._signature import Input, Output, signature_of
from stepwell._protocol._step import Step, title

_OF_ONE_STEP = "stepwell.contract/1"
_CORE = "stepwell"


class _Schemas(GenerateJsonSchema):
    """Schemas in which sets have an order, and a decimal number is not any text."""

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(_ordered(dft))

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        made = super().decimal_schema(schema)
        for one in made.get("anyOf", [made]):
            if one.get("type") == "string":
                one.pop("pattern", None)
                one["format"] = "decimal"
        return made


class _NamingCore(_Schemas):
    """Schemas that name classes of core: how these look is promised by core, not by the step."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return _named(schema["cls"]) or super().model_schema(schema)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return _named(schema["cls"]) or super().dataclass_schema(schema)


def contract_of(step: type[Step]) -> dict[str, Any]:
    """Name, package, version, JSON schema of the configuration, inputs and outputs with kinds."""
    distribution = distribution_of(step.__module__.partition(".")[0])
    return {
        "format": _OF_ONE_STEP,
        "name": title(step),
        "package": distribution.name if distribution else None,
        "version": distribution.version if distribution else None,
        **dataclasses.asdict(step_contract(step)),
    }


def contract_of_steps(package: str, points: Iterable[EntryPoint]) -> PackageContract:
    """The contract of a package out of the code of its steps. Raises ConfigurationError."""
    steps = {
        point.name: step_contract(_loaded(package, point), target=point.value)
        for point in sorted(points, key=lambda point: point.name)
    }
    return PackageContract(package, steps)


def step_contract(step: type[Step], *, target: str | None = None) -> StepContract:
    """The contract of a step. Raises ConfigurationError for a type that no JSON schema tells."""
    signature = signature_of(step)
    try:
        configuration = _schema(step, "validation", step)
    except (PydanticInvalidForJsonSchema, PydanticUserError) as error:
        raise ConfigurationError(
            f"A field of {title(step)} has a type without JSON schema: "
            f"{str(error).partition(chr(10))[0]}.",
            hint="Use types that pydantic can write as JSON.",
        ) from error
    configuration.pop("description", None)
    return StepContract(
        target=target or f"{step.__module__}:{title(step)}",
        description=" ".join((step.__doc__ or "").strip().partition("\n\n")[0].split()),
        configuration=configuration,
        inputs={name: _input(step, port) for name, port in signature.inputs.items()},
        outputs={name: _output(step, port) for name, port in signature.outputs.items()},
        effects=step.effects,
        judge=signature.judge,
    )


def _loaded(package: str, point: EntryPoint) -> type[Step]:
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:  # whatever a package does when it is imported
        raise ConfigurationError(
            f"Step {point.name!r} of {package} cannot be imported: {type(error).__name__}: "
            f"{error}.",
            hint=f'See where: python -c "import {point.module}".',
        ) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Step)):
        raise ConfigurationError(
            f"{point.value}, which {package} calls the step {point.name!r}, is no Step.",
            hint="Correct its entry point.",
        )
    return loaded


def _input(step: type[Step], port: Input) -> Port:
    schema = _schema_of_port(step, port, "validation")
    return Port(port.kind, optional=not port.required, nullable=port.nullable, schema=schema)


def _output(step: type[Step], port: Output) -> Port:
    schema = _schema_of_port(step, port, "serialization")
    return Port(port.kind, optional=port.optional, schema=schema)


def _schema_of_port(
    step: type[Step], port: Input | Output, mode: JsonSchemaMode
) -> dict[str, Any] | None:
    if port.kind not in ("value", "report") or port.annotation is Report:
        return None
    try:
        schema = _schema(port.annotation, mode, step)
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return None  # it passes between steps, and nothing tells how it looks
    if port.kind == "value":
        return schema
    return without_inherited(schema, _schema(Report, mode, Report))


def _schema(annotation: Any, mode: JsonSchemaMode, within: type) -> dict[str, Any]:
    generator = _Schemas if _is_of_core(within) else _NamingCore
    return tidied(TypeAdapter(annotation).json_schema(mode=mode, schema_generator=generator))


def _named(annotation: type) -> JsonSchemaValue | None:
    if not _is_of_core(annotation):
        return None
    return {"type": "object", "format": f"{_CORE}:{annotation.__name__}"}


def _ordered(default: Any) -> Any:
    """A default without sets, whose order differs from one process to the next."""
    if isinstance(default, BaseModel):
        return _ordered(default.model_dump())
    if isinstance(default, Mapping):
        return {key: _ordered(value) for key, value in default.items()}
    if isinstance(default, set | frozenset):
        return sorted(map(_ordered, default), key=repr)
    return [*map(_ordered, default)] if isinstance(default, list | tuple) else default


def _is_of_core(annotation: type) -> bool:
    return annotation.__module__.partition(".")[0] == _CORE
