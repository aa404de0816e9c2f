"""Arrow tables into Polars frames, without losing a cell."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from stepwell._data._arrow_types import Unheld, held_type, is_text, unheld_cells, unheld_type
from stepwell._errors import DataError, listed

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa


def from_arrow(data: Any) -> pl.DataFrame:
    """Whatever has `__arrow_c_stream__` as a Polars frame.

    Raises DataError for what would be lost, with the column, its type and what to type.
    """
    import polars as pl
    import pyarrow as pa

    try:
        table = data if isinstance(data, pa.Table) else pa.table(data)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise DataError(f"The Arrow data cannot be read ({type(error).__name__}).") from None
    repeated = sorted(name for name, times in Counter(table.column_names).items() if times > 1)
    if repeated:
        raise DataError(f"The table has columns with the same name: {listed(repeated)}.")
    if not table.num_columns:
        return pl.DataFrame(height=table.num_rows)
    return pl.DataFrame([_column(name, table.column(name)) for name in table.column_names])


def _column(name: str, column: pa.ChunkedArray) -> pl.Series:
    try:
        return series_of(column).alias(name)
    except Unheld as error:
        hint = f"Leave it out: table.drop_columns([{name!r}])."
        if error.code is not None:
            hint = f"Convert it: {error.code.format(column=f'table[{name!r}]')}."
        raise DataError(said_of(name, error), hint=hint) from None


def said_of(name: str, error: Unheld) -> str:
    """What is wrong with the column `name`, without any of its cells."""
    kind = str(error.kind)
    shown = f"{kind[:160]}…" if len(kind) > 160 else kind
    if error.cells:
        return (
            f"Column {name!r} has the Arrow type {shown} and cells that are damaged or out of the "
            "range that a dataset can hold."
        )
    return f"Column {name!r} has the Arrow type {shown}, which a dataset cannot hold."


def series_of(column: pa.ChunkedArray) -> pl.Series:
    """An Arrow column as a Polars series, every cell as it was. Raises Unheld.

    Polars itself lets seconds overflow, takes a time of 25 o'clock for null and believes that text
    is UTF-8, so that cells are checked before they are handed over.
    """
    import polars as pl
    import pyarrow as pa

    kind = column.type
    held = checked(column)
    if pa.types.is_dictionary(kind) and kind.ordered:
        return _ordered(column, held)
    try:
        return pl.Series(_compact(held))
    except (Exception, pl.exceptions.PanicException):  # whatever a strange type meets
        raise unheld_type(kind) from None


def checked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of an Arrow column, which are what they say, in the type that holds them.

    Raises Unheld.
    """
    import pyarrow as pa

    kind = column.type
    wanted = held_type(kind)
    try:
        column.validate(full=True)
        return column if wanted == kind else _cast(column, wanted)
    except pa.ArrowNotImplementedError:
        raise unheld_type(kind) from None
    except pa.ArrowInvalid:
        raise unheld_cells(kind) from None


def _cast(column: pa.ChunkedArray, wanted: pa.DataType) -> pa.ChunkedArray:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return column.cast(wanted)
    cells = [chunk.dictionary.cast(wanted).take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(cells, type=wanted)


def _compact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`column` with lists of a fixed size cut out: Polars reads no slices of those."""
    import pyarrow as pa

    if "fixed_size_list" not in str(column.type):
        return column
    cut = [chunk.take(pa.array(range(len(chunk)), pa.int64())) for chunk in column.chunks]
    return pa.chunked_array(cut, type=column.type)


def _ordered(column: pa.ChunkedArray, held: pa.ChunkedArray) -> pl.Series:
    """An ordered dictionary: text as an enum, anything else plainly if its order is the usual."""
    import polars as pl

    if is_text(column.type.value_type):
        return pl.Series(held).cast(pl.String).cast(pl.Enum(_categories(column)))
    if not all(_is_sorted(chunk.dictionary) for chunk in column.chunks):
        raise unheld_type(column.type)
    return pl.Series(held)


def _categories(column: pa.ChunkedArray) -> list[str]:
    """The categories of all chunks in one order. Raises Unheld if the chunks contradict."""
    chunks = [chunk.dictionary.to_pylist() for chunk in column.chunks]
    longest: list[str | None] = max(chunks, key=len, default=[])
    categories = [category for category in longest if category is not None]
    agreed = all(chunk == longest[: len(chunk)] for chunk in chunks)
    if not agreed or len(set(categories)) < len(categories):
        raise unheld_cells(column.type)
    return categories


def _is_sorted(dictionary: pa.Array) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return bool(dictionary.equals(dictionary.take(pc.array_sort_indices(dictionary))))
    except pa.ArrowNotImplementedError:
        return False
