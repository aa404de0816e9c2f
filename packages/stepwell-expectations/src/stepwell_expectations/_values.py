"""What the values of keyword arguments may be.

Each function gives the rest of a sentence that says what is wrong, or None.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeGuard

from stepwell.authoring import listed
from stepwell_expectations._json_schemas import schema_validator

_ROUNDING = 1e-5
_PARSERS = ("pandas", "great_expectations", "great_expectations__experimental__")
_INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def moment(text: str) -> date | datetime:
    """The date or time that `text` spells in ISO 8601. Raises ValueError."""
    return (
        date.fromisoformat(text) if len(text) == len("2024-12-31") else datetime.fromisoformat(text)
    )


def _is_number(value: object) -> bool:
    finite = isinstance(value, int | float) and abs(value) <= sys.float_info.max
    return finite and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether `value` is a number without a fraction."""
    return _is_number(value) and value == int(value)  # type: ignore[call-overload]  # a number, as tested


def _text(value: object) -> str | None:
    return None if isinstance(value, str) and value else "is no text, or empty"


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "is neither true nor false"


def _number(value: object) -> str | None:
    return None if _is_number(value) else "is no number"


def _bound(value: object) -> str | None:
    if _is_number(value):
        return None
    try:
        moment(value if isinstance(value, str) else "")
    except ValueError:
        return f"is {value!r}, which is neither a number nor a date such as 2024-12-31"
    return None


def _share(value: object) -> str | None:
    inside = _is_number(value) and 0 <= value <= 1  # type: ignore[operator]  # a number, as tested
    return None if inside else f"is {value!r}, and has to be a number from 0 to 1"


def _texts(value: object) -> str | None:
    if not isinstance(value, list | tuple) or not value:
        return "is no list, or empty"
    return None if all(isinstance(item, str) and item for item in value) else "holds more than text"


def _scalars(value: object) -> str | None:
    if not isinstance(value, list | tuple):
        return "is no list"
    if not all(item is None or isinstance(item, str | int | float) for item in value):
        return "holds lists or objects; it takes text, numbers, true, false and null"
    numbers = [
        item for item in value if isinstance(item, int | float) and item not in (True, False)
    ]
    return None if all(map(_is_number, numbers)) else "holds a number that is not finite"


def _pairs(value: object) -> str | None:
    fits = isinstance(value, list | tuple) and all(
        isinstance(item, list | tuple) and len(item) == 2 and not _scalars(item) for item in value
    )
    return None if fits else "is no list of pairs of text, numbers, true, false and null"


def _quantiles(value: object) -> str | None:
    given = value if isinstance(value, Mapping) else {}
    shares, ranges = given.get("quantiles"), given.get("value_ranges")
    if not (isinstance(shares, list | tuple) and isinstance(ranges, list | tuple) and shares):
        return "is no object with the lists 'quantiles' and 'value_ranges'"
    if len(shares) != len(ranges):
        return "has not as many 'quantiles' as 'value_ranges'"
    if any(map(_share, shares)):
        return "has 'quantiles' that are no numbers from 0 to 1"
    return None if all(map(_is_range, ranges)) else "has 'value_ranges' that are no [least, most]"


def _is_range(value: object) -> bool:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return False
    bounds = [bound for bound in value if bound is not None]
    return all(map(_is_number, bounds)) and bounds == sorted(bounds)


def _two_numbers(value: object) -> str | None:
    fits = _is_range(value) and None not in value  # type: ignore[operator]  # a list, as tested
    return None if fits else "is no list of two numbers, the smaller one first"


def _partition(value: object) -> str | None:
    """Of `values`, or of `bins`, each with its weight."""
    given = value if isinstance(value, Mapping) else {}
    weights, tails = given.get("weights"), given.get("tail_weights", ())
    if not _are_weights(weights) or not _are_weights(tails) or len(tails) not in (0, 2):
        return "is no object with the list 'weights', and 'values' or 'bins'"
    if abs(sum([*weights, *tails]) - 1) > _ROUNDING:
        return "has weights whose sum is not 1"
    if "values" in given:
        return _partition_values(given["values"], len(weights))
    edges = given.get("bins")
    if not isinstance(edges, list | tuple) or not all(map(_is_number, edges)):
        return "has no 'values', and no 'bins' that are finite numbers"
    if len(edges) != len(weights) + 1:
        return "has bins that are not one more than the weights"
    rises = all(low < high for low, high in pairwise(edges))
    return None if rises else "has bins that do not rise"


