"""What a contract needs, beyond the standard, so that data can be loaded by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from stepwell import StepwellError
from stepwell.authoring import checked_name, listed
from stepwell_catalog._columns import column_of, roles_of
from stepwell_catalog._problem import Problem
from stepwell_catalog._server import problems_of_server


def problems_of_use(document: Mapping[str, Any]) -> list[Problem]:
    """What keeps a document that is as the standard says from being used."""
    problems = [*_head(document), *_schema(document)]
    servers = document.get("servers") or ()
    named = Counter(server["server"] for server in servers)
    for number, server in enumerate(servers):
        problems += problems_of_server(server, f"servers[{number}]")
        if named[server["server"]] > 1:
            problems.append(
                Problem(f"servers[{number}].server", "Another has this name.", "Rename one.")
            )
    return problems


def _head(document: Mapping[str, Any]) -> Iterator[Problem]:
    if not document["apiVersion"].startswith("v3."):
        yield Problem(
            "apiVersion", "Version 2 of the standard has other fields.", "Write it in v3.1.0."
        )
    try:
        checked_name(document.get("name"), what="dataset")
    except StepwellError as error:
        if "name" not in document:
            yield Problem("name", "It has no name.", "Add: name: my-dataset")
        else:
            yield Problem("name", error.message, error.hint or "")
    if not document["version"].strip():
        yield Problem("version", "It is empty.", 'Write, for example: version: "1.0.0"')


def _schema(document: Mapping[str, Any]) -> Iterator[Problem]:
    tables: list[Any] = list(document.get("schema") or ())
    if len(tables) != 1:
        yield Problem(
            "schema",
            f"It has {len(tables)} elements; a file describes one dataset.",
            "Write a file for each." if tables else "See: stepwell catalog draft FILE",
        )
        return
    properties = tables[0].get("properties") or ()
    if not properties:
        yield Problem("schema[0].properties", "There are no columns.", "Describe each of them.")
        return
    columns = [column_of(one) for one in properties]
    times = Counter([column.name for column in columns])
    repeated = [name for name, count in times.items() if count > 1]
    if repeated:
        yield Problem(
            "schema[0].properties", f"Columns are there twice: {listed(repeated)}.", "Remove one."
        )
    yield from _rules(document)
    for number, column in enumerate(columns):
        where = f"schema[0].properties[{number}]"
        yield from _roles(where, column)
    try:
        roles_of(columns)
    except (StepwellError, ValueError, TypeError) as error:
        if isinstance(error, StepwellError) and "one target" in error.message:
            yield Problem("schema[0].properties", error.message, "Take the role from the others.")


def _rules(document: Mapping[str, Any]) -> Iterator[Problem]:
    from stepwell_catalog._quality import suite_of_contract
    from stepwell_expectations import SuiteError

    try:
        suite_of_contract(document)
    except SuiteError as error:
        yield Problem("schema[0]", f"A rule is wrong: {error}.", "")


def _roles(where: str, column: Any) -> Iterator[Problem]:
    given = column.custom.get("roles", column.custom.get("role", []))
    if not isinstance(given, str | list) or not all(isinstance(one, str) for one in given):
        yield Problem(f"{where}.customProperties", "Roles are a text or a list of texts.", "")
        return
    try:
        roles_of([column])
    except StepwellError as error:
        yield Problem(f"{where}.customProperties", error.message, error.hint or "")
    except ValueError:
        yield Problem(
            f"{where}.customProperties",
            "The favourable value is no text, number or truth value.",
            "Write one value of the target.",
        )
