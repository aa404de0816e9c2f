"""The rules of a contract, as a suite for the engine that data checks run on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwell import Dataset, Report
from stepwell_expectations import Suite, check, contract_suite, suite_of

_STRUCTURE = ("required", "unique", "primaryKey", "primaryKeyPosition")
_RULES = ("quality", "logicalTypeOptions", "enum")
_LENGTHS = {"pattern", "minLength", "maxLength"}
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
CHECKED_OPTIONS = frozenset(_LENGTHS | _LIMITS | {"timezone"})
"""The options of a type that are held against data; of numbers, the format is one, too."""


def structure_report(document: Mapping[str, Any], data: Dataset) -> Report:
    """Whether cells are filled and unique where the contract says so."""
    return _report(suite_of_contract(_without(document, _RULES)), data)


def rules_report(document: Mapping[str, Any], data: Dataset) -> Report:
    """A finding for each quality rule, and for each limit, length, pattern and set of values.

    Rules that only somebody else can check, such as SQL and text, warn.
    """
    return _report(suite_of_contract(_without(document, _STRUCTURE)), data)


def suite_of_contract(document: Mapping[str, Any]) -> Suite | None:
    """What a contract with one table asks of cells; None if that is nothing.

    Raises SuiteError for a rule that cannot be what it is meant to be.
    """
    prepared = _with_rules_for_sets(_without(document, ()))
    (table,) = prepared["schema"]
    if not any(map(_has_rule, [table, *table["properties"]])):
        return None
    return suite_of(contract_suite(prepared))


def _report(suite: Suite | None, data: Dataset) -> Report:
    return Report() if suite is None else check(suite, data.lazy())


def _has_rule(described: Mapping[str, Any]) -> bool:
    options = described.get("logicalTypeOptions") or {}
    asked = ("quality", "required", "unique", "primaryKey")
    return any(map(described.get, asked)) or bool((_LENGTHS | _LIMITS) & set(options))


def _without(document: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The contract without what is checked elsewhere, and without measures, which no data has."""
    (table,) = document["schema"]
    properties = [
        {name: value for name, value in one.items() if name not in names}
        for one in table["properties"]
        if one.get("semanticType") != "measure"
    ]
    kept = {name: value for name, value in table.items() if name not in names}
    return {**document, "schema": [{**kept, "properties": properties}]}


def _with_rules_for_sets(document: Mapping[str, Any]) -> dict[str, Any]:
    """The contract with a quality rule in the place of each `enum`, which says the same."""
    (table,) = document["schema"]
    properties = [_with_rule_for_set(one) for one in table["properties"]]
    return {**document, "schema": [{**table, "properties": properties}]}


def _with_rule_for_set(described: Mapping[str, Any]) -> Mapping[str, Any]:
    if not described.get("enum"):
        return described
    valid = [one["value"] for one in described["enum"]]
    rule = {"metric": "invalidValues", "arguments": {"validValues": valid}, "mustBe": 0}
    return {**described, "quality": [*(described.get("quality") or ()), rule]}
