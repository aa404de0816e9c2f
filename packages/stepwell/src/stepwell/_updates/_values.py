"""Whether a JSON value keeps to a JSON schema, as far as the schemas of contracts go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "array": Sequence,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": Mapping,
    "string": str,
}


def takes(schema: Schema, value: Any, definitions: Schema) -> bool:
    """Whether `schema` takes `value`. What this does not know of a schema refuses nothing."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return takes(definitions.get(name, {}), value, definitions)
    for union in (schema.get("anyOf"), schema.get("oneOf")):
        if union and not any(takes(one, value, definitions) for one in union):
            return False
    if not all(takes(one, value, definitions) for one in schema.get("allOf", ())):
        return False
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        return False
    if "const" in schema and not _same(value, schema["const"]):
        return False
    return _is_of_type(schema.get("type"), value) and _within(schema, value, definitions)


def _is_of_type(name: str | None, value: Any) -> bool:
    if name not in _TYPES:
        return True
    if isinstance(value, bool) and name != "boolean":
        return False
    if isinstance(value, str) and name != "string":
        return False
    return isinstance(value, _TYPES[name])


def _within(schema: Schema, value: Any, definitions: Schema) -> bool:
    if isinstance(value, str):
        pattern = schema.get("pattern")
        return _has_length(schema, "Length", value) and (
            pattern is None or re.search(pattern, value) is not None
        )
    if isinstance(value, Mapping):
        return _has_length(schema, "Properties", value) and _fits_object(schema, value, definitions)
    if isinstance(value, Sequence):
        return _has_length(schema, "Items", value) and _fits_array(schema, value, definitions)
    if isinstance(value, int | float):
        return _is_between(schema, value)
    return True


def _is_between(schema: Schema, value: float) -> bool:
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and not value <= schema.get("exclusiveMinimum", value - 1)
        and not value >= schema.get("exclusiveMaximum", value + 1)
    )


def _has_length(schema: Schema, what: str, value: Any) -> bool:
    length = len(value)
    return bool(schema.get(f"min{what}", 0) <= length <= schema.get(f"max{what}", length))


def _fits_object(schema: Schema, value: Mapping[str, Any], definitions: Schema) -> bool:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not set(schema.get("required", ())) <= set(value):
        return False
    for name, inner in value.items():
        expected = known.get(name, others)
        if expected is False:
            return False
        if isinstance(expected, Mapping) and not takes(expected, inner, definitions):
            return False
    return True


def _fits_array(schema: Schema, value: Sequence[Any], definitions: Schema) -> bool:
    first, rest = schema.get("prefixItems", ()), schema.get("items", True)
    if not all(takes(s, v, definitions) for s, v in zip(first, value, strict=False)):
        return False
    others = value[len(first) :]
    if rest is False:
        return not others
    return rest is True or all(takes(rest, inner, definitions) for inner in others)


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
