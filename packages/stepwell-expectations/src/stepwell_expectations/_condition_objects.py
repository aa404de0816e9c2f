"""Row conditions as Great Expectations writes them: `{"type": "comparison", ...}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stepwell_expectations._condition_text import OPERATORS, condition_of_text
from stepwell_expectations._conditions import (
    Comparison,
    Condition,
    ConditionError,
    Every,
    Membership,
    Missing,
    Name,
    Opposite,
    Some,
)


def parse_condition(given: object) -> Condition:
    """The condition that `given` spells, as an object or as text. Raises ConditionError."""
    if isinstance(given, str):
        return condition_of_text(given)
    if isinstance(given, Mapping):
        return _condition_of_object(given)
    raise ConditionError(
        f"a row_condition is text or an object, not of type {type(given).__name__}"
    )


def _condition_of_object(given: Mapping[str, Any]) -> Condition:
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ConditionError(f"a row_condition has the type {kind!r}; types: {', '.join(_KINDS)}")
    try:
        return _KINDS[kind](given)
    except (KeyError, TypeError) as error:
        raise ConditionError(f"a row_condition of type {kind!r} is incomplete ({error})") from None


def _comparison(given: Mapping[str, Any]) -> Condition:
    column = Name(given["column"]["name"])
    operator, parameter = given["operator"], given["parameter"]
    if operator == "IN":
        return Membership(column, tuple(parameter))
    if operator == "NOT_IN":
        return Opposite(Membership(column, tuple(parameter)))
    if operator not in OPERATORS.values():
        raise ConditionError(f"a row_condition has the operator {operator!r}")
    if not isinstance(parameter, str | int | float):
        raise ConditionError(f"a row_condition compares with type {type(parameter).__name__}")
    return Comparison(column, operator, parameter)


def _nullity(given: Mapping[str, Any]) -> Condition:
    missing = Missing(Name(given["column"]["name"]))
    return missing if given["is_null"] else Opposite(missing)


def _parts(given: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(parse_condition(part) for part in given["conditions"])


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Condition]] = {
    "comparison": _comparison,
    "nullity": _nullity,
    "and": lambda given: Every(_parts(given)),
    "or": lambda given: Some(_parts(given)),
    "pass_through": lambda given: condition_of_text(given["pass_through_filter"]),
}
