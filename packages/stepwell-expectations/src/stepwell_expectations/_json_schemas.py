"""JSON schemas that fetch nothing, and whose patterns take linear time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stepwell_expectations._linear_schemas import LINEAR, NotLinearError, refusal_of
from stepwell_expectations._words import thawed

Validator = Callable[[Any], bool]


def schema_validator(schema: Mapping[str, Any]) -> Validator:
    """Whether a value is as `schema` says.

    Raises ValueError for what is no JSON schema, and for patterns that could take exponential
    time. A reference to a schema elsewhere is never followed, and a value that meets one is not
    valid.
    """
    from jsonschema import SchemaError
    from jsonschema.validators import extend, validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    plain: dict[Any, Any] = thawed(schema)
    kind = validator_for(plain)
    try:
        kind.check_schema(plain)
    except SchemaError as error:
        raise ValueError(f"is no JSON schema: {error.message}") from None
    refusal = refusal_of(plain)
    if refusal is not None:
        raise ValueError(refusal)
    linear: Any = extend(kind, LINEAR)  # type: ignore[no-untyped-call]  # as jsonschema has it
    validator = linear(plain, registry=Registry())  # one that retrieves nothing

    def is_valid(value: Any) -> bool:
        try:
            return bool(validator.is_valid(value))
        except (Unresolvable, RecursionError, NotLinearError):
            return False

    return is_valid
