"""A contract as data, and as the text of `contract.json`.

No version stands in it: a file that changes with every release is a file that nobody reviews.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

FILE = "contract.json"
FORMAT = "stepwell.package-contract/1"

_WIDTH = 100


@dataclass(frozen=True)
class Port:
    """An input or output: an `optional` one may be left out, a `nullable` one be None.

    `schema` is the JSON schema of a value, and of what a report of a class of its own adds.
    """

    kind: str
    optional: bool = False
    nullable: bool = False
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class StepContract:
    """What a step is told, takes and gives; `target` is where it is imported from."""

    target: str
    description: str
    configuration: Mapping[str, Any]
    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    effects: bool = False
    judge: bool = False

    @property
    def name(self) -> str:
        """The name of the class, by which people know the step."""
        return self.target.rpartition(":")[2]


@dataclass(frozen=True)
class PackageContract:
    """The contracts of all steps of a package, by the names of their entry points."""

    package: str
    steps: Mapping[str, StepContract]
    format: str = FORMAT


adapter = TypeAdapter(PackageContract)


def contract_text(contract: PackageContract) -> str:
    """The text of `contract.json`: sorted, and on one line what fits."""
    return _laid_out(as_json(contract), "") + "\n"


def as_json(contract: PackageContract) -> dict[str, Any]:
    """The contract as JSON, without what is as it is by default."""
    written: dict[str, Any] = adapter.dump_python(contract, mode="json", exclude_defaults=True)
    return {**written, "format": contract.format}


def _laid_out(value: Any, indent: str, before: int = 0) -> str:
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if not value or not isinstance(value, dict | list) or before + len(line) <= _WIDTH:
        return line
    deeper = f"{indent}  "
    if isinstance(value, list):
        parts = [f"{deeper}{_laid_out(inner, deeper, len(deeper))}" for inner in value]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]"
    keys = {json.dumps(key, ensure_ascii=False): inner for key, inner in sorted(value.items())}
    parts = [
        f"{deeper}{key}: {_laid_out(inner, deeper, len(deeper) + len(key) + 3)}"
        for key, inner in keys.items()
    ]
    return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
