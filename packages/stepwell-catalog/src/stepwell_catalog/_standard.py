"""What the Open Data Contract Standard itself asks of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from stepwell.authoring import did_you_mean, listed
from stepwell_catalog._problem import Problem

if TYPE_CHECKING:
    from jsonschema import ValidationError

_UNEXPECTED = re.compile(r"'([^']+)'")
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def problems_with_the_standard(document: Any) -> list[Problem]:
    """Where a document is not what the standard's JSON schema describes.

    What stands in the document is not repeated, except for names of fields: a value may be a
    password that somebody wrote there.
    """
    if not isinstance(document, Mapping):
        return [Problem("", "It is no mapping of fields.", "Begin with: apiVersion: v3.1.0")]
    found = map(_problem, _deepest(_validator().iter_errors(document)))
    return [*dict.fromkeys(found)]  # for one field that lacks, there are as many as do


@cache
def _validator() -> Any:
    from jsonschema import Draft201909Validator

    schema = files("open_data_contract_standard") / "schema.json"
    return Draft201909Validator(_conditional(json.loads(schema.read_text(encoding="utf-8"))))


def _conditional(schema: Any) -> Any:
    """The schema, with conditions on a field that hold only where the field is.

    As it is published, what it asks of a map, say, it asks of every column without a type.
    """
    if isinstance(schema, list):
        return [_conditional(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _conditional(inner) for name, inner in schema.items()}
    condition = made.get("if")
    for one in [condition, *condition.get("anyOf", ())] if isinstance(condition, dict) else ():
        if "properties" in one:
            one.setdefault("required", list(one["properties"]))
    return made


def _deepest(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Each error, or what led to it where several forms are allowed."""
    from jsonschema.exceptions import best_match

    for error in sorted(errors, key=lambda one: [str(part) for part in one.absolute_path]):
        if error.context and error.validator in ("anyOf", "oneOf"):
            deepest = best_match([error])
            yield deepest if deepest is not None else error
        else:
            yield error


def _problem(error: ValidationError) -> Problem:
    where = path_text(error.absolute_path)
    keyword, asked = str(error.validator), _asked(error)
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return _unknown_fields(where, error)
    if keyword == "required":
        missing = [name for name in asked if name not in _found(error)]
        return Problem(where, f"It has no field {listed(missing)}.", "Add it.")
    if keyword == "type":
        return _wrong_type(where, error.instance, asked)
    if keyword in ("enum", "const"):
        allowed = asked if isinstance(asked, list) else [asked]
        near = did_you_mean(str(error.instance), [str(one) for one in allowed])
        fix = f"{near} The standard has: {listed([str(one) for one in allowed], most=50)}."
        return Problem(where, "It is no value that the standard has.", fix.strip())
    rule = json.dumps(asked) if isinstance(asked, str | int | float) else ""
    return Problem(
        where, f"It breaks the rule {keyword} {rule}".rstrip() + " of the standard.", "Correct it."
    )


def _asked(error: ValidationError) -> Any:
    return error.validator_value


def _found(error: ValidationError) -> Any:
    return error.instance


def _wrong_type(where: str, found: Any, asked: Any) -> Problem:
    wanted = " or ".join(_TYPES[name] for name in ([asked] if isinstance(asked, str) else asked))
    is_number = isinstance(found, int | float)
    fix = "Write it in quotes." if "string" in asked and is_number else "Correct it."
    return Problem(where, f"It is {_kind(found)} where the standard has {wanted}.", fix)


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    kinds = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return kinds.get(type(value), "something else")


def _unknown_fields(where: str, error: ValidationError) -> Problem:
    names = [name for name in _UNEXPECTED.findall(error.message) if name in _found(error)]
    near = did_you_mean(names[0], _field_names() - set(names)) if names else ""
    return Problem(
        where,
        f"It has a field that the standard does not: {listed(names)}.",
        near or "Remove it, or write it into customProperties.",
    )


@cache
def _field_names() -> frozenset[str]:
    """Every field that the standard has anywhere."""

    def names(schema: Any) -> Iterator[str]:
        if isinstance(schema, Mapping):
            properties = schema.get("properties")
            yield from properties if isinstance(properties, Mapping) else ()
            for inner in schema.values():
                yield from names(inner)
        elif isinstance(schema, list):
            for inner in schema:
                yield from names(inner)

    return frozenset(names(_validator().schema))


def path_text(parts: Iterable[str | int]) -> str:
    """A path of keys and numbers as people write it: `servers[0].type`."""
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
