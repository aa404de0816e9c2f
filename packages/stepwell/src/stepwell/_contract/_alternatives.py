"""The types that a JSON schema allows, one by one, and which of them take all values of another."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Alternative = dict[str, Any]

NAME = "$name"
"""Where an alternative keeps the name of the definition that it comes from."""

TAG = "$tag"
"""Where it keeps the property that tells it from the others, and so has to be given."""

_LIMITS = (
    ("minimum", "exclusiveMinimum", 1),
    ("maximum", "exclusiveMaximum", -1),
    ("minLength", None, 1),
    ("maxLength", None, -1),
    ("minItems", None, 1),
    ("maxItems", None, -1),
    ("minProperties", None, 1),
    ("maxProperties", None, -1),
)
"""A limit, the same limit without its own value, and 1 where larger is stricter."""

_RULES = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", TAG)
"""What has to be the same on both sides: which of two patterns is wider, nobody can tell."""

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def alternatives(schema: Schema, definitions: Schema) -> list[Alternative]:
    """The types that a schema allows, without references, unions and lists of values."""
    waiting = deque([dict(schema)])
    found: list[Alternative] = []
    seen = set()
    while waiting:
        one = waiting.popleft()
        union = one.get("anyOf") or one.get("oneOf")
        if "$ref" in one:
            name = one["$ref"].rpartition("/")[2]
            if name not in seen:
                waiting.appendleft({**definitions.get(name, {}), **_tag(one), NAME: name})
            seen.add(name)
        elif union:
            waiting.extendleft({**inner, **_tag(one)} for inner in reversed(union))
        elif "enum" in one:
            waiting.extendleft({"const": value} for value in reversed(one["enum"]))
        else:
            found.append(_typed(one))
    return found


def _tag(one: Schema) -> dict[str, Any]:
    tag = one.get("discriminator", {}).get("propertyName", one.get(TAG))
    return {} if tag is None else {TAG: tag}


def _typed(one: Alternative) -> Alternative:
    if "const" not in one:
        return one
    value = one["const"]
    if value is None:
        return {"type": "null"}
    return {"const": value, "type": _TYPES.get(type(value), "object")}


def is_anything(one: Schema) -> bool:
    """Whether an alternative takes any JSON."""
    return not {"type", "const", "allOf", "not", "properties"} & set(one)


def is_composed(one: Schema) -> bool:
    """Whether there are types inside of it."""
    return "const" not in one and one.get("type") in ("array", "object")


def not_taken(ones: Iterable[Alternative], others: Iterable[Alternative]) -> list[Alternative]:
    """Those of which some value is taken by none of the others; all have no types inside."""
    choices = {_choice(other["const"]) for other in others if "const" in other}
    types = [other for other in others if "const" not in other]
    return [
        one
        for one in ones
        if not ("const" in one and _choice(one["const"]) in choices)
        and not any(_fits(one, other) for other in types)
    ]


def _choice(value: Any) -> Any:
    """A value to be looked up; unlike for Python, true is not 1."""
    return (
        json.dumps(value) if isinstance(value, list | dict | bool) else (type(value) is str, value)
    )


def _fits(old: Schema, new: Schema) -> bool:
    """Whether a type takes every value of another, or a single value."""
    if "type" not in new:  # what this module does not know
        return old == new
    if old.get("type") != new["type"] and (old.get("type"), new["type"]) != ("integer", "number"):
        return False
    if "const" in old:
        return limits_fit(_limits_of(old["const"]), new) and not _rules(new)
    return limits_fit(old, new) and rules_fit(old, new)


def rules_fit(old: Schema, new: Schema) -> bool:
    """Whether whatever keeps the rules of `old`, such as its pattern, keeps those of `new`."""
    return all(old.get(name) == rule for name, rule in _rules(new).items())


def limits_fit(old: Schema, new: Schema) -> bool:
    """Whether whatever is within the limits of `old` is within those of `new`."""
    for name, without, sign in _LIMITS:
        inner, outer = _limit(old, name, without, sign), _limit(new, name, without, sign)
        if outer is not None and (inner is None or inner < outer):
            return False
    return True


def same(old: Any, new: Any) -> bool:
    """Whether two JSON values are the same; unlike for Python, true is not 1."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same(old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return isinstance(old, bool) == isinstance(new, bool) and bool(old == new)


def _rules(schema: Schema) -> dict[str, Any]:
    return {name: schema[name] for name in _RULES if name in schema}


def _limit(schema: Schema, name: str, without: str | None, sign: int) -> tuple[float, bool] | None:
    """A limit that compares as larger the stricter it is."""
    limits = [(sign * schema[name], False)] if name in schema else []
    if without is not None and without in schema:
        limit = schema[without]
        is_whole = schema.get("type") == "integer" and limit % 1 == 0
        limits.append((sign * limit + 1, False) if is_whole else (sign * limit, True))
    return max(limits, default=None)


def _limits_of(value: Any) -> dict[str, Any]:
    """A single value as limits."""
    if isinstance(value, str):
        return {"minLength": len(value), "maxLength": len(value)}
    return {"minimum": value, "maximum": value}
