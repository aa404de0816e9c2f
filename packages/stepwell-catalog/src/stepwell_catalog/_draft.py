"""A first contract, written from data: types, what is filled, what is unique, and never a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from stepwell import ConfigurationError, Dataset, Load
from stepwell.authoring import checked_name, without_cells
from stepwell_catalog._columns import OPEN
from stepwell_catalog._server import format_of
from stepwell_catalog._types import described_type

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")
_NO_KEYS = (pl.List, pl.Array, pl.Struct)


def draft(source: str, *, name: str | None = None) -> dict[str, Any]:
    """A contract of the data in a file or folder, with `FILL IN` where somebody has to write.

    A column that is filled everywhere is required, and one without repetitions unique: both are
    what this data shows, for its owner to confirm. Raises DataError, ConfigurationError.
    """
    chosen = checked_name(name or _name_of(source), what="dataset")
    data = Load(source=source, format=format_of(source)).run().data
    facts = _facts(data)
    properties = [_property(one, dtype, facts[one]) for one, dtype in data.schema.items()]
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": chosen,
        "name": chosen,
        "version": "0.1.0",
        "status": "draft",
        "description": {"purpose": f"{OPEN}: what the data is for"},
        "team": {"name": f"{OPEN}: who owns it"},
        "servers": [_server(source)],
        "schema": [
            {
                "name": chosen,
                "physicalType": "file",
                "properties": properties,
            }
        ],
        "slaProperties": [{"property": "retention", "value": f"{OPEN}: a number", "unit": "d"}],
        "customProperties": [
            {"property": "licence", "value": f"{OPEN}: on which terms it may be used"},
            {"property": "legalBasis", "value": f"{OPEN}: needed for personal data"},
        ],
    }


def draft_text(document: Mapping[str, Any]) -> str:
    """A contract as YAML."""
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _name_of(source: str) -> str:
    stem = Path(source.rstrip("/").rpartition("/")[2]).name.partition(".")[0]
    return _NOT_PLAIN.sub("-", stem).strip("-._").lower()


def _server(source: str) -> dict[str, Any]:
    format_ = format_of(source) or _format_of_folder(source)
    if "://" not in source:
        return {"server": "files", "type": "local", "path": source, "format": format_}
    kind = "s3" if source.startswith("s3://") else "custom"
    return {"server": "files", "type": kind, "location": source, "format": format_}


def _format_of_folder(source: str) -> str:
    names = [path.name for path in Path(source).iterdir()] if Path(source).is_dir() else []
    found = set(map(format_of, names)) - {None}
    if len(found) != 1:
        raise ConfigurationError(
            f"The format of {source} is not told by its ending.",
            hint="Draft a contract from one of its files, and change the location.",
        )
    return str(found.pop())


@dataclass(frozen=True)
class _Facts:
    is_filled: bool
    is_unique: bool


def _facts(data: Dataset) -> dict[str, _Facts]:
    """What is filled and what is unique, found in one pass."""
    counts = [pl.len()]
    for column, dtype in data.schema.items():
        has_values = not isinstance(dtype, _NO_KEYS) and not dtype.is_float()
        values = pl.col(column).drop_nulls().n_unique() if has_values else pl.lit(0)
        counts += [pl.col(column).null_count(), values]
    with without_cells():
        frame = data.lazy().select(one.alias(str(n)) for n, one in enumerate(counts))
        rows, *found = frame.collect(engine="streaming").row(0)
    return {
        column: _Facts(rows > 0 and nulls == 0, rows > 1 and values == rows)
        for column, nulls, values in zip(data.columns, found[::2], found[1::2], strict=True)
    }


def _property(column: str, dtype: pl.DataType, facts: _Facts) -> dict[str, Any]:
    return {
        "name": column,
        "physicalType": str(dtype),
        **described_type(dtype),
        "required": facts.is_filled,
        **({"unique": True} if facts.is_unique else {}),
        "description": f"{OPEN}: what it means",
        "classification": f"{OPEN}: personal, special-category, internal or public",
    }