def _are_weights(value: Any) -> TypeGuard[Sequence[float]]:
    return isinstance(value, list | tuple) and all(_is_number(one) and one >= 0 for one in value)


def _partition_values(values: object, count: int) -> str | None:
    if _scalars(values) or len(values) != count:  # type: ignore[arg-type]  # a list, as tested
        return "has 'values' that are not as many as the weights"
    different = len(set(values)) == count  # type: ignore[call-overload]  # a list, as tested
    return None if different else "has one of its 'values' twice"


def _json_schema(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return "is no object"
    try:
        schema_validator(value)
    except ValueError as error:
        return str(error)
    return None


def _relative_error(value: object) -> str | None:
    if value is False or value in _INTERPOLATIONS:
        return None
    return f"is neither false nor one of {listed(_INTERPOLATIONS)}"


def _parser(value: object) -> str | None:
    """Conditions of Spark look alike and mean another thing where values are missing."""
    if value in _PARSERS:
        return None
    return f"is {value!r}; write the row_condition for one of {listed(_PARSERS)}"


def _one_character(value: object) -> str | None:
    return None if isinstance(value, str) and len(value) == 1 else "is no single character"


def _multiplier(value: object) -> str | None:
    return None if _is_number(value) and value >= 0 else "is no number from 0 on"  # type: ignore[operator]  # a number, as tested


def _index(value: object) -> str | None:
    return None if is_whole(value) and not isinstance(value, float) else "is no whole number"


def _pattern(value: object) -> str | None:
    if not isinstance(value, str):
        return "is no text"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        return f"{value!r} is no regular expression: {error}"
    return None


def _patterns(value: object) -> str | None:
    problem = _texts(value)
    if problem:
        return problem
    return next(filter(None, map(_pattern, value)), None)  # type: ignore[call-overload]  # lists, as tested


VALUES: Mapping[str, Callable[[object], str | None]] = {
    "allow_relative_error": _relative_error,
    "bucketize_data": _flag,
    "column": _text,
    "column_A": _text,
    "column_B": _text,
    "column_index": _index,
    "column_list": _texts,
    "column_set": _texts,
    "condition_parser": _parser,
    "double_sided": _flag,
    "escape": _one_character,
    "exact_match": _flag,
    "internal_weight_holdout": _share,
    "json_schema": _json_schema,
    "like_pattern": _text,
    "like_pattern_list": _texts,
    "match_on": lambda value: None if value in ("any", "all") else "is neither 'any' nor 'all'",
    "max_value": _bound,
    "method": lambda value: None if value in ("iqr", "std") else "is neither 'iqr' nor 'std'",
    "min_value": _bound,
    "missing_values": _scalars,
    "mustBe": _number,
    "mustBeBetween": _two_numbers,
    "mustBeGreaterOrEqualTo": _number,
    "mustBeGreaterThan": _number,
    "mustBeLessOrEqualTo": _number,
    "mustBeLessThan": _number,
    "mustNotBe": _number,
    "mustNotBeBetween": _two_numbers,
    "mostly": _share,
    "multiplier": _multiplier,
    "or_equal": _flag,
    "other_table_name": _text,
    "partition_object": _partition,
    "pattern": _pattern,
    "quantile_ranges": _quantiles,
    "regex": _pattern,
    "regex_list": _patterns,
    "strftime_format": _text,
    "strict_max": _flag,
    "strict_min": _flag,
    "strictly": _flag,
    "sum_total": _number,
    "tail_weight_holdout": _share,
    "threshold": _number,
    "ties_okay": _flag,
    "type_": _text,
    "type_list": _texts,
    "unit": lambda value: None if value in ("rows", "percent") else "is no 'rows' or 'percent'",
    "valid_values": _scalars,
    "value": _number,
    "value_pairs_set": _pairs,
    "value_set": _scalars,
}
"""What is wrong with an argument, by its name."""
