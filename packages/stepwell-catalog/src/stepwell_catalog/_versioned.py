"""A contract that says something else than before needs a new version."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from stepwell.authoring import Store, listed
from stepwell_catalog._columns import column_of
from stepwell_catalog._contract import Contract, digest_of
from stepwell_catalog._problem import Problem
from stepwell_catalog._records import records_of
from stepwell_expectations import YamlError, parse_yaml

_THREE_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)")
Change = Literal["major", "minor", "patch"]


def unversioned_change(contract: Contract, store: Store | None) -> Iterator[Problem]:
    """That the contract says something else than what was committed, or used, as this version."""
    committed = _at_head(contract.path)
    if committed is not None and _is_changed(contract, committed):
        what = f"It differs from the commit in {listed(_changed(committed, contract.document))}, "
        yield Problem("version", what + "and has the same version.", _fix(contract, committed))
    elif store is not None:
        run = _run_with_another(contract, store)
        if run is not None:
            what = f"Run {run} used another content as version {contract.version}."
            yield Problem("version", what, _fix(contract, None))


def _is_changed(contract: Contract, before: Mapping[str, Any]) -> bool:
    is_same = str(before.get("version")) == contract.version
    return is_same and digest_of(before) != contract.digest


def _at_head(path: Path) -> Mapping[str, Any] | None:
    """The document as it was committed; None without git, a commit, or a contract in it."""
    command = ["git", "-C", str(path.parent), "show", f"HEAD:./{path.name}"]
    try:
        shown = subprocess.run(command, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if shown.returncode != 0:
        return None
    try:
        document = parse_yaml(shown.stdout.decode("utf-8-sig"))
    except (YamlError, UnicodeDecodeError):
        return None
    return document if isinstance(document, Mapping) else None


def _run_with_another(contract: Contract, store: Store) -> str | None:
    """The last run that used this version, if it had another content."""
    for record in filter(None, records_of(store, newest_first=True)):
        for origins in record.origins.values():
            for origin in origins:
                if (origin.name, origin.version) == (contract.name, contract.version):
                    return record.run_id if origin.contract != contract.digest else None
    return None


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields that differ; of the schema, the columns."""
    fields = [one for one in dict.fromkeys([*before, *after]) if before.get(one) != after.get(one)]
    columns = [f"column {name!r}" for name in _changed_columns(before, after)]
    return [name for one in fields for name in (columns if one == "schema" and columns else [one])]


def _changed_columns(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = _described(before), _described(after)
    return [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]


def _described(document: Mapping[str, Any]) -> dict[str, Any]:
    schema = document.get("schema")
    table = schema[0] if isinstance(schema, list) and schema else {}
    properties = table.get("properties") if isinstance(table, Mapping) else None
    every = [one for one in properties or () if isinstance(one, Mapping)]
    return {column_of(one).name: one for one in every}


def _weight(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """How large a change is for those who read the data."""
    old, new = _described(before), _described(after)
    kept = old.keys() & new.keys()
    asked = ("logicalType", "required", "unique", "primaryKey", "logicalTypeOptions")
    is_other = any(old[n].get(key) != new[n].get(key) for n in kept for key in asked)
    if old.keys() - new.keys() or is_other:
        return "major"
    return "minor" if new.keys() - old.keys() else "patch"


def _fix(contract: Contract, before: Mapping[str, Any] | None) -> str:
    numbers = _THREE_NUMBERS.fullmatch(contract.version)
    if numbers is None:
        return "Give it a new version."
    major, minor, patch = map(int, numbers.groups())
    weight = "patch" if before is None else _weight(before, contract.document)
    following = {
        "major": f"{major + 1}.0.0",
        "minor": f"{major}.{minor + 1}.0",
        "patch": f"{major}.{minor}.{patch + 1}",
    }
    return f"Write: version: {following[weight]}"
