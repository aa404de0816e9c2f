"""The keyword arguments of an expectation: whether they are there, and what they may be."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._expectation import SuiteError
from stepwell_expectations._signatures import IGNORED, SIGNATURES, Signature
from stepwell_expectations._words import sentences

_OLD_NAMES = {
    "parse_strings_as_datetimes": "make the column a date before the check",
    "allow_cross_type_comparisons": "make the column a number or a date before the check",
    "auto": "give min_value and max_value",
}
_SEVERAL_COLUMNS = (
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_multicolumn_values_to_be_equal",
    "expect_select_column_values_to_be_unique_within_record",
)
_WHOLE_NUMBERS = (
    "expect_column_value_lengths_to_be_between",
    "expect_column_unique_value_count_to_be_between",
    "expect_table_row_count_to_be_between",
    "expect_table_column_count_to_be_between",
)


def check_arguments(type_: str, kwargs: Mapping[str, Any]) -> None:
    """Raise SuiteError unless `kwargs` are what the expectation `type_` takes."""
    signature = SIGNATURES.get(type_)
    if signature is not None:
        _check_names(kwargs, signature)
    for name, value in kwargs.items():
        problem = _CHECKS[name](value) if name in _CHECKS and value is not None else None
        if problem:
            raise SuiteError(f"{name} {problem}")
    _check_bounds(type_, kwargs)
    if type_ in _SEVERAL_COLUMNS and len(kwargs["column_list"]) < 2:
        raise SuiteError("column_list needs two columns or more")
    if "ignore_row_if" in kwargs:
        _check_ignore_row_if(kwargs)


def _check_names(kwargs: Mapping[str, Any], signature: Signature) -> None:
    for name in kwargs:
        if name in _OLD_NAMES:
            raise SuiteError(f"{name!r} is of Great Expectations 0.x; {_OLD_NAMES[name]}")
        if name not in signature.names and name not in IGNORED:
            near = did_you_mean(name, signature.names)
            known = f"It takes: {listed(signature.names)}"
            raise SuiteError(sentences([f"it does not take {name!r}.", near, known]))
    for name in signature.required:
        if kwargs.get(name) is None:
            raise SuiteError(f"it needs {name!r}")


def moment(text: str) -> date | datetime:
    """The date or time that `text` spells in ISO 8601. Raises ValueError."""
    return (
        date.fromisoformat(text) if len(text) == len("2024-12-31") else datetime.fromisoformat(text)
    )


def _needs_a_bound(type_: str) -> bool:
    return type_.endswith("_to_be_between") and (
        type_ in SIGNATURES and "min_value" in SIGNATURES[type_].names
    )


def _check_bounds(type_: str, kwargs: Mapping[str, Any]) -> None:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if _needs_a_bound(type_) and low is None and high is None:
        raise SuiteError("it needs 'min_value', 'max_value' or both")
    if type_ in _WHOLE_NUMBERS:
        for name in ("min_value", "max_value"):
            if kwargs.get(name) is not None and not _is_whole(kwargs[name]):
                raise SuiteError(f"{name} is no whole number")
    if low is None or high is None:
        return
    if isinstance(low, str) != isinstance(high, str):
        raise SuiteError("min_value and max_value are of different kinds, a number and a date")
    first, last = (_instant(low), _instant(high)) if isinstance(low, str) else (low, high)
    if first > last:
        raise SuiteError(f"min_value {low} is greater than max_value {high}")


def _instant(text: str) -> float:
    """Seconds, to compare dates, times and times with a zone."""
    found = moment(text)
    if not isinstance(found, datetime):
        found = datetime.combine(found, time())
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _check_ignore_row_if(kwargs: Mapping[str, Any]) -> None:
    pair = ("both_values_are_missing", "either_value_is_missing", "neither")
    several = ("all_values_are_missing", "any_value_is_missing", "never")
    choices = pair if "column_A" in kwargs else several
    if kwargs["ignore_row_if"] not in choices:
        raise SuiteError(f"ignore_row_if is one of {listed(choices)}")


# what a value may be: each gives the rest of a sentence that says what is wrong, or None


def _is_number(value: object) -> bool:
    finite = isinstance(value, int | float) and abs(value) <= sys.float_info.max
    return finite and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
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
        isinstance(item, list | tuple) and len(item) == 2 for item in value
    )
    return None if fits else "is no list of pairs"


def _quantiles(value: object) -> str | None:
    given = value if isinstance(value, Mapping) else {}
    lists = [given.get("quantiles"), given.get("value_ranges")]
    if all(isinstance(one, list | tuple) and one for one in lists):
        sizes = {len(one) for one in lists}  # type: ignore[arg-type]  # lists, as tested
        return None if len(sizes) == 1 else "has not as many 'quantiles' as 'value_ranges'"
    return "is no object with the lists 'quantiles' and 'value_ranges'"


def _index(value: object) -> str | None:
    return None if _is_whole(value) and not isinstance(value, float) else "is no whole number"


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


_CHECKS: Mapping[str, Callable[[object], str | None]] = {
    "column": _text,
    "column_A": _text,
    "column_B": _text,
    "column_index": _index,
    "column_list": _texts,
    "column_set": _texts,
    "double_sided": _flag,
    "exact_match": _flag,
    "match_on": lambda value: None if value in ("any", "all") else "is neither 'any' nor 'all'",
    "max_value": _bound,
    "min_value": _bound,
    "mostly": _share,
    "or_equal": _flag,
    "quantile_ranges": _quantiles,
    "regex": _pattern,
    "regex_list": _patterns,
    "strftime_format": _text,
    "strict_max": _flag,
    "strict_min": _flag,
    "strictly": _flag,
    "sum_total": _number,
    "threshold": _number,
    "ties_okay": _flag,
    "type_": _text,
    "type_list": _texts,
    "value": _number,
    "value_pairs_set": _pairs,
    "value_set": _scalars,
}
