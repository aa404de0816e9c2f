"""Collecting Polars' lazy frames, without the cells that some of its errors quote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stepwell._errors import DataError

if TYPE_CHECKING:
    import polars as pl

_COLUMN = re.compile(r'unable to find column "([^"]+)"')


def collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """The rows of a lazy frame; columns that it takes over from memory stay where they stand."""
    return frame.collect(engine="in-memory" if reads_memory_only(frame) else "streaming")


def reads_memory_only(frame: pl.LazyFrame) -> bool:
    """Whether everything that a lazy frame reads is in memory already: it scans no file."""
    return "SCAN" not in frame.explain(optimized=False)


@contextmanager
def without_cells(where: str = "The dataset") -> Iterator[None]:
    """Turn an error of Polars into a DataError that names the column, never a cell."""
    import polars.exceptions as failures

    try:
        yield
    except (failures.PolarsError, failures.PanicException) as error:
        raise DataError(f"{where} cannot be read: {described(error)}.") from None
    except FileNotFoundError as error:
        raise DataError(
            f"{where} cannot be read: {error.filename or 'a file'} does not exist."
        ) from None


def described(error: BaseException) -> str:
    """What an error of Polars is about, in words of ours: its own may quote cells."""
    missing = _COLUMN.search(str(error))
    if missing:
        return f"there is no column {missing.group(1)!r}"
    kinds = {
        "ArrowInvalid": "its content is damaged",
        "ColumnNotFoundError": "a column is missing",
        "ComputeError": "its content cannot be parsed or converted",
        "DuplicateError": "two columns have the same name",
        "InvalidOperationError": "a value does not fit the type of its column",
        "NoDataError": "it is empty",
        "PanicException": "its content is damaged",
        "OutOfBoundsError": "an index is out of bounds",
        "SchemaError": "a column has another type than expected",
        "SchemaFieldNotFoundError": "a column is missing",
        "ShapeError": "the columns have different lengths",
        "StringCacheMismatchError": "categoricals of different origin were mixed",
    }
    name = type(error).__name__
    return f"{kinds.get(name, 'an operation failed')} ({name})"
