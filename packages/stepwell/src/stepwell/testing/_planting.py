"""Cells that nobody could mistake, put into a frame, and searched for in text.

Text begins and goes on with a mark such as `zqxjk`, so that a part of it is recognised as well.
Numbers are compared as numbers, so that `734,015,283` and `7.34015283e8` are recognised, too; their
distances are uneven, so that no mean or sum is equal to one of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import polars as pl

    Make = Callable[[pl.Series], pl.Series | None]

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
_SEPARATED = re.compile(r"(?<=\d)[,_'](?=\d{3})")


@dataclass(frozen=True)
class Planted:
    """A frame with planted cells: what is in every cell of text, and which numbers there are."""

    frame: pl.DataFrame
    marks: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, Iterable[tuple[float, float]]] = field(default_factory=dict)
    """By column, each planted number and how near another has to be to be the same."""

    @property
    def is_planted(self) -> bool:
        """Whether there is any planted cell: not every type of column takes one."""
        return bool(self.marks or self.numbers)

    def found_in(self, text: str) -> str | None:
        """A column of which `text` shows a planted cell; None if it shows none."""
        low = text.lower()
        for column, mark in self.marks.items():
            if mark in low:
                return column
        shown = [float(number) for number in _NUMBER.findall(_SEPARATED.sub("", text))]
        for column, cells in self.numbers.items():
            if any(abs(cell - number) <= near for cell, near in cells for number in shown):
                return column
        return None


def in_one_row(frame: pl.DataFrame, columns: Iterable[str]) -> Planted:
    """`frame` with a planted cell in the middle of each column that takes one."""

    def one_cell(column: pl.Series) -> pl.Series | None:
        planted = unmistakable(column)
        if planted is None or not len(column):
            return None
        middle = len(column) // 2
        return column[:middle].append(planted[middle : middle + 1]).append(column[middle + 1 :])

    return _planted(frame, columns, one_cell)


def in_every_row(frame: pl.DataFrame, columns: Iterable[str]) -> Planted:
    """`frame` with nothing but planted cells in each column that takes them."""
    return _planted(frame, columns, unmistakable)


def within_range(frame: pl.DataFrame, columns: Iterable[str]) -> Planted:
    """`frame` with planted decimals, none smaller or larger than there were."""
    return _planted(frame, columns, _decimals_between)


def as_another_type(frame: pl.DataFrame, columns: Iterable[str]) -> Planted:
    """`frame` with planted text for the numbers of columns, or numbers for their text."""
    import polars as pl

    def other(column: pl.Series) -> pl.Series | None:
        dtype = pl.Int64 if _is_text(column) else pl.String
        return unmistakable(pl.Series(column.name, [None] * len(column), dtype=dtype))

    return _planted(frame, columns, other)


def unmistakable(column: pl.Series) -> pl.Series | None:
    """A series of the same type with other cells; None for a type that has no room for them."""
    import polars as pl

    rows = range(len(column))
    if _is_text(column):
        mark = _mark(column.name)
        texts = [f"{mark}{row:04}@{mark}.example" for row in rows]
        return pl.Series(column.name, texts).cast(column.dtype)
    if column.dtype in (pl.Int32, pl.Int64, pl.UInt32, pl.UInt64):
        whole = [734_015_283 + row % 1000 * 1_000_003 + row * row * 7919 % 99_991 for row in rows]
        return pl.Series(column.name, whole, dtype=column.dtype)
    if column.dtype in (pl.Float32, pl.Float64):
        decimal = [734_015.283 + row % 1000 * 1013.7 + row * row * 7919 % 997 for row in rows]
        return pl.Series(column.name, decimal, dtype=column.dtype)
    return None


def _decimals_between(column: pl.Series) -> pl.Series | None:
    import polars as pl

    known = column.drop_nulls()
    if column.dtype != pl.Float64 or known.is_empty() or not known.is_finite().all():
        return None
    low, width = float(known.min()), float(known.max()) - float(known.min())  # type: ignore[arg-type]  # numbers
    parts = [(0.734_015_283 + row * math.sqrt(2)) % 1 for row in range(len(column))]
    return pl.Series(column.name, [low + width * part for part in parts]) if width else None


def _is_text(column: pl.Series) -> bool:
    import polars as pl

    return isinstance(column.dtype, pl.String | pl.Categorical)


def _planted(frame: pl.DataFrame, columns: Iterable[str], make: Make) -> Planted:
    numbers, marks = {}, {}
    for name in columns:
        column = make(frame[name])
        if column is None:
            continue
        if column.dtype.is_numeric():
            numbers[name] = _new_numbers(frame[name], column)
        else:
            marks[name] = _mark(name)
        frame = frame.with_columns(column)
    return Planted(frame, marks, numbers)


def _mark(column: str) -> str:
    """Five letters that begin every planted text of a column, and occur in no word."""
    first, second = divmod(crc32(column.encode()) % 26**2, 26)
    return f"zqx{chr(97 + first)}{chr(97 + second)}"


def _new_numbers(before: pl.Series, after: pl.Series) -> list[tuple[float, float]]:
    """The numbers in `after` that were not there before, with what rounding may take from them."""
    new = set(after.drop_nulls().to_list()) - set(before.to_list())
    return [(float(cell), 0.5 if abs(cell) > 1000 else abs(cell) * 1e-9) for cell in new]
