"""Features that give a protected attribute away.

Measured by Cramér's V with the bias correction of Bergsma (2013), "A bias-correction for Cramér's V
and Tschuprow's T", Journal of the Korean Statistical Society 42(3): 0 for independent columns, 1 if
one tells the other. Numbers count by their deciles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from stepwell import Finding

if TYPE_CHECKING:
    import polars as pl

SUSPICIOUS = 0.5
MOST_FEATURES = 500
_MOST_ROWS = 100_000
_DISTINCT = 20


def proxies(
    frame: pl.DataFrame, features: Sequence[str], protected: Sequence[str]
) -> Iterator[Finding]:
    """A warning for every feature from which a protected column can largely be told.

    Looks at the first 100,000 rows and 500 features; a finding says so if there are more.
    """
    if not protected or not features:
        return
    looked_at = list(features[:MOST_FEATURES])
    sample = frame.head(_MOST_ROWS)
    grouped = {name: _grouped(sample[name]) for name in {*looked_at, *protected}}
    for attribute in protected:
        for feature in looked_at:
            strength = cramers_v(grouped[feature], grouped[attribute])
            if feature != attribute and strength >= SUSPICIOUS:
                yield Finding(
                    check="proxy",
                    verdict="warned",
                    message=f"{feature!r} tells much about the protected {attribute!r} "
                    f"(Cramér's V {strength:.2f}).",
                    columns=(feature, attribute),
                    details={"cramers_v": round(strength, 4)},
                )
    if len(features) > MOST_FEATURES:
        yield Finding(
            check="proxy",
            verdict="warned",
            message=f"Only {MOST_FEATURES} of {len(features)} features were looked at for proxies.",
        )


def cramers_v(first: pl.Series, second: pl.Series) -> float:
    """The bias-corrected association of two columns of groups, from 0 to 1."""
    import polars as pl

    counts = (
        pl.DataFrame({"a": first, "b": second}).group_by("a", "b").len().cast({"len": pl.Float64})
    )
    rows = float(counts["len"].sum())
    wide = counts.group_by("a").agg(pl.col("len").sum())
    deep = counts.group_by("b").agg(pl.col("len").sum())
    if rows < 2 or min(wide.height, deep.height) < 2:
        return 0.0
    joined = counts.join(wide, on="a", suffix="_a", nulls_equal=True).join(
        deep, on="b", suffix="_b", nulls_equal=True
    )
    squares = joined.select((pl.col("len") ** 2 / (pl.col("len_a") * pl.col("len_b"))).sum()).item()
    phi = max(0.0, squares - 1 - (wide.height - 1) * (deep.height - 1) / (rows - 1))
    least = min(_corrected(wide.height, rows), _corrected(deep.height, rows)) - 1
    return float((phi / least) ** 0.5) if least > 0 else 0.0


def _corrected(groups: int, rows: float) -> float:
    return groups - (groups - 1) ** 2 / (rows - 1)


def _grouped(column: pl.Series) -> pl.Series:
    """A column of few groups: its values, or deciles of many numbers."""
    import polars as pl

    if column.dtype.is_numeric() and column.n_unique() > _DISTINCT:
        ranks = column.cast(pl.Float64).fill_nan(None).rank("average")
        return (ranks * 10 / (len(column) + 1)).floor().cast(pl.Int32)
    return column.cast(pl.String)
