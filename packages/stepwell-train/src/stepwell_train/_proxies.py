"""Features that give a protected attribute away.

Measured by Cramér's V with the bias correction of Bergsma (2013), "A bias-correction for Cramér's V
and Tschuprow's T", Journal of the Korean Statistical Society 42(3): 0 for independent columns, 1 if
one tells the other. Numbers count by their deciles, missing values as a group of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from stepwell import Finding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

SUSPICIOUS = 0.5

_DISTINCT = 20  # numbers with more different values are grouped
_MOST_CELLS = 20_000_000  # more than that are not looked at: evenly spaced rows stand for all
_MOST_ROWS, _FEWEST_ROWS = 100_000, 2_000


class Groups(NamedTuple):
    """A column of few groups, numbered from 0."""

    numbers: npt.NDArray[np.int64]
    size: int


def proxies(
    frame: pl.DataFrame, features: Sequence[str], protected: Sequence[str]
) -> Iterator[Finding]:
    """A warning for every feature from which a protected column can largely be told."""
    if not protected or not features:
        return
    rows = min(_MOST_ROWS, max(_FEWEST_ROWS, _MOST_CELLS // len(features)))
    sample = frame.gather_every(max(1, frame.height // rows))
    attributes = {name: groups(sample[name]) for name in protected}
    for feature in features:
        grouped = groups(sample[feature])
        for attribute, others in attributes.items():
            strength = cramers_v(grouped, others)
            if strength >= SUSPICIOUS:
                yield Finding(
                    check="proxy",
                    verdict="warned",
                    message=f"{feature!r} tells much about the protected {attribute!r} "
                    f"(Cramér's V {strength:.2f}).",
                    columns=(feature, attribute),
                    rows=sample.height,
                    details={"cramers_v": round(strength, 4)},
                )


def cramers_v(first: Groups, second: Groups) -> float:
    """The bias-corrected association of two columns of groups, from 0 to 1."""
    import numpy as np

    rows = len(first.numbers)
    if rows < 2 or min(first.size, second.size) < 2:
        return 0.0
    cells = first.numbers * second.size + second.numbers
    table = np.bincount(cells, minlength=first.size * second.size)
    counts = table.reshape(first.size, second.size).astype(float)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0))
    excess = (counts**2 / expected).sum() - 1
    excess -= (first.size - 1) * (second.size - 1) / (rows - 1)
    least = min(_corrected(first.size, rows), _corrected(second.size, rows)) - 1
    return float((max(0.0, excess) / least) ** 0.5) if least > 0 else 0.0


def groups(column: pl.Series) -> Groups:
    """The groups of a column: its values, or the deciles of many numbers."""
    import numpy as np
    import polars as pl

    if column.dtype.is_float():
        column = column.fill_nan(None)
    if column.dtype.is_numeric() and column.n_unique() > _DISTINCT:
        ranks = column.rank("average") * 10 / (len(column) + 1)
        values = ranks.floor().fill_null(-1)
    elif column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Boolean:
        values = column.rank("dense").fill_null(0)
    else:
        values = column.cast(pl.String).cast(pl.Categorical).to_physical().cast(pl.Int64)
        values = values.fill_null(-1)
    found, numbers = np.unique(values.to_numpy(), return_inverse=True)
    return Groups(numbers.astype(np.int64), len(found))


def _corrected(count: int, rows: int) -> float:
    return count - (count - 1) ** 2 / (rows - 1)
