"""The rows that count: labelled, not seen in training, checked, and only the columns needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import DataError, Dataset
from stepwell_evaluate._columns import SCORE, Columns
from stepwell_evaluate._counted import can_be_counted, in_steps

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Count:
    """How many rows of a model version there are, are labelled, and were seen in training.

    `unknown` are labelled rows of which it is not known whether the model has seen them.
    """

    rows: int = 0
    labelled: int = 0
    seen: int = 0
    unknown: int = 0

    @property
    def used(self) -> int:
        """Labelled rows that the model was not trained on: those that are measured."""
        return self.labelled - self.seen


@dataclass(frozen=True)
class Table:
    """Rows, or cells of equal ones, and how many rows there were of each version.

    The columns of `frame` are `version`, `actual`, `prediction`, the scores under their names,
    `weight`, and `rows`, the number of rows that a cell stands for.
    """

    frame: pl.DataFrame
    counts: Mapping[str | None, Count]

    def of(self, version: str | None) -> pl.DataFrame:
        """The rows that this version scored."""
        import polars as pl

        return self.frame.filter(pl.col("version").eq_missing(pl.lit(version, pl.String)))


def read(predictions: Dataset, columns: Columns, *, exact_rows: int) -> Table:
    """The rows of `predictions` that count; of more than `exact_rows`, scores are counted."""
    import polars as pl

    lazy = with_short_names(predictions.lazy(), columns)
    counts = collected(lazy.group_by("version").agg(_counted()).sort("version"))
    rows = usable(lazy).drop("seen").with_columns(pl.lit(1, pl.Int64).alias("rows"))
    if counts["labelled"].sum() > exact_rows and can_be_counted(columns.scores):
        rows = _in_steps(rows)
    return Table(
        frame=collected(rows),
        counts={
            version: Count(rows, labelled, seen, unknown)
            for version, rows, labelled, seen, unknown in counts.iter_rows()
        },
    )


def with_short_names(rows: pl.LazyFrame, columns: Columns) -> pl.LazyFrame:
    """The columns that are needed, under the names that this package gives them."""
    import polars as pl

    weight = pl.lit(1.0) if columns.weight is None else pl.col(columns.weight)
    return rows.select(
        pl.col(columns.actual).alias("actual"),
        pl.col(columns.prediction).alias("prediction"),
        *(pl.col(score) for score in columns.scores),
        weight.alias("weight"),
        _column_or_null(columns.version, pl.String()).alias("version"),
        _column_or_null(columns.seen, pl.Boolean()).alias("seen"),
        _column_or_null(columns.row, pl.String()).alias("row"),
    )


def usable(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows that are labelled and that their model was not trained on."""
    import polars as pl

    return rows.filter(pl.col("actual").is_not_null() & ~pl.col("seen").fill_null(value=False))


def collected(lazy: pl.LazyFrame) -> pl.DataFrame:
    """The rows, read in bounded memory; an error quotes no cells."""
    return Dataset.of(lazy).to_polars()


def check(table: Table, columns: Columns) -> None:
    """Raise DataError for a label, prediction or weight that is missing or not finite."""
    if columns.version is not None and None in table.counts:
        raise DataError(
            f"Evaluate: column {columns.version!r} is null in {table.counts[None].rows:,} rows.",
            hint="Every prediction says which model made it.",
        )
    frame = table.frame
    _refuse_missing(frame, "prediction", columns.prediction)
    _refuse_infinite(frame, "prediction", columns.prediction)
    _refuse_infinite(frame, "actual", columns.actual)
    if columns.weight is not None:
        _check_weight(frame, columns.weight)


def check_numbers(table: Table, columns: Columns) -> None:
    """Raise DataError unless what is predicted are numbers."""
    for name, column in (("actual", columns.actual), ("prediction", columns.prediction)):
        dtype = table.frame[name].dtype
        if not dtype.is_numeric() and len(table.frame):
            raise DataError(
                f"Evaluate: column {column!r} is of type {dtype}; a regression needs numbers.",
                hint='If these are classes, write Evaluate(task="multiclass") or task="binary".',
            )


def check_scores(table: Table, scores: Iterable[str]) -> None:
    """Raise DataError if a model gave scores, but not to every row, or some that are not finite."""
    for version in table.counts:
        frame = table.of(version)
        for score in (score for score in scores if score in frame):
            if frame[score].null_count() == len(frame):
                continue
            dtype = frame[score].dtype
            if not dtype.is_numeric():
                raise DataError(
                    f"Evaluate: column {score!r} is of type {dtype}; scores are numbers."
                )
            _refuse_missing(frame, score, score)
            _refuse_infinite(frame, score, score)


def _in_steps(rows: pl.LazyFrame) -> pl.LazyFrame:
    import polars as pl

    finite = pl.col(SCORE).filter(pl.col(SCORE).is_finite())
    low, high = collected(rows.select(finite.min().alias("low"), finite.max().alias("high"))).row(0)
    return rows if low is None else in_steps(rows, low=low, high=high)


def _column_or_null(column: str | None, dtype: pl.DataType) -> pl.Expr:
    import polars as pl

    return pl.lit(None, dtype) if column is None else pl.col(column).cast(dtype)


def _counted() -> Iterable[pl.Expr]:
    import polars as pl

    labelled, seen = pl.col("actual").is_not_null(), pl.col("seen")
    return (
        pl.len().alias("rows"),
        labelled.sum().alias("labelled"),
        (labelled & seen.fill_null(value=False)).sum().alias("seen"),
        (labelled & seen.is_null()).sum().alias("unknown"),
    )


def _check_weight(frame: pl.DataFrame, column: str) -> None:
    _refuse_missing(frame, "weight", column)
    _refuse_infinite(frame, "weight", column)
    _refuse(column, "negative", _rows_where(frame, frame["weight"] < 0))
    if len(frame) and not frame["weight"].sum():
        raise DataError(f"Evaluate: every weight in column {column!r} is 0.")


def _refuse_missing(frame: pl.DataFrame, name: str, column: str) -> None:
    _refuse(column, "null", _rows_where(frame, frame[name].is_null()))


def _refuse_infinite(frame: pl.DataFrame, name: str, column: str) -> None:
    if frame[name].dtype.is_float():
        _refuse(column, "NaN or infinite", _rows_where(frame, ~frame[name].is_finite()))


def _rows_where(frame: pl.DataFrame, chosen: pl.Series) -> int:
    return int(frame["rows"].filter(chosen).sum())


def _refuse(column: str, state: str, rows: int) -> None:
    if rows:
        raise DataError(
            f"Evaluate: column {column!r} is {state} in {rows:,} labelled rows.",
            hint="A row is left out where its actual value is null.",
        )
