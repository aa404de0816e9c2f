"""Which row a prediction is of: a text that is the same for the same row, in every run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from stepwell import Dataset

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]


def identifying(rows: Dataset, target: str | None) -> tuple[str, ...]:
    """The columns that tell rows apart: identifiers and times, else all but the target.

    The label is left out, so that a prediction keeps its id when the truth becomes known.
    """
    identifiers = rows.roles.columns("identifier")
    if identifiers:
        return tuple(dict.fromkeys([*identifiers, *rows.roles.columns("time")]))
    return tuple(column for column in rows.columns if column != target)


def hashes(frame: pl.DataFrame, columns: tuple[str, ...]) -> Hashes:
    """A hash of each row over the identifying columns."""
    from stepwell_sklearn import row_hashes

    return row_hashes(frame, columns, purpose="stepwell predictions")


def repeated(every: Hashes) -> frozenset[int]:
    """The hashes that occur more than once."""
    import numpy as np

    found, counts = np.unique(every, return_counts=True)
    return frozenset(found[counts > 1].tolist())


class Names:
    """Names the rows of a table, batch by batch: by their hash, and by a number from the second
    of equal rows on.
    """

    def __init__(self, repeated: frozenset[int]) -> None:
        self._repeated = repeated
        self._met: Counter[int] = Counter()

    def of(self, batch: Hashes) -> list[str]:
        """The names of the next rows."""
        return [self._name(hash_) for hash_ in batch.tolist()]

    def _name(self, hash_: int) -> str:
        if hash_ not in self._repeated:
            return f"{hash_:016x}"
        self._met[hash_] += 1
        number = self._met[hash_]
        return f"{hash_:016x}" if number == 1 else f"{hash_:016x}-{number}"
