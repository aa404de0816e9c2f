"""The keywords of JSON schema that match texts, by an engine that takes linear time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

_DATA = ("const", "default", "enum", "examples")
_BY_NAME = ("properties", "$defs", "definitions", "dependentSchemas")


class NotLinearError(Exception):
    """A pattern that only an engine without a bound on its time can match."""


def refusal_of(schema: Mapping[str, Any]) -> str | None:
    """Why a schema cannot be held to in linear time, if so."""
    from stepwell_expectations._patterns import polars_pattern

    keys, patterns = set(), []
    for key, value in _keywords(schema):
        keys.add(key)
        if key == "pattern" and isinstance(value, str):
            patterns.append(value)
        if key == "patternProperties" and isinstance(value, dict):
            patterns += value
    for pattern in patterns:
        if polars_pattern(pattern) is None:
            return (
                f"has the pattern {pattern!r}, which cannot be matched in linear time; write it "
                "without look-around, back-references and large repetitions"
            )
    if {"patternProperties", "unevaluatedProperties"} <= keys:
        return "has patternProperties and unevaluatedProperties; use additionalProperties"
    return None


def _keywords(schema: Any) -> Iterator[tuple[str, Any]]:
    """All keywords in a schema and in those within it, with their values."""
    if isinstance(schema, list):
        for part in schema:
            yield from _keywords(part)
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        yield key, value
        if key in (*_BY_NAME, "patternProperties") and isinstance(value, dict):
            yield from _keywords([*value.values()])
        elif key not in _DATA:
            yield from _keywords(value)


def _is_found(pattern: str, text: str) -> bool:
    import polars as pl

    from stepwell_expectations._patterns import polars_pattern

    linear = polars_pattern(pattern)
    if linear is None:  # where no keyword was expected, as behind a reference
        raise NotLinearError
    return bool(pl.Series([text]).str.contains(linear)[0])


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    if validator.is_type(instance, "string") and not _is_found(pattern, instance):
        yield _error("pattern")


def _pattern_properties(
    validator: Any, properties: Mapping[str, Any], instance: Any, schema: Any
) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, inner in properties.items():
        for name in instance:
            if _is_found(pattern, name):
                yield from validator.descend(instance[name], inner, path=name)


def _additional_properties(
    validator: Any, inner: Any, instance: Any, schema: Mapping[str, Any]
) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name in instance:
        if name not in named and not any(_is_found(pattern, name) for pattern in patterns):
            yield from validator.descend(instance[name], inner, path=name)


def _error(keyword: str) -> Exception:
    from jsonschema import ValidationError

    return ValidationError(f"it is not as {keyword} says")


LINEAR: Mapping[str, Callable[..., Iterator[Any]]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
}
"""What stands in the place of the keywords of jsonschema."""
