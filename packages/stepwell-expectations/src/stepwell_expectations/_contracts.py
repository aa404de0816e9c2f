"""The quality rules of a data contract (Open Data Contract Standard 3) as a suite.

A rule with a library metric becomes a type of its own, `contract_null_values` for `nullValues`; an
expectation of Great Expectations in a custom rule stays one. What a property says of itself
(required, unique, primaryKey, logicalTypeOptions) becomes expectations, too. Rules of SQL, of other
engines and in words are kept as `contract_rule_not_run`, which always warns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._expectation import SuiteError
from stepwell_expectations._words import sentences

_METRICS = {
    "nullValues": "contract_null_values",
    "missingValues": "contract_missing_values",
    "invalidValues": "contract_invalid_values",
    "duplicateValues": "contract_duplicate_values",
    "rowCount": "contract_row_count",
}
_ARGUMENTS = {
    "missingValues": "missing_values",
    "validValues": "valid_values",
    "pattern": "pattern",
}
_TAKEN = {
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
}
_SEVERITIES = {"info": "info", "warning": "warning", "warn": "warning"}
_LIMITS = {
    "minimum": ("min", False),
    "exclusiveMinimum": ("min", True),
    "maximum": ("max", False),
    "exclusiveMaximum": ("max", True),
}


def is_contract(content: object) -> bool:
    """Whether `content` is a data contract rather than a suite."""
    return isinstance(content, Mapping) and content.get("kind") == "DataContract"


def contract_suite(contract: Mapping[str, Any], table: str | None = None) -> dict[str, Any]:
    """The suite that a contract's rules for one of its tables make.

    `table` names an object of its `schema`; one that has a single object needs no name. Raises
    SuiteError, also for a table without any rule.
    """
    found = _table(contract, table)
    name = str(found.get("name"))
    try:
        expectations = [*_of_table(found), *_of_properties(found)]
    except SuiteError:
        raise
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise SuiteError(
            f"the contract is not as the standard has it, in the table {name!r} "
            f"({type(error).__name__})"
        ) from None
    if not expectations:
        raise SuiteError(f"the contract has no rule for the table {name!r}")
    return {"name": name, "expectations": expectations}


def _table(contract: Mapping[str, Any], table: str | None) -> Mapping[str, Any]:
    version = str(contract.get("apiVersion", ""))
    if not version.startswith("v3."):
        raise SuiteError(f"the contract has the apiVersion {version!r}; only v3 can be read")
    given = contract.get("schema")
    if not isinstance(given, Sequence) or not all(isinstance(one, Mapping) for one in given):
        raise SuiteError("the contract has no list 'schema'")
    by_name: dict[str, Mapping[str, Any]] = {str(one.get("name")): one for one in given}
    if table is None and len(by_name) == 1:
        return next(iter(by_name.values()))
    if table is None:
        raise SuiteError(
            f"the contract has {len(by_name)} tables: add #NAME of one to the path. "
            f"Tables: {listed(by_name)}"
        )
    if table not in by_name:
        near = did_you_mean(table, by_name)
        told = [f"the contract has no table {table!r}.", near, f"Tables: {listed(by_name)}"]
        raise SuiteError(sentences(told))
    return by_name[table]


def _of_table(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns = {one["name"]: _column(one) for one in table.get("properties") or ()}
    for rule in table.get("quality") or ():
        yield _rule(rule, None, columns)
    keys = sorted(
        (one for one in table.get("properties") or () if one.get("primaryKey")),
        key=lambda one: one.get("primaryKeyPosition") or 0,
    )
    if len(keys) == 1:
        yield _expectation("column_values_to_be_unique", {"column": _column(keys[0])})
    elif keys:
        kwargs = {"column_list": [_column(one) for one in keys]}
        yield _expectation("compound_columns_to_be_unique", kwargs)


def _of_properties(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in table.get("properties") or ():
        column = _column(one)
        if one.get("required") or one.get("primaryKey"):
            yield _expectation("column_values_to_not_be_null", {"column": column})
        if one.get("unique") and not one.get("primaryKey"):
            yield _expectation("column_values_to_be_unique", {"column": column})
        yield from _of_options(column, one.get("logicalTypeOptions") or {})
        for rule in one.get("quality") or ():
            yield _rule(rule, column, {})


def _of_options(column: str, options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if "pattern" in options:
        kwargs = {"column": column, "regex": options["pattern"]}
        yield _expectation("column_values_to_match_regex", kwargs)
    lengths = {"min_value": options.get("minLength"), "max_value": options.get("maxLength")}
    if any(length is not None for length in lengths.values()):
        yield _expectation("column_value_lengths_to_be_between", {"column": column, **lengths})
    for option, (bound, strict) in _LIMITS.items():
        if option in options:
            kwargs = {"column": column, f"{bound}_value": _plain(options[option])}
            strictly = {f"strict_{bound}": True} if strict else {}
            yield _expectation("column_values_to_be_between", {**kwargs, **strictly})


def _rule(
    rule: Mapping[str, Any], column: str | None, columns: Mapping[str, str]
) -> dict[str, Any]:
    metric = rule.get("metric") or rule.get("rule")
    kind = rule.get("type") or ("library" if metric else "text")
    if kind == "library":
        return _library(rule, str(metric), column, columns)
    if kind == "custom" and _is_expectation(rule):
        given = rule["implementation"]
        return {"severity": _severity(rule), "meta": _meta(rule), **given}
    reason = {
        "sql": "It is a query for the server of the data. State it as a library metric.",
        "text": "It is a text for people. State it as a library metric.",
    }.get(kind, f"It is for the engine {rule.get('engine')!r}.")
    named = {} if column is None else {"column": column}
    made = {"type": "contract_rule_not_run", "kwargs": {**named, "reason": reason}}
    return {**made, "severity": "warning", "meta": _meta(rule)}


def _library(
    rule: Mapping[str, Any], metric: str, column: str | None, columns: Mapping[str, str]
) -> dict[str, Any]:
    if metric not in _METRICS:
        near = did_you_mean(metric, _METRICS)
        known = f"Metrics: {listed(_METRICS)}"
        raise SuiteError(sentences([f"the contract has the metric {metric!r}.", near, known]))
    kwargs = {name: _plain(value) for name, value in rule.items() if name.startswith("must")}
    arguments = rule.get("arguments") or {}
    unknown = set(arguments) - set(_TAKEN.get(metric, ()))
    if unknown:
        raise SuiteError(f"the metric {metric!r} does not take {listed(sorted(unknown))}")
    kwargs |= {_ARGUMENTS[name]: value for name, value in arguments.items() if name in _ARGUMENTS}
    if rule.get("unit"):
        kwargs["unit"] = rule["unit"]
    if metric == "duplicateValues":
        named = [column] if column else [columns.get(one, one) for one in arguments["properties"]]
        kwargs["column_list"] = named
    elif column is not None:
        kwargs["column"] = column
    made = {"type": _METRICS[metric], "kwargs": kwargs}
    return {**made, "severity": _severity(rule), "meta": _meta(rule)}


def _is_expectation(rule: Mapping[str, Any]) -> bool:
    engine = str(rule.get("engine", "")).replace("-", "").replace("_", "").casefold()
    given = rule.get("implementation")
    return engine == "greatexpectations" and isinstance(given, Mapping) and "type" in given


def _expectation(name: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": f"expect_{name}", "kwargs": dict(kwargs)}


def _severity(rule: Mapping[str, Any]) -> str:
    return _SEVERITIES.get(str(rule.get("severity", "")).casefold(), "critical")


def _meta(rule: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "name", "description", "dimension")
    return {name: rule[name] for name in kept if rule.get(name)}


def _column(property_: Mapping[str, Any]) -> str:
    return str(property_.get("physicalName") or property_["name"])


def _plain(value: Any) -> Any:
    """Dates, which YAML reads as such, as text."""
    return value.isoformat() if hasattr(value, "isoformat") else value
