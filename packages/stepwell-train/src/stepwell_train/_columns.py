"""Columns that a field names, looked up in the data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepwell import DataError
from stepwell.authoring import did_you_mean, listed

if TYPE_CHECKING:
    import polars as pl


def require_columns(columns: Sequence[str], frame: pl.DataFrame, where: str) -> None:
    """Raise DataError for the first of `columns` that `frame` does not have."""
    existing = set(frame.columns)
    for column in columns:
        if column not in existing:
            near = did_you_mean(column, frame.columns)
            raise DataError(
                f"{where} names the column {column!r}, which the data does not have.",
                hint=f"{near} Columns: {listed(frame.columns)}.".strip(),
            )
