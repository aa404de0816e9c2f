"""What has to be counted to judge an expectation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl
from pydantic import JsonValue

from stepwell_expectations._columns import Column

Known = Mapping[str, float | None]
"""Numbers about a column, by name; None where it has too few values."""


@dataclass(frozen=True)
class Plan:
    """What one expectation asks of a frame.

    `sums` are numbers from one pass over all rows, which add up over partitions. `keys` are columns
    whose combinations are counted in a query of their own, among the rows where `within` is true;
    `query` makes any other query of one row. `unexpected` is where a row is not as expected, and
    `shown` the text whose masked shapes help to understand why. `facts` need no rows at all.
    `mismatch` says why the values that are there, if there are any, cannot be judged.

    What can only be asked when something else is known has `then`: the plan, made of the numbers
    that `first` gave.
    """

    sums: Mapping[str, pl.Expr] = field(default_factory=dict)
    keys: tuple[Column, ...] = ()
    within: pl.Expr | None = None
    query: Callable[[pl.LazyFrame], pl.LazyFrame] | None = None
    unexpected: pl.Expr | None = None
    shown: Column | None = None
    facts: Mapping[str, JsonValue] | None = None
    mismatch: str | None = None
    first: Mapping[str, pl.Expr] = field(default_factory=dict)
    then: Callable[[Known], Plan] | None = None


def among(rows: pl.Expr | None, condition: pl.Expr) -> pl.Expr:
    """`condition` for the rows that are spoken of; None stands for all rows."""
    return condition if rows is None else rows & condition


def how_many(rows: pl.Expr | None) -> pl.Expr:
    """The number of rows that are spoken of; None stands for all rows."""
    return pl.len() if rows is None else rows.sum()
