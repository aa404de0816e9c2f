"""Scanning a share of the rows, and what that can miss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stepwell import Finding

if TYPE_CHECKING:
    import polars as pl

_CONFIDENCE = 0.95
_SEED = 0x5EED


def in_sample(rows: pl.Series, share: float) -> pl.Series:
    """Which rows are in a sample of that share, drawn by their numbers: the same every time."""
    return rows.hash(_SEED) <= int(share * (2**64 - 1))


def most_missed(share: float) -> int:
    """In how many rows something can stand and all of them be missed, with 95 % confidence.

    Each row is in the sample with the probability `share`, so that k rows are all missed with
    (1 - share) ** k.
    """
    if share >= 1:
        return 0
    return math.floor(math.log(1 - _CONFIDENCE) / math.log1p(-share))


def sampled(rows: int, scanned: int, share: float) -> Finding:
    """The finding that not every row was scanned, with the bound on what that can miss."""
    missed = most_missed(share)
    return Finding(
        check="sample",
        verdict="warned",
        message=f"Only {scanned:,} of {rows:,} rows were scanned. What stands in no more than "
        f"{missed:,} rows can be missed; anything in more was seen with {_CONFIDENCE:.0%} "
        "confidence. Leave out `sample` to scan every row.",
        rows=rows - scanned,
        details={"share": share, "most_missed": missed, "confidence": _CONFIDENCE},
    )
