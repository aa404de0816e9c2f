"""How far the holdout's distribution of a column is from that of the rows to train on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import log

import polars as pl

from stepwell_data_check._features import TrainingFrame, can_be_grouped

_BINS = 10
_MOST_VALUES = 50
_LEAST_SHARE = 1e-4


def shifts(frame: TrainingFrame, holdout: pl.DataFrame) -> Iterator[tuple[str, float]]:
    """The population stability index of each column in both, less what chance alone makes of it."""
    target = [] if frame.target is None else [frame.target]
    for name in [*frame.features, *target]:
        if name in holdout.columns and can_be_grouped(frame.rows.schema[name]):
            one, other = frame.rows[name], holdout[name]
            if one.dtype == other.dtype:
                yield name, _index(*_binned(one, other))


def _binned(one: pl.Series, other: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Both in the same bins: quantiles of the first for numbers, else its most common values."""
    if one.dtype.is_numeric() and one.n_unique() > _MOST_VALUES:
        edges = {one.quantile(at / _BINS) for at in range(1, _BINS)}
        breaks = sorted(float(edge) for edge in edges if edge is not None)
        return _bins(one, breaks), _bins(other, breaks)
    if one.dtype.is_temporal():
        return _binned(one.to_physical().cast(pl.Int64), other.to_physical().cast(pl.Int64))
    common = one.value_counts(sort=True).head(_MOST_VALUES)[one.name]
    return _of_common(one, common), _of_common(other, common)


def _bins(values: pl.Series, breaks: Sequence[float]) -> pl.Series:
    """How many of the breaks each value exceeds; null for one that is missing."""
    exceeded = [(pl.col("value") > one).cast(pl.Int64) for one in breaks]
    counted = pl.sum_horizontal(exceeded, ignore_nulls=False)
    return pl.DataFrame({"value": values}).select(counted.alias("bin"))["bin"]


def _of_common(values: pl.Series, common: pl.Series) -> pl.Series:
    """The position of each value among the common ones; all others are one."""
    places = pl.DataFrame({"value": common, "place": range(len(common))})
    found = pl.DataFrame({"value": values}).join(
        places, on="value", how="left", nulls_equal=True, maintain_order="left"
    )
    return found["place"].fill_null(-1)


def _index(one: pl.Series, other: pl.Series) -> float:
    if not len(one) or not len(other):
        return 0.0
    counts = [dict(values.value_counts().iter_rows()) for values in (one, other)]
    bins = set(counts[0]) | set(counts[1])
    index = 0.0
    for bin_ in bins:
        share, held = counts[0].get(bin_, 0) / len(one), counts[1].get(bin_, 0) / len(other)
        share, held = max(share, _LEAST_SHARE), max(held, _LEAST_SHARE)
        index += (held - share) * log(held / share)
    by_chance = (len(bins) - 1) * (1 / len(one) + 1 / len(other))
    return max(0.0, index - by_chance)
