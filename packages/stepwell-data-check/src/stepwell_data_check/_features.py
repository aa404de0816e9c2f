"""Which columns a model would learn from, and their values as few groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_MOST_CLASSES = 20
_MOST_VALUES = 100
_ROWS_IN_A_BIN = 20
_MOST_BINS = 200

NOT_LEARNT_FROM = frozenset({"target", "identifier", "weight", "time"})
"""Roles of columns that are no features."""


@dataclass(frozen=True)
class TrainingFrame:
    """The rows of a dataset, and what its columns are."""

    rows: pl.DataFrame
    features: Sequence[str]
    target: str | None

    @property
    def has_classes(self) -> bool:
        """Whether the target is one of a few classes, rather than a measured number."""
        if self.target is None:
            return False
        values = self.rows[self.target]
        return not values.dtype.is_numeric() or values.n_unique() <= _MOST_CLASSES


def groups_of(values: pl.Series) -> pl.Series:
    """The values as numbered groups of equal or near ones; those that are missing are one more.

    Null where there are too many different values to group them.
    """
    if values.dtype.is_float():
        values = values.fill_nan(None)
    if values.n_unique() <= _MOST_VALUES:
        return values.rank("dense").fill_null(0).cast(pl.Int64)
    if not (values.dtype.is_numeric() or values.dtype.is_temporal()):
        return pl.Series([None] * len(values), dtype=pl.Int64)
    bins = max(2, min(_MOST_BINS, len(values) // _ROWS_IN_A_BIN))
    rank = values.rank("min").cast(pl.Float64) - 1
    return (rank * bins / len(values)).floor().cast(pl.Int64).fill_null(-1)


def can_be_grouped(dtype: pl.DataType) -> bool:
    """Whether values of this type have an order, so that they can be put into groups."""
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Object, pl.Null)
