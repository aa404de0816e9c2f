"""Counting: one query over the rows; everything else is computed from its small table."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stepwell import DataError
from stepwell_fairness._columns import PREDICTION, Columns

if TYPE_CHECKING:
    import polars as pl

    from stepwell_fairness._definitions import Cell, Rate
    from stepwell_fairness._intervals import Proportion

MISSING = "(missing)"
ROWS, WEIGHT, SQUARES = "__rows__", "__weight__", "__squares__"

Group = tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """How many rows, their summed weight and the sum of its squares."""

    rows: int = 0
    weight: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.rows + other.rows, self.weight + other.weight, self.squares + other.squares
        )


def _no_cells() -> dict[Cell, Count]:
    return defaultdict(Count)


@dataclass
class Confusion:
    """The rows of a group by (actual, predicted)."""

    cells: dict[Cell, Count] = field(default_factory=_no_cells)

    def add(self, cell: Cell, count: Count) -> None:
        """Count further rows."""
        self.cells[cell] += count

    def total(self, cells: Iterable[Cell]) -> Count:
        """The count of these cells together."""
        return sum((self.cells[cell] for cell in cells), Count())

    def rows(self) -> int:
        """All rows of the group."""
        return self.total(list(self.cells)).rows

    def size(self, rate: Rate) -> int:
        """How many rows `rate` is a share of."""
        return self._among(rate).rows

    def proportion(self, rate: Rate) -> Proportion | None:
        """The share that `rate` is, with the effective number of rows; None without any row."""
        from stepwell_fairness._intervals import Proportion

        among = self._among(rate)
        if among.weight <= 0:
            return None
        counted = self.total(cell for cell in list(self.cells) if rate.counted(cell))
        return Proportion(counted.weight / among.weight, among.weight**2 / among.squares)

    def _among(self, rate: Rate) -> Count:
        return self.total(cell for cell in list(self.cells) if rate.is_among(cell))


def count(frame: pl.LazyFrame, columns: Columns, *, further: Sequence[str] = ()) -> pl.DataFrame:
    """How many rows there are for each combination of version, groups, actual and prediction.

    `further` columns are counted by as well.
    """
    import polars as pl

    sums = [pl.len().alias(ROWS)]
    if columns.weight is not None:
        weight = pl.col(columns.weight).cast(pl.Float64)
        sums += [weight.sum().alias(WEIGHT), (weight**2).sum().alias(SQUARES)]
        _require_weights(frame, columns.weight)
    return frame.group_by([*columns.keys, *further]).agg(sums).collect(engine="streaming")


def _require_weights(frame: pl.LazyFrame, column: str) -> None:
    import polars as pl

    weight = pl.col(column).cast(pl.Float64)
    usable = (weight.is_finite() & (weight >= 0)).fill_null(False)
    wrong = frame.select((~usable).sum()).collect(engine="streaming").item()
    if wrong:
        raise DataError(
            f"Fairness: weights in {column!r} are missing, negative or infinite in {wrong:,} rows."
        )


def rows_of(counts: pl.DataFrame, columns: Columns) -> list[dict[str, Any]]:
    """The table as dictionaries: groups as text, missing labels as None."""
    import polars as pl

    def as_text(name: str) -> pl.Expr:
        column = pl.col(name)
        if counts.schema[name].is_float():
            column = column.fill_nan(None)
        return column.cast(pl.String).fill_null(MISSING)

    return counts.with_columns(as_text(name) for name in columns.groups).to_dicts()


def counted(row: Mapping[str, Any]) -> Count:
    """The count that a row of the table holds."""
    rows = int(row[ROWS])
    return Count(rows, float(row.get(WEIGHT, rows)), float(row.get(SQUARES, rows)))


def group_of(row: Mapping[str, Any], by: Iterable[str]) -> Group:
    """The group that a row of the table belongs to."""
    return tuple(row[column] for column in by)


@dataclass(frozen=True)
class Labels:
    """Which label is favourable; the other one is not."""

    favourable: Any

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], columns: Columns, favourable: Any) -> Labels:
        """The labels that occur; without a `favourable` one, the greater of two.

        Raises DataError if they are not binary.
        """
        found = {
            label
            for row in rows
            for label in (row[columns.actual], row[PREDICTION])
            if not is_missing(label)
        }
        _require_binary(found, columns.actual, favourable)
        if favourable is not None:
            return cls(favourable)
        if len(found) == 2:
            return cls(max(found))
        if found <= {0, 1}:
            return cls(1)
        raise DataError(
            f"Fairness: {len(found)} label occurs, and nothing says which one is favourable.",
            hint=f"Give {columns.actual!r} the role Target(favourable=...), or set favourable=....",
        )

    def as_json(self) -> bool | int | float | str:
        """The favourable label for a report."""
        plain = isinstance(self.favourable, bool | int | float | str)
        return self.favourable if plain else str(self.favourable)

    def is_favourable(self, label: Any) -> bool | None:
        """Whether `label` is the favourable one; None for a missing label."""
        return None if is_missing(label) else label == self.favourable


def is_missing(label: Any) -> bool:
    """Whether a label is null or NaN."""
    return label is None or (isinstance(label, float) and math.isnan(label))


def _require_binary(found: set[Any], actual: str, favourable: Any) -> None:
    text = {isinstance(label, str) for label in found}
    if len(text) == 2:
        raise DataError(
            f"Fairness: columns {actual!r} and {PREDICTION!r} hold labels of different types, text "
            "and not text.",
            hint="Give both the same type in an earlier step.",
        )
    if len(found) > 2:
        raise DataError(
            f"Fairness: columns {actual!r} and {PREDICTION!r} hold {len(found):,} labels; "
            "fairness is measured for two, a favourable one and the other.",
            hint="Make both columns binary, favourable or not, in an earlier step.",
        )
    if len(found) == 2 and favourable is not None and favourable not in found:
        raise DataError(
            f"Fairness: the favourable label {favourable!r} ({type(favourable).__name__}) is none "
            f"of the labels of {actual!r}: {', '.join(sorted(map(repr, found)))}.",
            hint=f"Correct the role: {actual!r}: Target(favourable=...).",
        )
