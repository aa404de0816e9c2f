"""Dates and times of a suite, in ISO 8601, made comparable with a column.

A literal without a time zone is meant in the zone of the column; one with a zone cannot be compared
with a column that has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from stepwell_expectations._columns import Column, UnanswerableError
from stepwell_expectations._values import moment


def moment_literal(column: Column, text: str) -> pl.Expr:
    """What `text` spells, to be compared with `column`. Raises UnanswerableError."""
    zone = _zone(column)
    found = pl.lit(_moment(column, text))
    return found if zone is None else found.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def one_of_moments(column: Column, texts: Sequence[str]) -> pl.Expr:
    """Where `column` is one of `texts`; those that are no date or time are left out."""
    found = []
    for text in texts:
        try:
            found.append(_as_datetime(_moment(column, text)))
        except UnanswerableError:
            continue
    dtype = pl.Datetime("ns" if getattr(column.dtype, "time_unit", "us") == "ns" else "us")
    instants = pl.Series(found, dtype=pl.Datetime("us")).cast(dtype)
    return _in_utc(column).cast(dtype).is_in(instants.implode())


def _moment(column: Column, text: str) -> date | datetime:
    """What `text` spells, in UTC if the column has a time zone."""
    try:
        found = moment(text)
    except ValueError:
        raise UnanswerableError(
            f"The {column.described()}, which cannot be compared with the text {text!r}."
        ) from None
    zone = _zone(column)
    if zone is None:
        if isinstance(found, datetime) and found.tzinfo is not None:
            raise UnanswerableError(
                f"The {column.described()} without a time zone, and {text!r} has one."
            )
        return found
    local = _as_datetime(found)
    aware = local if local.tzinfo is not None else local.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(UTC).replace(tzinfo=None)


def _as_datetime(found: date | datetime) -> datetime:
    return found if isinstance(found, datetime) else datetime.combine(found, time())


def _zone(column: Column) -> str | None:
    return getattr(column.dtype, "time_zone", None)


def _in_utc(column: Column) -> pl.Expr:
    if _zone(column) is None:
        return column.raw
    return column.raw.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
