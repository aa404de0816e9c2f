"""The manifest of a stored dataset: what it consists of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stepwell._data._origin import Origin, joined
from stepwell._data._roles import Roles
from stepwell._digest import canonical_json
from stepwell._errors import StepwellError
from stepwell._json import read_json

FORMAT = "stepwell.dataset/1"

MOST_ROWS = 2**32 - 2
"""More rows than that Polars cannot hold."""


@dataclass(frozen=True)
class Column:
    """A column by the digest of its bytes, with its Polars type (as JSON)."""

    name: str
    type: str
    digest: str


def parsed_manifest(content: Any) -> tuple[tuple[Column, ...], int, Roles, tuple[Origin, ...]]:
    """Columns, number of rows, roles and origins. Raises ValueError for what is no manifest."""
    document = read_json(content)
    try:
        columns = tuple(Column(*column) for column in document["columns"])
        rows, roles = document["rows"], Roles(document["roles"])
        origins = joined(Origin.model_validate(one) for one in document.get("origins", ()))
        written = manifest_bytes(columns, rows, roles, origins)
    except (KeyError, TypeError, AttributeError, StepwellError):
        raise ValueError("It is no manifest.") from None
    texts = [text for column in columns for text in (column.name, column.type, column.digest)]
    names = {column.name for column in columns}
    if not all(isinstance(text, str) for text in texts) or len(names) != len(columns):
        raise ValueError("Its columns are none.")
    if type(rows) is not int or not 0 <= rows <= MOST_ROWS or written != bytes(content):
        raise ValueError("It is no manifest as Stepwell writes it.")
    return columns, rows, roles, origins


def manifest_bytes(
    columns: Iterable[Column], rows: int, roles: Roles, origins: Iterable[Origin] = ()
) -> bytes:
    """What a dataset consists of, as canonical JSON; its digest is the fingerprint."""
    described = [[column.name, column.type, column.digest] for column in columns]
    known = [origin.model_dump() for origin in origins]
    return canonical_json(
        {"format": FORMAT, "rows": rows, "columns": described, "roles": roles.to_json()}
        | ({"origins": known} if known else {})
    )
