"""On which side of a split every row is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from stepwell import DataError, Roles
from stepwell.authoring import did_you_mean, listed

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._split import Split


def holdout_rows(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """For each row whether it is kept aside. Raises DataError for columns that do not exist."""
    existing(split.columns, frame, f"Split(by={split.by!r})")
    if split.by == "time":
        return _newest(split, frame, roles)
    if split.by == "stratified":
        return _stratified(split, frame, roles)
    if split.by == "group":
        columns = _columns(split, roles.columns("identifier"), "group")
        return _fractions(split, frame, columns) < split.holdout
    return _fractions(split, frame, _identity(split, frame, roles)) < split.holdout


def existing(columns: Sequence[str], frame: pl.DataFrame, where: str) -> None:
    """Raise DataError for the first column that `frame` does not have."""
    for column in columns:
        if column not in frame.columns:
            near = did_you_mean(column, frame.columns)
            raise DataError(
                f"{where} names the column {column!r}, which the data does not have.",
                hint=f"{near} Columns: {listed(frame.columns)}.".strip(),
            )


def _identity(split: Split, frame: pl.DataFrame, roles: Roles) -> Sequence[str]:
    return split.columns or roles.columns("identifier") or frame.columns


def _fractions(split: Split, frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """The keyed hash of each row's `columns`, between 0 and 1."""
    import polars as pl

    from stepwell_sklearn import row_hashes

    if tuple(columns) != tuple(frame.columns):
        _refuse_missing(split, frame, columns)
    hashes = row_hashes(frame, columns, purpose=f"stepwell split {split.key}")
    return pl.Series("fraction", hashes) / 2**64


def _refuse_missing(split: Split, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        missing = frame[column].null_count()
        if missing:
            raise DataError(
                f"Split(by={split.by!r}): column {column!r} is missing in {missing} of "
                f"{frame.height} rows, which cannot be told apart without it.",
                hint="Fill it, drop those rows, or name other columns.",
            )


def _stratified(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """Of each class the rows with the smallest hashes."""
    import polars as pl

    if roles.target is None:
        raise DataError(
            "Split(by='stratified') needs to know the target.",
            hint='Declare it where the data is loaded: Load(..., roles={"y": "target"}).',
        )
    fractions = _fractions(split, frame, _identity(split, frame, roles))
    ranked = pl.DataFrame({"class": frame[roles.target], "fraction": fractions}).select(
        rank=pl.col("fraction").rank("dense").over("class"),
        classes=pl.col("fraction").n_unique().over("class"),
    )
    return ranked.select(pl.col("rank") <= (pl.col("classes") * split.holdout).round()).to_series()


def _newest(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """The rows at and after a moment; all rows of one moment are on the same side."""
    import polars as pl

    columns = _columns(split, roles.columns("time"), "time")
    if len(columns) != 1:
        raise DataError(f"Split(by='time') needs one column; there are {listed(columns)}.")
    _refuse_missing(split, frame, columns)
    times = frame[columns[0]]
    if not (times.dtype.is_temporal() or times.dtype.is_numeric()):
        raise DataError(
            f"Split(by='time'): column {columns[0]!r} is {times.dtype}, not a time.",
            hint=f'Load it as one: Load(..., types={{"{columns[0]}": "Datetime"}}).',
        )
    first = times.sort()[frame.height - max(1, round(frame.height * split.holdout))]
    if split.cutoff is not None:
        try:
            first = pl.Series([split.cutoff]).str.to_datetime().cast(times.dtype)[0]
        except pl.exceptions.PolarsError:
            raise DataError(
                f"Split(cutoff=...) does not fit column {columns[0]!r} ({times.dtype}).",
                hint="Write a moment such as 2026-01-31 or 2026-01-31T12:00:00.",
            ) from None
    return pl.Series(times >= first)


def _columns(split: Split, by_role: Sequence[str], role: str) -> Sequence[str]:
    columns = split.columns or by_role
    if not columns:
        raise DataError(
            f"Split(by={split.by!r}) does not know the column.",
            hint=f'Write Split(by={split.by!r}, columns=["..."]) for the {role}.',
        )
    return columns
