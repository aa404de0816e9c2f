"""JSON schemas that fetch nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stepwell_expectations._words import thawed

Validator = Callable[[Any], bool]


def schema_validator(schema: Mapping[str, Any]) -> Validator:
    """Whether a value is as `schema` says.

    Raises ValueError for what is no JSON schema. A reference to a schema elsewhere is never
    followed, and a value that meets one is not valid.
    """
    from jsonschema import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    plain: dict[Any, Any] = thawed(schema)
    kind = validator_for(plain)
    try:
        kind.check_schema(plain)
    except SchemaError as error:
        raise ValueError(f"is no JSON schema: {error.message}") from None
    validator = kind(plain, registry=Registry())  # one that retrieves nothing

    def is_valid(value: Any) -> bool:
        try:
            return bool(validator.is_valid(value))
        except (Unresolvable, RecursionError):
            return False

    return is_valid
