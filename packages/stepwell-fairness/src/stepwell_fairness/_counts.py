"""Counting: one query over the rows; everything else is computed from its small table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stepwell import DataError
from stepwell_fairness._columns import Columns
from stepwell_fairness._intervals import Proportion

if TYPE_CHECKING:
    import polars as pl

    from stepwell_fairness._definitions import Cell, Rate

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


@dataclass(frozen=True)
class Share:
    """A rate of a group: of `rows` rows; `proportion` is None where their weight is zero."""

    rows: int
    proportion: Proportion | None


@dataclass
class Confusion:
    """The rows of a group by (actual, predicted)."""

    cells: dict[Cell, Count] = field(default_factory=lambda: defaultdict(Count))
    _shares: dict[str, Share] = field(default_factory=dict)

    def add(self, cell: Cell, count: Count) -> None:
        """Count further rows."""
        self.cells[cell] += count
        self._shares.clear()

    @property
    def rows(self) -> int:
        """All rows of the group."""
        return sum(count.rows for count in self.cells.values())

    def share(self, rate: Rate) -> Share:
        """The rate of this group; computed once, since many comparisons take it."""
        if rate.name not in self._shares:
            self._shares[rate.name] = self._share(rate)
        return self._shares[rate.name]

    def _share(self, rate: Rate) -> Share:
        among = sum((c for cell, c in self.cells.items() if rate.is_among(cell)), Count())
        if among.weight <= 0:
            return Share(among.rows, None)
        counted = sum(c.weight for cell, c in self.cells.items() if rate.counted(cell))
        effective = among.weight**2 / among.squares
        return Share(among.rows, Proportion(counted / among.weight, effective))


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
    return _collected(frame.group_by([*columns.keys, *further]).agg(sums))


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    from polars.exceptions import PolarsError

    try:
        return frame.collect(engine="streaming")
    except PolarsError as error:  # its own message may quote cells
        raise DataError(
            f"Fairness: the predictions cannot be counted ({type(error).__name__})."
        ) from None


def _require_weights(frame: pl.LazyFrame, column: str) -> None:
    import polars as pl

    weight = pl.col(column).cast(pl.Float64)
    usable = (weight.is_finite() & (weight >= 0)).fill_null(False)
    wrong = _collected(frame.select((~usable).sum())).item()
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
