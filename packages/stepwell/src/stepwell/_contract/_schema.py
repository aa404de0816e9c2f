"""JSON schemas as pydantic makes them, without what only repeats a name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_OF_NAMES = {"properties", "$defs", "patternProperties"}
_OF_ONE = {"items", "additionalProperties", "propertyNames"}
_OF_MANY = {"anyOf", "oneOf", "allOf", "prefixItems"}
_VALUES = {"default", "const", "enum", "examples"}
_NUMBERS = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "multipleOf",
}
_EXPECTED = {
    **dict.fromkeys(_OF_NAMES | {"items", "propertyNames", "discriminator"}, dict),
    **dict.fromkeys(_OF_MANY | {"enum"}, list),
    **dict.fromkeys(("$ref", "type", "description", "pattern", "format"), str),
}


def tidied(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without titles that repeat a name, and with lists of names in order."""
    return {
        key: _tidied(key, value)
        for key, value in schema.items()
        if key != "title" and not (key == "additionalProperties" and value is True)
    }


def _tidied(key: str, value: Any) -> Any:
    if key in _OF_NAMES:
        return {name: tidied(inner) for name, inner in value.items()}
    if key in _OF_MANY:
        return [tidied(inner) for inner in value]
    if key in _OF_ONE and isinstance(value, dict):
        return tidied(value)
    if key == "required":
        return sorted(value)
    if key in _NUMBERS and abs(value) < 2**53:  # not all versions of pydantic write 1 as 1.0
        return int(value) if float(value).is_integer() else value
    if key == "discriminator":  # what the names of its types are, is told there
        return {"propertyName": value.get("propertyName")}
    return _finite(value) if key in _VALUES else value


def _finite(value: Any) -> Any:
    """A value as steps write it into JSON: infinity is text."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def without_inherited(schema: dict[str, Any], inherited: dict[str, Any]) -> dict[str, Any]:
    """The schema of a class without the properties that it has from its base."""
    common = inherited.get("properties", {})
    properties = {
        name: inner
        for name, inner in schema.get("properties", {}).items()
        if common.get(name) != inner
    }
    required = [name for name in schema.get("required", []) if name in properties]
    own = {**schema, "properties": properties, "required": required}
    definitions = schema.get("$defs", {})
    used = _used(properties, definitions)
    own["$defs"] = {name: inner for name, inner in definitions.items() if name in used}
    return {key: value for key, value in own.items() if value or key not in ("$defs", "required")}


def _used(value: Any, definitions: Mapping[str, Any]) -> set[str]:
    """The names of the definitions that a part of a schema needs."""
    waiting, used = [value], set[str]()
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, dict):
            waiting += inner.values()
            name = str(inner.get("$ref", "")).rpartition("/")[2]
            if name in definitions and name not in used:
                used.add(name)
                waiting.append(definitions[name])
    return used


def checked(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema that somebody else wrote, `tidied`.

    Raises ValueError for what nobody can compare: keywords with values of another type.
    """
    _check(schema)
    return tidied(schema)


def _check(schema: Any) -> None:
    if not isinstance(schema, dict):
        raise ValueError("a schema is a mapping")
    for key, value in schema.items():
        if not _is_right(key, value):
            raise ValueError(f"the keyword {key!r} of a schema has a value of another type")
        for inner in _schemas_in(key, value):
            _check(inner)


def _is_right(key: str, value: Any) -> bool:
    if key in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if key == "required":
        return isinstance(value, list) and all(isinstance(name, str) for name in value)
    if key == "additionalProperties":
        return isinstance(value, dict | bool)
    expected = _EXPECTED.get(key)
    return expected is None or isinstance(value, expected)


def _schemas_in(key: str, value: Any) -> list[Any]:
    if key in _OF_NAMES:
        return list(value.values())
    if key in _OF_MANY:
        return list(value)
    return [value] if key in _OF_ONE and not isinstance(value, bool) else []
