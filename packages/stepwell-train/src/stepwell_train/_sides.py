"""On which side of a split every row is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stepwell import DataError, Roles
from stepwell.authoring import listed
from stepwell_train._columns import require_columns

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._split import Split


def holdout_rows(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """For each row whether it is kept aside. Raises DataError for columns that cannot tell."""
    require_columns(split.columns, frame, _name(split))
    if split.by == "time":
        return _newest(split, frame, roles)
    if split.by == "stratified":
        return _smallest_of_each_class(split, frame, roles)
    return _fractions(split, frame, roles) < split.holdout


def _name(split: Split) -> str:
    return f"Split(by={split.by!r})"


def _fractions(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """The keyed hash of what identifies each row, as a number between 0 and 1."""
    import polars as pl

    from stepwell_sklearn import row_hashes

    named = split.columns or roles.columns("identifier")
    if not named and split.by == "group":
        raise _unknown(split, "group")
    _require_complete(split, frame, named)
    hashes = row_hashes(frame, named or frame.columns, purpose=f"stepwell split {split.key}")
    return pl.Series("fraction", hashes) / 2**64


def _smallest_of_each_class(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    import polars as pl

    if roles.target is None:
        raise DataError(
            "Split(by='stratified') needs to know the target.",
            hint='Declare it where the data is loaded: Load(..., roles={"y": "target"}).',
        )
    target = frame[roles.target]
    labels = target.cast(pl.String) if target.dtype in (pl.Categorical, pl.Enum) else target
    # Equal rows of different classes count to one of them, so that they stay together.
    one_label = pl.col("label").min().over("fraction")
    ranked = (
        pl.DataFrame({"label": labels, "fraction": _fractions(split, frame, roles)})
        .with_columns(one_label)
        .select(
            rank=pl.col("fraction").rank("dense").over("label"),
            rows=pl.col("fraction").n_unique().over("label"),
        )
    )
    return ranked.select(pl.col("rank") <= (pl.col("rows") * split.holdout).round()).to_series()


def _newest(split: Split, frame: pl.DataFrame, roles: Roles) -> pl.Series:
    """The rows at and after a moment; all rows of one moment are on the same side."""
    import polars as pl

    named = split.columns or roles.columns("time")
    if not named:
        raise _unknown(split, "time")
    if len(named) > 1:
        raise DataError(f"{_name(split)} needs one column; there are {listed(named)}.")
    _require_complete(split, frame, named)
    times = frame.select(named[0]).to_series()
    if not (times.dtype in (pl.Date, pl.Datetime) or times.dtype.is_numeric()):
        raise DataError(
            f"{_name(split)}: column {times.name!r} is {times.dtype}, which is no moment.",
            hint=f'Make one of it first: pl.col("{times.name}").str.to_datetime().',
        )
    if split.cutoff is not None:
        first = _moment(split.cutoff, times)
        return times.to_frame().select(pl.col(times.name) >= first).to_series()
    newest = max(1, round(len(times) * split.holdout))
    return times >= times.sort(descending=True)[newest - 1] if len(times) else times.is_null()


def _moment(cutoff: str, times: pl.Series) -> pl.Expr:
    """The cutoff in the type and time zone of the column."""
    import polars as pl

    zone = getattr(times.dtype, "time_zone", None)
    try:
        if times.dtype.is_numeric():
            return pl.lit(float(cutoff))
        moment = datetime.fromisoformat(cutoff)
        if moment.tzinfo is None:
            return pl.lit(moment).dt.replace_time_zone(zone)
        if zone is None:
            raise ValueError
        return pl.lit(moment.astimezone(UTC)).dt.convert_time_zone(zone)
    except ValueError:
        raise DataError(
            f"Split(cutoff={cutoff!r}) does not fit column {times.name!r} ({times.dtype}).",
            hint="Write a number, as the column holds numbers."
            if times.dtype.is_numeric()
            else "Write a moment such as 2026-01-31 or 2026-01-31T12:00:00, with an offset only "
            "if the column has a time zone.",
        ) from None


def _require_complete(split: Split, frame: pl.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        missing = frame[column].null_count()
        if missing:
            raise DataError(
                f"{_name(split)}: column {column!r} is missing in {missing:,} of "
                f"{frame.height:,} rows, which have no side without it.",
                hint="Fill it, drop those rows, or name other columns.",
            )


def _unknown(split: Split, what: str) -> DataError:
    return DataError(
        f"{_name(split)} does not know the column.",
        hint=f'Write Split(by={split.by!r}, columns=["..."]) for the {what}.',
    )
