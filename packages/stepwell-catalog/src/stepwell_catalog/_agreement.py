"""What a contract says about data, held against the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from stepwell import DataError, Dataset
from stepwell.authoring import did_you_mean
from stepwell_catalog._columns import Column
from stepwell_catalog._quality import structure_report
from stepwell_catalog._types import fits, told_type

if TYPE_CHECKING:
    from stepwell_catalog._contract import Contract


@dataclass(frozen=True)
class Difference:
    """One thing about which contract and data disagree."""

    column: str
    contract: str
    data: str

    def __str__(self) -> str:
        return f"Column {self.column!r}: the contract says {self.contract}, the data {self.data}."


def check_agreement(
    contract: Contract, data: Dataset, *, where: str, units: Mapping[str, str]
) -> None:
    """Raise DataError with every difference between a contract and data.

    `units` are those that the data itself names. Reads the columns that must be filled or unique.
    """
    found = [
        *_columns(contract.columns, data.schema),
        *_units(contract.columns, units),
        *_cells(contract, data),
    ]
    if not found:
        return
    told = " ".join(str(difference) for difference in found[:12])
    more = f" And {len(found) - 12} more." if len(found) > 12 else ""
    raise DataError(
        f"The contract {contract.label} and the data of {where} disagree. {told}{more}",
        hint="Mend the data, or change the contract and give it a new version.",
    )


def _columns(columns: Sequence[Column], schema: pl.Schema) -> Iterator[Difference]:
    described = {column.name: column for column in columns}
    for name, column in described.items():
        if name not in schema:
            near = did_you_mean(name, [one for one in schema if one not in described])
            yield Difference(name, _described(column), f"has no such column. {near}".strip(" ."))
        elif column.type is not None and not fits(column, schema[name]):
            yield Difference(name, told_type(column), f"has {schema[name]}")
    for name in schema:
        if name not in described:
            yield Difference(name, "nothing", f"has it, as {schema[name]}")


def _described(column: Column) -> str:
    return told_type(column) if column.type else "that there is one"


def _units(columns: Sequence[Column], units: Mapping[str, str]) -> Iterator[Difference]:
    for column in columns:
        found = units.get(column.name)
        if found is not None and column.unit is not None and found != column.unit:
            yield Difference(column.name, f"the unit {column.unit!r}", f"has {found!r}")


def _cells(contract: Contract, data: Dataset) -> Iterator[Difference]:
    """Missing and repeated cells, in columns that both have."""
    missing = [column.name for column in contract.columns if column.name not in data.schema]
    for finding in structure_report(contract.document, data).failed():
        if finding.check not in _STRUCTURE or set(finding.columns) & set(missing):
            continue  # there are no rows, or it was told already
        told, found = _STRUCTURE[finding.check]
        rows = _rows(finding.rows or 0)
        yield Difference(", ".join(finding.columns), told, f"{found} {rows}")


_STRUCTURE = {
    "expect_column_values_to_not_be_null": ("that no cell is missing", "lacks"),
    "expect_column_values_to_be_unique": ("that values are unique", "repeats"),
    "expect_compound_columns_to_be_unique": ("that they are the primary key", "repeats"),
}


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
