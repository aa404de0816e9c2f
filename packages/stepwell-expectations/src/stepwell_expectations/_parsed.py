"""Expectations of texts that Python's own parsers have to read: dates and JSON.

Each different text of a batch is read once.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from stepwell_expectations._columns import Column, Kind, UnanswerableError
from stepwell_expectations._json_schemas import schema_validator

_LONGEST_DATE = 1_000

_Reader = Callable[[str], bool]


def _by_reading(column: Column, reads: _Reader) -> pl.Expr:
    """Where the text of `column` can be read."""
    texts = column.values.cast(pl.String)
    return texts.map_batches(
        lambda batch: _read_once(batch, reads), return_dtype=pl.Boolean(), is_elementwise=True
    )


def _read_once(texts: pl.Series, reads: _Reader) -> pl.Series:
    different = texts.drop_nulls().unique()
    found = pl.Series([reads(text) for text in different], dtype=pl.Boolean)
    return texts.replace_strict(different, found, default=None, return_dtype=pl.Boolean())


def _text_only(column: Column) -> None:
    if column.kind not in (Kind.TEXT, Kind.NOTHING):
        raise UnanswerableError(f"The {column.described()}, and a date is read from text.")


def _strftime(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    _text_only(column)
    wanted = kwargs["strftime_format"]

    def reads(text: str) -> bool:
        try:
            datetime.strptime(text, wanted)  # noqa: DTZ007 - whether it can be read is all
        except ValueError:
            return False
        return True

    return _by_reading(column, reads)


def _dateutil(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    _text_only(column)
    from dateutil.parser import UnknownTimezoneWarning, parse

    def reads(text: str) -> bool:
        if len(text) > _LONGEST_DATE:  # dateutil takes hours for megabytes
            return False
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnknownTimezoneWarning)
            try:
                parse(text)
            except (ValueError, OverflowError):
                return False
        return True

    return _by_reading(column, reads)


def _json(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    if column.kind not in (Kind.TEXT, Kind.NOTHING):
        return pl.lit(False)  # only text can be JSON
    return _by_reading(column, lambda text: _loaded(text) is not _NOTHING)


def _json_schema(column: Column, kwargs: Mapping[str, Any]) -> pl.Expr:
    if column.kind not in (Kind.TEXT, Kind.NOTHING):
        return pl.lit(False)
    is_valid = schema_validator(kwargs["json_schema"])

    def reads(text: str) -> bool:
        found = _loaded(text)
        return found is not _NOTHING and is_valid(found)

    return _by_reading(column, reads)


_NOTHING = object()


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NOTHING


PARSED_CHECKS: Mapping[str, Callable[[Column, Mapping[str, Any]], pl.Expr]] = {
    "expect_column_values_to_match_strftime_format": _strftime,
    "expect_column_values_to_be_dateutil_parseable": _dateutil,
    "expect_column_values_to_be_json_parseable": _json,
    "expect_column_values_to_match_json_schema": _json_schema,
}
