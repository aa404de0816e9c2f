"""A suite: from the JSON that Great Expectations writes to expectations that can be judged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._arguments import check_arguments
from stepwell_expectations._condition_objects import parse_condition
from stepwell_expectations._conditions import Condition, ConditionError
from stepwell_expectations._contracts import contract_suite, is_contract
from stepwell_expectations._expectation import (
    SEVERITIES,
    Expectation,
    Severity,
    Suite,
    SuiteError,
)
from stepwell_expectations._signatures import (
    CONTRACT_SIGNATURES,
    DATABASE_ONLY,
    IGNORED,
    SIGNATURES,
)
from stepwell_expectations._words import sentences

_SUITE_KEYS = ("name", "expectations", "meta", "notes", "id", "suite_parameters")
_KEYS = ("type", "kwargs", "severity", "meta", "notes", "description", "id", "rendered_content")
QUARANTINE = "quarantine"
"""The level in `meta` of an expectation that sets rows apart."""

_LEVELS: Mapping[str, Severity] = {
    "critical": "critical",
    "error": "critical",
    "fail": "critical",
    "info": "info",
    QUARANTINE: "critical",
    "warn": "warning",
    "warning": "warning",
}


def suite_of(content: object, parameters: Mapping[str, Any] | None = None) -> Suite:
    """The suite that `content`, JSON as Great Expectations writes it, describes.

    `parameters` are the values for `{"$PARAMETER": "name"}` in it. Raises SuiteError.
    """
    if not isinstance(content, Mapping):
        raise SuiteError(
            f"a suite is an object with 'expectations', not of type {type(content).__name__}"
        )
    if is_contract(content):
        content = contract_suite(content)
    _refuse_old_suite(content)
    _refuse_misspelt(content, _SUITE_KEYS, "the suite")
    given = content.get("expectations")
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise SuiteError("the suite has no list 'expectations'")
    if not given:
        raise SuiteError(
            "the suite has no expectations; a check that checks nothing has not passed"
        )
    values = {**(content.get("suite_parameters") or {}), **(parameters or {})}
    expectations = [_numbered(number, one, values) for number, one in enumerate(given, start=1)]
    return Suite(
        name=str(content.get("name") or "suite"),
        expectations=tuple(expectations),
        written=json.dumps(content),
    )


def expectation_of(given: object, parameters: Mapping[str, Any] | None = None) -> Expectation:
    """The expectation that a mapping with `type` and `kwargs` describes. Raises SuiteError."""
    if not isinstance(given, Mapping):
        raise SuiteError(
            f"it is of type {type(given).__name__}, not an object with 'type' and 'kwargs'"
        )
    if "expectation_type" in given:
        raise SuiteError("'expectation_type' is of Great Expectations 0.x; since 1.0 it is 'type'")
    _refuse_misspelt(given, _KEYS, "it")
    type_ = _type(given.get("type"))
    kwargs = given.get("kwargs") or {}
    if not isinstance(kwargs, Mapping):
        raise SuiteError("'kwargs' is no object")
    kwargs = {name: _with_parameters(value, parameters or {}) for name, value in kwargs.items()}
    check_arguments(type_, kwargs)
    left_out = (*IGNORED, "row_condition", "condition_parser")
    return Expectation(
        type=type_,
        kwargs={name: value for name, value in kwargs.items() if name not in left_out},
        severity=_severity(given),
        condition=_condition(kwargs.get("row_condition")),
        config=_config(type_, kwargs, given),
        sets_apart=_sets_apart(type_, kwargs, given),
    )


def _numbered(number: int, given: object, parameters: Mapping[str, Any]) -> Expectation:
    try:
        return expectation_of(given, parameters)
    except SuiteError as error:
        type_ = given.get("type") if isinstance(given, Mapping) else None
        name = f" ({type_})" if isinstance(type_, str) else ""
        raise SuiteError(f"expectation {number}{name}: {error}") from None


def _type(given: object) -> str:
    if not isinstance(given, str):
        raise SuiteError("it has no 'type'")
    if given in DATABASE_ONLY:
        raise SuiteError("Great Expectations runs this type on databases only, and not on a frame")
    if given in SIGNATURES or given in CONTRACT_SIGNATURES or given in _registered():
        return given
    near = did_you_mean(given, SIGNATURES)
    raise SuiteError(sentences(["there is no such expectation type.", near]))


def _registered() -> Sequence[str]:
    """The types known to Great Expectations: also those of later versions, and a project's own."""
    from stepwell_expectations._great_expectations import registered_types

    try:
        return registered_types()
    except ImportError:  # it is an extra
        return ()


def _refuse_old_suite(content: Mapping[str, Any]) -> None:
    if "expectation_suite_name" in content:
        raise SuiteError(
            "the suite was written by Great Expectations 0.x ('expectation_suite_name'); "
            "load and save it with 1.x"
        )


def _refuse_misspelt(given: Mapping[str, Any], keys: Sequence[str], what: str) -> None:
    """Later versions may add keys, so only those that look like a known one are refused."""
    for key in given:
        near = did_you_mean(str(key), keys) if key not in keys else ""
        if near:
            raise SuiteError(f"{what} has the key {key!r}. {near}")


def _severity(given: Mapping[str, Any]) -> Severity:
    severity = given.get("severity")
    if severity is not None and severity not in SEVERITIES:
        raise SuiteError(f"the severity is {severity!r}, and has to be one of {listed(SEVERITIES)}")
    level = (given.get("meta") or {}).get("level")
    if level is None:
        return severity or "critical"
    if level not in _LEVELS:
        raise SuiteError(f"the level in 'meta' is {level!r}; levels: {listed(sorted(_LEVELS))}")
    return _LEVELS[level]


def _sets_apart(type_: str, kwargs: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    if (given.get("meta") or {}).get("level") != QUARANTINE:
        return False
    from stepwell_expectations._compiled import COMPILED

    if type_ not in COMPILED or not COMPILED[type_].by_row:
        raise SuiteError("the level 'quarantine' is for what can be said of each row by itself")
    if kwargs.get("mostly") not in (None, 1):
        raise SuiteError("mostly and the level 'quarantine' do not go together: every row counts")
    return True


def _condition(given: object) -> Condition | None:
    if given is None or given == "":
        return None
    try:
        return parse_condition(given)
    except ConditionError as error:
        raise SuiteError(str(error)) from None


def _with_parameters(value: Any, parameters: Mapping[str, Any]) -> Any:
    """`value`, or what `{"$PARAMETER": "name"}` stands for."""
    if not isinstance(value, Mapping) or "$PARAMETER" not in value:
        return value
    name = value["$PARAMETER"]
    if name in parameters:
        return parameters[name]
    near = did_you_mean(str(name), parameters)
    raise SuiteError(
        sentences([f"it needs the parameter {name!r}.", near, f"Given: {listed(parameters)}"])
    )


def _config(type_: str, kwargs: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The expectation as Great Expectations writes it into results."""
    kept = {key: given[key] for key in ("id", "notes", "description") if given.get(key)}
    return {
        "type": type_,
        "kwargs": {name: value for name, value in kwargs.items() if name not in IGNORED},
        "meta": given.get("meta") or {},
        "severity": given.get("severity") or "critical",
        **kept,
    }
