"""JSON schemas in the words of Python."""

from __future__ import annotations

from typing import Any

from stepwell._contract._alternatives import NAME, TAG, Schema, alternatives, is_anything

_WORDS = {
    "array": "list",
    "boolean": "boolean",
    "integer": "integer",
    "null": "None",
    "number": "number",
    "object": "mapping",
    "string": "text",
}
_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minProperties": "at least {} items",
    "maxProperties": "at most {} items",
    "multipleOf": "a multiple of {}",
    "pattern": "like {}",
    "format": "as {}",
    TAG: "told apart by {!r}",
}
_LONGEST = 200


def in_words(schema: Schema, definitions: Schema, *, deep: bool = True) -> str:
    """The type that a schema describes: `integer (at least 0) or None`."""
    words = [_one(one, definitions, deep=deep) for one in alternatives(schema, definitions)]
    text = " or ".join(dict.fromkeys(words)) or "nothing"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _one(one: dict[str, Any], definitions: Schema, *, deep: bool) -> str:
    if "const" in one:
        return repr(one["const"])
    if is_anything(one):
        return "any JSON"
    limits = [text.format(one[name]) for name, text in _LIMITS.items() if name in one]
    limited = f" ({', '.join(limits)})" if limits else ""
    if one.get("type") == "object" and NAME in one:
        return f"{one[NAME]}{limited}"
    return f"{_WORDS.get(one.get('type', ''), 'something')}{_of(one, definitions, deep)}{limited}"


def _of(one: dict[str, Any], definitions: Schema, deep: bool) -> str:
    inner = one.get("items") or one.get("additionalProperties")
    if not deep or not isinstance(inner, dict) or "prefixItems" in one:
        return ""
    words = in_words(inner, definitions, deep=False)
    return "" if words == "any JSON" else f" of {words}"
