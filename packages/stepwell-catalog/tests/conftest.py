"""A project with a catalog, to be filled by a test."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROWS = "id,zip,income\n1,01234,1.5\n2,20095,2.0\n3,80331,\n"

CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "people",
    "name": "people",
    "version": "1.0.0",
    "status": "active",
    "servers": [{"server": "files", "type": "local", "path": "people.csv", "format": "csv"}],
    "schema": [
        {
            "name": "people",
            "properties": [
                {"name": "id", "logicalType": "integer", "primaryKey": True},
                {"name": "zip", "logicalType": "string", "classification": "personal"},
                {"name": "income", "logicalType": "number"},
            ],
        }
    ],
}

Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with an empty catalog and `people.csv`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog").mkdir()
    (tmp_path / "people.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def write(project: Path) -> Write:
    """Write a contract into the catalog: the one of `people`, with changes.

    A change is a field, or a function that changes the document.
    """

    def write_contract(
        change: Callable[[dict[str, Any]], object] | None = None,
        *,
        file: str = "people.odcs.yaml",
        **fields: Any,
    ) -> Path:
        document = {**copy.deepcopy(CONTRACT), **fields}
        if change is not None:
            change(document)
        path = project / "catalog" / file
        path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return path

    return write_contract
