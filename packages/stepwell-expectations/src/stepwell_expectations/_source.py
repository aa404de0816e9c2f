"""Where a suite comes from: a file, a mapping, or Python objects."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Any

from stepwell import settings
from stepwell.authoring import listed
from stepwell_expectations._contracts import contract_suite, is_contract
from stepwell_expectations._expectation import SuiteError
from stepwell_expectations._words import sentences

_YAML = (".yaml", ".yml")


def as_configuration(suite: object) -> Any:
    """`suite` as the step keeps it: the path of a file, or the JSON of a suite.

    Takes a path, the mapping of a suite, a list of expectations, and the suites and expectations of
    Great Expectations themselves. Raises SuiteError.
    """
    if isinstance(suite, str | os.PathLike):
        return Path(suite).as_posix() if suite else _refuse(suite)
    if isinstance(suite, Mapping):
        return as_json(suite)
    if _is_of_great_expectations(suite):
        return _suite_object(suite)
    if isinstance(suite, Sequence):
        return {"name": "suite", "expectations": [_expectation_object(one) for one in suite]}
    return _refuse(suite)


def read_suite(source: str) -> Any:
    """The suite in the file at `source`, or the one that the data contract there makes.

    A contract with several tables is told which with `contract.odcs.yaml#table`. Raises SuiteError.
    """
    path, table = path_of(source), _parts(source)[1]
    content = _contract_in(path) if path.suffix in _YAML else read_json(path)
    if is_contract(content):
        return contract_suite(content, table)
    if table is not None:
        raise SuiteError(f"{path} is no data contract, and has no table {table!r}")
    return content


def _contract_in(path: Path) -> Any:
    from stepwell_expectations._yaml import YamlError, read_yaml

    try:
        return read_yaml(path)
    except YamlError as error:
        raise SuiteError(f"{path}: {error}") from None


def path_of(source: str) -> Path:
    """The file at `source`: relative to the working directory, else to the project.

    Raises SuiteError with the near names if there is none.
    """
    source = _parts(source)[0]
    places = [Path(source), settings().root / source]
    found = next((path for path in places if path.is_file()), None)
    if found is None:
        raise SuiteError(_not_found(source, places[0]))
    return found


def read_json(path: Path) -> Any:
    """What the JSON file holds. Raises SuiteError with line and column."""
    try:
        return json.loads(
            path.read_text(encoding="utf-8-sig"),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise SuiteError(
            f"{path} is no valid JSON: {error.msg}, in line {error.lineno}, column {error.colno}"
        ) from None
    except UnicodeDecodeError:
        raise SuiteError(f"{path} is no text in UTF-8") from None
    except RecursionError:
        raise SuiteError(f"{path} is nested too deeply") from None
    except OSError as error:
        raise SuiteError(f"{path} cannot be read: {error.strerror}") from None


def as_json(value: Any) -> Any:
    """`value` with only what JSON has: dates as ISO text, sets and tuples as lists."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, Set):
        return [as_json(item) for item in sorted(value, key=repr)]
    if isinstance(value, Sequence):
        return [as_json(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if _is_of_great_expectations(value):
        return as_json(value.dict())
    if hasattr(value, "item"):  # a number of NumPy
        return as_json(value.item())
    raise SuiteError(
        f"a suite holds text, numbers, dates and lists, nothing of type {type(value).__name__}"
    )


def _parts(source: str) -> tuple[str, str | None]:
    """The path, and the table after `#` if there is one."""
    path, _, table = source.partition("#")
    return (path, table) if table and Path(path).suffix in _YAML else (source, None)


def _refuse(suite: object) -> Any:
    raise SuiteError(
        "a suite is the path of a file, a mapping with 'expectations', or a list of "
        f"expectations, not {'empty text' if suite == '' else f'of type {type(suite).__name__}'}"
    )


def _is_of_great_expectations(value: object) -> bool:
    """Whether a class of `value` is one of Great Expectations; asked without importing it."""
    return any(base.__module__.startswith("great_expectations.") for base in type(value).__mro__)


def _suite_object(suite: Any) -> Any:
    if hasattr(suite, "expectations"):
        return as_json(suite.to_json_dict())
    return {"name": "suite", "expectations": [_expectation_object(suite)]}


def _expectation_object(one: Any) -> Any:
    if not _is_of_great_expectations(one):
        return as_json(one)
    written = one if not hasattr(one, "configuration") else one.configuration
    return as_json(written.to_json_dict())


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise SuiteError(f"the suite has the key {key!r} twice in one object")
        found[key] = value
    return found


def _refuse_constant(name: str) -> Any:
    raise SuiteError(f"the suite holds {name}, which is no number of JSON")


def _not_found(source: str, path: Path) -> str:
    if source.lstrip().startswith(("{", "[")):
        return "the suite is JSON text, where a path is expected; hand over json.loads(...) of it"
    if path.is_dir():
        return f"{source} is a folder, not a file; it holds {listed(_json_files(path))}"
    near = get_close_matches(path.name, _json_files(path.parent), n=3, cutoff=0.5)
    exist = f"There {'are' if len(near) > 1 else 'is'}: {listed(near)}" if near else ""
    where = "" if path.parent.is_dir() else f"Neither does the folder {path.parent.as_posix()}"
    return sentences([f"the file {source} does not exist.", exist or where]).removesuffix(".")


def _json_files(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.suffix in (".json", *_YAML))
