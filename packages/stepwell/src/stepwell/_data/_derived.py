"""Columns that say the same as others: by their cells, since code does not tell what it derives.

A column is taken for derived from a protected one if, in every row,

* each value of the protected column goes with one value of it (`age_band` of `age`), also of
  two protected columns together, or
* each value of it goes with one value of the protected column (`sex_and_status` of `sex`), or
* it rises or falls with the protected column (`birth_year` of `birth_date`)

and that would come about by chance less than once in a thousand million times.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

_ROWS = 20_000  # more are not looked at: evenly spaced ones stand for all
_GLANCE = 500  # of them are enough to see that most columns have nothing to do with each other
_EVIDENCE = math.log(1e9)


class _Coded(NamedTuple):
    """The values of a column, numbered from 0; in their order if they have one."""

    numbers: npt.NDArray[np.int64]
    size: int
    sameness: float  # how often two rows are equal
    ordered: bool

    def first(self, rows: int) -> _Coded:
        return self._replace(numbers=self.numbers[:rows])


def derived_from(
    frame: pl.DataFrame,
    protected: Sequence[str],
    others: Iterable[str],
    *,
    identifiers: Sequence[str] = (),
) -> dict[str, tuple[str, ...]]:
    """Those of `others` that say the same as protected columns, with the names of these.

    Rows with the same identifiers count once: whatever is known of a person would follow from a
    rare value of that person. Twenty rows are too few to tell.
    """
    if identifiers:
        frame = frame.unique(identifiers, keep="first", maintain_order=True)
    sample = frame.gather_every(max(1, frame.height // _ROWS))
    single = {name: coded for name in protected if (coded := _coded(sample[name])) is not None}
    attributes: dict[tuple[str, ...], _Coded] = {(name,): coded for name, coded in single.items()}
    attributes |= {both: _together(*(single[p] for p in both)) for both in combinations(single, 2)}
    found: dict[str, tuple[str, ...]] = {}
    for name in others:
        coded = _coded(sample[name])
        if coded is None or coded.size < 2:
            continue
        told = next((names for names, a in attributes.items() if _says_the_same(a, coded)), None)
        if told is not None:
            found[name] = told
    return found


def _coded(column: pl.Series) -> _Coded | None:
    """None for columns that cannot be compared: nested ones, bytes."""
    import polars as pl

    kind = column.dtype
    ordered = kind.is_numeric() or kind.is_temporal() or isinstance(kind, pl.Enum | pl.Boolean)
    if not ordered and not isinstance(kind, pl.String | pl.Categorical):
        return None
    if isinstance(kind, pl.Enum | pl.Boolean):
        column = column.to_physical().cast(pl.Int64)
    elif not ordered:
        column = column.cast(pl.String).cast(pl.Categorical).to_physical().cast(pl.Int64)
    ranks = column.rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
    return _numbered(ranks, ordered=ordered and not column.null_count())


def _numbered(values: npt.NDArray[np.int64], *, ordered: bool) -> _Coded:
    import numpy as np

    found, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    sameness = float(((counts / max(1, len(values))) ** 2).sum())
    return _Coded(numbers.astype(np.int64), len(found), sameness or 1.0, ordered)


def _together(first: _Coded, second: _Coded) -> _Coded:
    """The combinations of the values of two columns, as one column."""
    return _numbered(first.numbers * second.size + second.numbers, ordered=False)


def _says_the_same(attribute: _Coded, other: _Coded) -> bool:
    """Whether `other` depends on the attribute, and not by chance; cheap questions come first."""
    relations = {"moves"} if attribute.ordered and other.ordered else set()
    if _repeats_tell(attribute, other):
        relations.add("follows")
    if _repeats_tell(other, attribute):
        relations.add("tells")
    for rows in (_GLANCE, len(other.numbers)):
        if relations:
            relations &= _relations(attribute.first(rows), other.first(rows))
    return bool(relations - {"moves"}) or ("moves" in relations and _order_tells(attribute, other))


def _relations(attribute: _Coded, other: _Coded) -> set[str]:
    """How `other` depends on the attribute in every row, by chance or not."""
    import numpy as np

    pairs = _pairs(attribute, other)
    relations = {"moves"} if _is_monotone(pairs) else set()
    if len(pairs) == len(np.unique(attribute.numbers)):
        relations.add("follows")
    if len(pairs) == len(np.unique(other.numbers)):
        relations.add("tells")
    return relations


def _is_monotone(pairs: npt.NDArray[np.int64]) -> bool:
    import numpy as np

    falling = pairs[np.lexsort((-pairs[:, 1], pairs[:, 0]))]
    return bool((np.diff(pairs[:, 1]) >= 0).all() or (np.diff(falling[:, 1]) <= 0).all())


def _pairs(attribute: _Coded, other: _Coded) -> npt.NDArray[np.int64]:
    """How often each pair of values occurs, by the value of the attribute, then of the other."""
    import numpy as np

    found, counts = np.unique(attribute.numbers * other.size + other.numbers, return_counts=True)
    return np.column_stack([found // other.size, found % other.size, counts])


def _repeats_tell(cause: _Coded, effect: _Coded) -> bool:
    """Whether rows with equal causes would hardly all have equal effects by chance."""
    repeats = len(cause.numbers) - cause.size
    return repeats * -math.log(effect.sameness) > _EVIDENCE


def _order_tells(attribute: _Coded, other: _Coded) -> bool:
    """Whether one column would hardly rise or fall with the other by chance.

    Of all tables with the same values as often, one is sorted; this is Fisher's exact probability.
    """
    import numpy as np

    counts = np.bincount(attribute.numbers), np.bincount(other.numbers)
    pairs = _pairs(attribute, other)[:, 2]
    chance = sum(map(_log_arrangements, counts)) - _log_arrangements(pairs)
    return bool(math.lgamma(len(other.numbers) + 1) - chance > _EVIDENCE)


def _log_arrangements(counts: npt.NDArray[np.int64]) -> float:
    return sum(math.lgamma(count + 1) for count in counts)
