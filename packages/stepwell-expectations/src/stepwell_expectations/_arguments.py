"""The keyword arguments of an expectation: whether they are there, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._expectation import SuiteError
from stepwell_expectations._likes import like_pattern
from stepwell_expectations._signatures import (
    CONTRACT_SIGNATURES,
    IGNORED,
    OPERATORS,
    SIGNATURES,
    Signature,
)
from stepwell_expectations._values import VALUES, is_whole, moment
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
    signature = SIGNATURES.get(type_) or CONTRACT_SIGNATURES.get(type_)
    if signature is not None:
        _check_names(kwargs, signature)
    for name, value in kwargs.items():
        problem = VALUES[name](value) if name in VALUES and value is not None else None
        if problem:
            raise SuiteError(f"{name} {problem}")
    if type_ in CONTRACT_SIGNATURES and type_ != "contract_rule_not_run":
        _check_rule(type_, kwargs)
    _check_bounds(type_, kwargs)
    _check_like_patterns(kwargs)
    if type_ == "expect_column_kl_divergence_to_be_less_than":
        _check_divergence(kwargs)
    if type_ in _SEVERAL_COLUMNS and len(kwargs["column_list"]) < 2:
        raise SuiteError("column_list needs two columns or more")
    if type_.startswith("expect_column_distinct_values_") and not kwargs["value_set"]:
        raise SuiteError("value_set is empty")
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
            if kwargs.get(name) is not None and not is_whole(kwargs[name]):
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


def _check_like_patterns(kwargs: Mapping[str, Any]) -> None:
    for pattern in kwargs.get("like_pattern_list") or [kwargs.get("like_pattern") or ""]:
        try:
            like_pattern(pattern, kwargs.get("escape"))
        except ValueError as error:
            raise SuiteError(f"the LIKE pattern {pattern!r} {error}") from None


def _check_divergence(kwargs: Mapping[str, Any]) -> None:
    partition, tail, internal = (
        kwargs.get(name) or {}
        for name in ("partition_object", "tail_weight_holdout", "internal_weight_holdout")
    )
    if not partition:
        return
    if kwargs["threshold"] < 0:
        raise SuiteError("threshold is less than 0, and a divergence never is")
    if tail and "tail_weights" in partition:
        raise SuiteError("partition_object has tail_weights, so that tail_weight_holdout is 0")
    if internal and "values" in partition:
        raise SuiteError("internal_weight_holdout is for bins, and partition_object has values")
    if "bins" in partition and kwargs.get("bucketize_data") is False:
        raise SuiteError("partition_object has bins, for which bucketize_data has to be true")


def _check_rule(type_: str, kwargs: Mapping[str, Any]) -> None:
    given = [name for name in OPERATORS if name in kwargs]
    if len(given) != 1:
        found = listed(given) if given else "none"
        raise SuiteError(f"it has {found}; it needs one of {listed(OPERATORS)}")
    if type_ == "contract_invalid_values" and not {"valid_values", "pattern"} & set(kwargs):
        raise SuiteError("it needs 'valid_values', 'pattern' or both")
    if type_ == "contract_row_count" and kwargs.get("unit", "rows") != "rows":
        raise SuiteError("the unit of a row count is 'rows'")
