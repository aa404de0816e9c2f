"""Two models on the same rows: which predictions belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell import DataError, Dataset
from stepwell_evaluate._columns import Columns
from stepwell_evaluate._samples import CHAMPION
from stepwell_evaluate._table import collected, usable, with_short_names

if TYPE_CHECKING:
    import polars as pl


def pairs(
    predictions: Dataset, columns: Columns, *, challenger: str, champion: str, share: float = 1.0
) -> pl.DataFrame:
    """A row for each labelled row that both versions scored and neither was trained on.

    The champion's columns end with `CHAMPION`. Rows belong together by `prediction_id`: it is
    `<model version>-<row>` where `Predict` made it, any other id stands for the row itself.
    `share` is the part of the rows that is taken, always the same.
    """
    rows = usable(with_short_names(predictions.lazy(), columns)).drop("seen")
    mine = _of(rows, challenger, share=share)
    theirs = _of(rows, champion, share=share)
    both = mine.join(theirs, on="row", suffix=CHAMPION)
    _refuse_contradictions(both, columns)
    return both.drop("row")


def _of(rows: pl.LazyFrame, version: str, *, share: float) -> pl.DataFrame:
    import polars as pl

    chosen = (
        rows.filter(pl.col("version") == version, pl.col("row").is_not_null())
        .drop("version")
        .with_columns(
            pl.col("row").str.strip_prefix(f"{version}-"), pl.lit(1, pl.Int64).alias("rows")
        )
    )
    if share < 1:
        chosen = chosen.filter(pl.col("row").hash(seed=0) < int(share * 2**64))
    found = collected(chosen)
    repeated = len(found) - found["row"].n_unique()
    if repeated:
        raise DataError(
            f"Evaluate: {repeated:,} rows of model {version} repeat a prediction_id.",
            hint="Keep one row for each prediction.",
        )
    return found


def _refuse_contradictions(both: pl.DataFrame, columns: Columns) -> None:
    different = int((both["actual"] != both[f"actual{CHAMPION}"]).sum())
    if different:
        raise DataError(
            f"Evaluate: {different:,} rows have one {columns.actual!r} beside the challenger and "
            "another beside the champion.",
            hint="Join the labels again: both must get the same.",
        )
