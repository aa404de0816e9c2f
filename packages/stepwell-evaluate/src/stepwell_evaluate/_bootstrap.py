"""Percentile intervals by bootstrap: rows are drawn again and again, as counts per cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stepwell_evaluate._sample import Sample, Values, Weights

MOST_ROWS = 25_000
"""How many rows are drawn at most; more are represented by a random sample of so many."""

_BLOCK = 500_000  # numbers that are worked on at once: 4 MB, which a processor's cache holds
_FEW_CELLS = 20  # one multinomial draw costs about as much as drawing so many rows
_MOST_UNDEFINED = 0.05  # of the replicates, for an interval to mean something

Interval = tuple[float, float]


@dataclass(frozen=True)
class Bootstrap:
    """How intervals are made: the number of replicates, their confidence and the seed."""

    replicates: int
    confidence: float
    seed: int

    def intervals(self, sample: Sample) -> dict[str, Interval]:
        """The interval of each metric; none for a metric that most replicates cannot compute.

        Of more than `MOST_ROWS` rows, a random sample is resampled and the interval is narrowed
        to the number of rows (m out of n bootstrap), unless the cells are few enough to resample
        all rows.
        """
        if not self.replicates:
            return {}
        generator = np.random.default_rng(self.seed)
        resampled = _representative(sample, generator)
        values = _replicated(resampled, self.replicates, generator)
        intervals = {name: self._percentiles(values[name]) for name in values}
        if resampled is not sample:
            intervals = _narrowed(intervals, resampled, sample)
        return {name: interval for name, interval in intervals.items() if interval is not None}

    def _percentiles(self, values: Values) -> Interval | None:
        if np.isnan(values).mean() > _MOST_UNDEFINED:
            return None
        tail = (1 - self.confidence) / 2
        low, high = np.nanquantile(values, [tail, 1 - tail])
        return float(low), float(high)


def _representative(sample: Sample, generator: np.random.Generator) -> Sample:
    total = int(sample.rows.sum())
    if total <= MOST_ROWS or _has_few_cells(sample):
        return sample
    cells = np.repeat(np.arange(len(sample.rows)), sample.rows)
    return sample.take(generator.choice(cells, MOST_ROWS, replace=False))


def _narrowed(
    intervals: dict[str, Interval | None], resampled: Sample, sample: Sample
) -> dict[str, Interval | None]:
    """The spread around the value of `resampled`, scaled to the rows of `sample` and its value."""
    scale = float(np.sqrt(resampled.rows.sum() / sample.rows.sum()))
    centre, value = resampled.value(), sample.value()
    return {
        name: interval
        and (
            value[name] + scale * (interval[0] - centre[name]),
            value[name] + scale * (interval[1] - centre[name]),
        )
        for name, interval in intervals.items()
    }


def _replicated(
    sample: Sample, replicates: int, generator: np.random.Generator
) -> dict[str, Values]:
    blocks = [sample.measure(w) for w in _weights(sample, replicates, generator)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _weights(sample: Sample, replicates: int, generator: np.random.Generator) -> Iterator[Weights]:
    """Blocks of replicates: how much weight each cell has in each of them."""
    drawn = len(sample.rows) if _has_few_cells(sample) else int(sample.rows.sum())
    at_once = max(1, _BLOCK // drawn)
    for start in range(0, replicates, at_once):
        counts = _counts(sample, min(at_once, replicates - start), generator)
        yield np.multiply(counts, sample.weight, out=counts)


def _counts(sample: Sample, replicates: int, generator: np.random.Generator) -> Weights:
    """How often each cell is drawn: all rows are drawn, each time from all rows."""
    total, cells = int(sample.rows.sum()), len(sample.rows)
    if _has_few_cells(sample):
        drawn = generator.multinomial(total, sample.rows / total, size=replicates)
        return drawn.astype(np.float64)
    cell_of_row = None if cells == total else np.repeat(np.arange(cells), sample.rows)
    counts = np.empty((replicates, cells))
    for replicate in counts:
        rows = generator.integers(total, size=total)
        drawn = rows if cell_of_row is None else cell_of_row[rows]
        replicate[:] = np.bincount(drawn, minlength=cells)
    return counts


def _has_few_cells(sample: Sample) -> bool:
    return int(sample.rows.sum()) >= _FEW_CELLS * len(sample.rows)
