"""`expect`: expectations written in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import JsonValue

from stepwell import ConfigurationError
from stepwell_expectations._expectation import Severity, SuiteError
from stepwell_expectations._source import as_json
from stepwell_expectations._suite import expectation_of
from stepwell_expectations._words import ended

Level = Literal["fail", "warn", "quarantine"]

_PREFIX = "expect_"


def expect(
    type: str,
    column: str | None = None,
    *,
    severity: Severity = "critical",
    level: Level | None = None,
    meta: Mapping[str, JsonValue] | None = None,
    **kwargs: Any,
) -> dict[str, JsonValue]:
    """An expectation as Great Expectations writes it, checked at once.

    `type` is the name of the expectation type, with or without `expect_`. The `level` is 'fail',
    'warn', or 'quarantine' for what the step `Quarantine` sets apart, and is kept in `meta`:

        expect("column_values_to_be_between", "age", min_value=18, max_value=120, mostly=0.99)

    Raises ConfigurationError for an unknown type, and for arguments that it does not take.
    """
    name = type if type.startswith(_PREFIX) else _PREFIX + type
    if column is not None:
        kwargs = {"column": column, **kwargs}
    try:
        told = {**(meta or {}), **({} if level is None else {"level": level})}
        made = {"type": name, "kwargs": as_json(kwargs), "meta": as_json(told)}
        made["severity"] = severity
        expectation_of(made)
    except SuiteError as error:
        raise ConfigurationError(ended(f"{name}: {error}")) from None
    return made
