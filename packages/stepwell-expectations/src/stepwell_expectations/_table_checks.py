"""Expectations of the table: its rows, its columns and their types."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import polars as pl
from pydantic import JsonValue

from stepwell.authoring import did_you_mean, listed
from stepwell_expectations._columns import Columns, UnanswerableError
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._filters import rows_of
from stepwell_expectations._outcome import Numbers, Outcome, count_outcome, is_between
from stepwell_expectations._plan import Plan, how_many
from stepwell_expectations._types import shown_type, type_names
from stepwell_expectations._words import sentences


def row_count_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of rows."""
    return Plan(sums={"rows": how_many(rows_of(expectation, columns))})


def row_count_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of rows lies between the bounds."""
    return count_outcome(expectation, numbers["rows"] or 0)


def row_count_equal_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether the number of rows is the expected one."""
    rows = numbers["rows"] or 0
    return Outcome(rows == expectation.kwargs["value"], f"it is {rows:,}", {"observed_value": rows})


def other_table_plan(expectation: Expectation, columns: Columns) -> Plan:
    """The number of rows here, and of those of another table."""
    name = expectation.kwargs["other_table_name"]
    other = columns.tables.get(name)
    if other is None:
        given = f"Given: {listed(columns.tables)}" if columns.tables else "None was given"
        near = did_you_mean(name, columns.tables)
        raise UnanswerableError(sentences([f"There is no other table {name!r}.", near, given]))
    return Plan(
        sums={"rows": how_many(rows_of(expectation, columns))},
        query=lambda frame: other.select(other=pl.len()),
    )


def other_table_outcome(expectation: Expectation, numbers: Numbers) -> Outcome:
    """Whether both have the same number of rows."""
    rows, other = int(numbers["rows"] or 0), int(numbers["other"] or 0)
    observed: JsonValue = {"self": rows, "other": other}
    return Outcome(rows == other, f"it is {rows:,}, and {other:,}", {"observed_value": observed})


# what the schema alone answers: the facts of a plan are an outcome


def column_count_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether the number of columns lies between the bounds."""
    count = len(columns.names)
    return _answered(is_between(expectation.kwargs, count), f"it is {count:,}", count)


def column_count_equal_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether the number of columns is the expected one."""
    count = len(columns.names)
    return _answered(count == expectation.kwargs["value"], f"it is {count:,}", count)


def column_exists_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether there is a column of this very name, and where."""
    name, index = expectation.kwargs["column"], expectation.kwargs.get("column_index")
    if name not in columns.schema:
        existing = f"Columns: {listed(columns.names)}"
        return _answered(
            False, sentences(["there is none.", did_you_mean(name, columns.names), existing])
        )
    position = columns.names.index(name)
    if index is None:
        return _answered(True, "it does")
    wanted = index if index >= 0 else len(columns.names) + index
    return _answered(position == wanted, f"it is column {position}, counted from 0")


def column_set_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether the columns are these, in any order; with `exact_match` false, at least these."""
    expected, found = set(expectation.kwargs["column_set"]), set(columns.names)
    exact = expectation.kwargs.get("exact_match") is not False
    missing, unexpected = sorted(expected - found), sorted(found - expected)
    mismatched = {"missing": missing, "unexpected": unexpected}
    told = [f"{what}: {listed(names)}" for what, names in mismatched.items() if names]
    details = {what: names for what, names in mismatched.items() if names}
    success = not missing and not (exact and unexpected)
    return _answered(success, "; ".join(told) or "they do", sorted(found), details)


def column_list_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether the columns are these, in this order."""
    pairs = enumerate(zip_longest(expectation.kwargs["column_list"], columns.names))
    mismatched: list[Any] = [
        {"Expected Column Position": position, "Expected": expected, "Found": found}
        for position, (expected, found) in pairs
        if expected != found
    ]
    if not mismatched:
        return _answered(True, "they do", list(columns.names))
    first = mismatched[0]
    told = (
        f"column {first['Expected Column Position']}, counted from 0, is {first['Found']!r}, "
        f"not {first['Expected']!r}"
    )
    return _answered(False, told, list(columns.names), mismatched)


def type_plan(expectation: Expectation, columns: Columns) -> Plan:
    """Whether a column has a type of this name, or one of these names."""
    kwargs, column = expectation.kwargs, columns.find(expectation.kwargs["column"])
    if column.name != kwargs["column"]:
        raise UnanswerableError(f"The column {kwargs['column']!r} is spelt {column.name!r}.")
    wanted = kwargs["type_list"] if "type_list" in kwargs else [kwargs["type_"]]
    names, shown = type_names(column.dtype), shown_type(column.dtype)
    others = listed(sorted(set(names) - {shown}))
    return _answered(
        any(one in names for one in wanted), f"it is {shown}, which is also named {others}", shown
    )


def _answered(success: bool, found: str, observed: Any = None, mismatched: Any = None) -> Plan:
    result: dict[str, JsonValue] = {} if observed is None else {"observed_value": observed}
    if mismatched:
        result["details"] = {"mismatched": mismatched}
    return Plan(facts={"success": success, "found": found, "result": result})
