"""Windows of time: in UTC, each from its start up to, and without, the start of the next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Dataset
from stepwell_monitor._columns import PREDICTED_AT, require

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

_LENGTH = re.compile(r"[1-9]\d*(m|h|d|w|mo|q|y)")
_MOST = 10_000


def check_length(window: str) -> None:
    """Raise ValueError for text that is no length of a window."""
    if not _LENGTH.fullmatch(window):
        raise ValueError(
            f"{window!r} is no window; write a number and m, h, d, w, mo, q or y, such as '1d'"
        )


def time_column(predictions: Dataset, given: str | None) -> str:
    """The column that says when: as given, else that with the role 'time', else `predicted_at`.

    Raises DataError if there is none, or if it holds no times.
    """
    columns = (given,) if given else (*predictions.roles.columns("time"), PREDICTED_AT)
    column = columns[0]
    require(column, predictions.columns, step="Performance", what="the predictions have")
    dtype = predictions.schema[column]
    if str(dtype) != "Date" and not str(dtype).startswith("Datetime"):
        raise DataError(
            f"Performance: column {column!r} holds {dtype}, no dates or times.",
            hint="Parse it in an earlier step, or name another time_column.",
        )
    return column


def start_of_window(column: str, dtype: Any, window: str) -> pl.Expr:
    """The start of the window that a time falls into.

    Times without a zone are taken as UTC. Since UTC knows no summer time, windows neither overlap
    nor leave gaps, whatever zones the times were written in.
    """
    import polars as pl

    time = pl.col(column).cast(pl.Datetime("us", getattr(dtype, "time_zone", None)))
    zoned = getattr(dtype, "time_zone", None) is not None
    utc = time.dt.convert_time_zone("UTC") if zoned else time.dt.replace_time_zone("UTC")
    return utc.dt.truncate(window)


def all_windows(first: datetime, last: datetime, window: str) -> list[datetime]:
    """The starts of all windows from `first` to `last`, also of those without any row."""
    import polars as pl

    starts = pl.datetime_range(first, last, interval=window, eager=True)
    if len(starts) > _MOST:
        raise DataError(
            f"Performance: the predictions span {len(starts):,} windows of {window!r}; {_MOST:,} "
            "are the most.",
            hint="Make the windows longer.",
        )
    return starts.to_list()
