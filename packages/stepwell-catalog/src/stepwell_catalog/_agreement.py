"""What a contract says about data, held against the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from stepwell import DataError, Dataset
from stepwell.authoring import did_you_mean, without_cells
from stepwell_catalog._columns import Column
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
    """Missing and repeated cells, in one pass over the columns that must not have them."""
    present = [column for column in contract.columns if column.name in data.schema]
    filled = [column.name for column in present if column.required]
    unique = [column.name for column in present if column.unique]
    counts = _counts(data, filled, unique, _key(contract, present))
    for name in filled:
        nulls = counts["nulls", name]
        if nulls:
            yield Difference(name, "that no cell is missing", f"lacks {_rows(nulls)}")
    for name in unique:
        repeated = counts["repeated", name]
        if repeated:
            yield Difference(name, "that values are unique", f"repeats {_rows(repeated)}")
    key = _key(contract, present)
    if key and counts["repeated", ", ".join(key)]:
        repeated = counts["repeated", ", ".join(key)]
        yield Difference(", ".join(key), "that it is the primary key", f"repeats {_rows(repeated)}")


def _key(contract: Contract, present: Sequence[Column]) -> list[str]:
    keys = sorted(
        (column.key_position, column.name) for column in present if column.key_position is not None
    )
    every = sum(column.key_position is not None for column in contract.columns)
    return [name for _, name in keys] if len(keys) == every else []


def _counts(
    data: Dataset, filled: Sequence[str], unique: Sequence[str], key: Sequence[str]
) -> dict[tuple[str, str], int]:
    asked: dict[tuple[str, str], pl.Expr] = {
        ("nulls", name): pl.col(name).null_count() for name in filled
    }
    for name in unique:  # missing cells are no values
        asked["repeated", name] = pl.col(name).count() - pl.col(name).drop_nulls().n_unique()
    if key:
        asked["repeated", ", ".join(key)] = pl.len() - pl.struct(key).n_unique()
    if not asked:
        return {}
    expressions = [expression.alias(str(n)) for n, expression in enumerate(asked.values())]
    with without_cells():
        found = data.lazy().select(expressions).collect(engine="streaming").row(0)
    return dict(zip(asked, map(int, found), strict=True))


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
