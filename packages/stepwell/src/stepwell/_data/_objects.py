"""What a pandas column of Python objects holds: pyarrow converts some of it silently into less."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from stepwell._errors import listed

_TOGETHER = (
    {"whole numbers", "numbers"},
    {"whole numbers", "decimals"},
)
"""Kinds that may stand in one column: each number of the one is a number of the other."""


Kinds = dict[tuple[str, ...], set[str]]


def kinds_of(cells: Iterable[Any]) -> Kinds:
    """The kinds of cells, and of what is nested in them, by their place; `()` is the top."""
    kinds: Kinds = {}
    for place, kind in _kinds(cells, ()):
        kinds.setdefault(place, set()).add(kind)
    return kinds


def problem_of(kinds: Kinds) -> str | None:
    """Why cells of these kinds cannot become a column without losing something."""
    for found in kinds.values():
        lossy = next((kind for kind in sorted(found) if kind.startswith("objects of")), None)
        if lossy is not None:
            return f"holds {lossy}"
        if len(found) > 1 and found not in _TOGETHER:
            return f"mixes {listed(sorted(found))}"
    return None


def is_absent(cell: Any) -> bool:
    """Whether a cell is missing, and no NaN."""
    import pandas as pd

    return cell is None or cell is pd.NA or cell is pd.NaT


def is_missing(cell: Any) -> bool:
    """Whether a cell is missing or NaN."""
    return is_absent(cell) or (isinstance(cell, float) and cell != cell)


def _kinds(cells: Iterable[Any], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    for cell in cells:
        if is_missing(cell):
            continue
        kind = _kind(cell)
        yield place, kind
        if kind == "lists":
            yield from _kinds(_items(cell), (*place, "item"))
        elif kind == "mappings":
            for name, value in cell.items():
                yield from _kinds((value,), (*place, f"field {name}"))


def _items(cell: Any) -> Iterable[Any]:
    """The items of a list; of an array of numbers, which are all of one kind, only one."""
    plain_array = hasattr(cell, "dtype") and cell.dtype.kind != "O"
    items: Iterable[Any] = cell[:1].tolist() if plain_array else cell
    return items


def _kind(cell: Any) -> str:
    import numpy as np

    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return _kind_of_time(cell)
    if isinstance(cell, Decimal):
        return "decimals" if cell.is_finite() else "objects of decimal.Decimal that are no number"
    for classes, kind in (
        ((bool, np.bool_), "truth values"),
        ((int, np.integer), "whole numbers"),
        ((float, np.floating), "numbers"),
        ((str,), "text"),
        ((bytes, bytearray), "bytes"),
        ((list, tuple, np.ndarray), "lists"),
        ((dict,), "mappings"),
        ((np.datetime64,), "points in time"),
        ((np.timedelta64,), "durations"),
    ):
        if isinstance(cell, classes):
            return kind
    return f"objects of {type(cell).__module__}.{type(cell).__qualname__}"


def _kind_of_time(cell: Any) -> str:
    if getattr(cell, "nanosecond", 0) or getattr(cell, "nanoseconds", 0):
        return "objects of pandas with nanoseconds"
    if isinstance(cell, datetime.timedelta):
        return "durations"
    if isinstance(cell, datetime.time):
        return "objects of datetime.time with a zone" if cell.tzinfo else "times"
    if isinstance(cell, datetime.datetime):
        return f"points in time of zone {cell.tzinfo}" if cell.tzinfo else "points in time"
    return "dates"
