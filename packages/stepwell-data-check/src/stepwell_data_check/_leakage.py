"""How much of the target a single feature gives away."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from stepwell_data_check._features import TrainingFrame, can_be_grouped, groups_of


def leakage(frame: TrainingFrame) -> Iterator[tuple[str, float]]:
    """Each feature with the share of the target's uncertainty that it takes away by itself.

    For classes: how much of what guessing the most common class gets wrong is right once the group
    of the feature is known. For numbers: the share of the variance between the groups.
    """
    assert frame.target is not None  # as the caller knows
    target = frame.rows[frame.target]
    given = target.is_not_null() & (target.is_not_nan() if target.dtype.is_float() else True)
    known = frame.rows.filter(given)
    for name in frame.features:
        if can_be_grouped(known.schema[name]) and known.height:
            groups = groups_of(known[name])
            if groups.null_count() == 0:
                pair = pl.DataFrame({"group": groups, "target": known[frame.target]})
                yield name, _of_classes(pair) if frame.has_classes else _of_numbers(pair)


def _of_classes(pair: pl.DataFrame) -> float:
    common = pair["target"].value_counts()["count"].max()
    right = pair.group_by("group", "target").len().group_by("group").agg(pl.col("len").max())
    wrong = pair.height - int(common)  # type: ignore[arg-type]  # of one row or more
    return (int(right["len"].sum()) - (pair.height - wrong)) / wrong if wrong else 0.0


def _of_numbers(pair: pl.DataFrame) -> float:
    numbers = pair.with_columns(pl.col("target").cast(pl.Float64))
    mean = pl.col("target").mean().over("group")
    within, total = numbers.select(
        within=((pl.col("target") - mean) ** 2).sum(),
        total=((pl.col("target") - pl.col("target").mean()) ** 2).sum(),
    ).row(0)
    return float(1 - within / total) if total else 0.0
