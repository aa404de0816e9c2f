"""One column of a dataset as canonical Arrow bytes.

The same cells give the same bytes, whatever library, chunking or process they come from: fixed
batches, 64-bit offsets, no metadata, no validity bitmap without nulls, zeros below the nulls.
Categoricals are stored as text (their codes differ from process to process), enums as dictionaries
with all of their categories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from stepwell._data._dtypes import without_categoricals

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

Cells: TypeAlias = "pl.Series | pa.ChunkedArray"
"""A column: as Polars has it, or as Arrow does if its type is plain."""

ROWS_PER_BATCH = 1 << 20
FIELD = "column"


class Sink(Protocol):
    """Where the bytes of a column go."""

    def write(self, data: Any) -> int:
        """Take these bytes."""


class ColumnWriter:
    """Writes one column, batch by batch, as an Arrow IPC file into `sink`."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._writer: Any = None

    def write(self, batch: Cells) -> None:
        """Write one batch; every batch but the last has `ROWS_PER_BATCH` rows.

        A column without rows has one batch without rows.
        """
        import pyarrow as pa

        array = canonical_array(batch)
        schema = pa.schema([pa.field(FIELD, array.type)])
        if self._writer is None:
            self._writer = pa.ipc.new_file(_as_arrow_sink(self._sink), schema)
        self._writer.write_batch(pa.record_batch([array], schema=schema))

    def close(self) -> None:
        """Write what an Arrow file ends with."""
        self._writer.close()


def _as_arrow_sink(sink: Sink) -> Any:
    import pyarrow as pa

    return pa.PythonFile(sink, mode="w")


def batches(cells: Cells) -> Iterator[Cells]:
    """A column in slices of `ROWS_PER_BATCH` rows, and one without rows as it is."""
    for start in range(0, max(1, len(cells)), ROWS_PER_BATCH):
        yield cells[start : start + ROWS_PER_BATCH]


def rebatched(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows of `frames` in slices of `ROWS_PER_BATCH` rows; only the last may be shorter."""
    import polars as pl

    waiting: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        waiting.append(frame)
        rows += frame.height
        while rows >= ROWS_PER_BATCH:
            joined = pl.concat(waiting)
            yield joined.head(ROWS_PER_BATCH)
            waiting = [joined.tail(-ROWS_PER_BATCH)]
            rows = waiting[0].height
    if rows:
        yield pl.concat(waiting)


def canonical_array(cells: Cells) -> pa.Array:
    """The cells of a column as one Arrow array in canonical form."""
    import pyarrow as pa

    return _canonical(cells if isinstance(cells, pa.ChunkedArray) else _exported(cells))


def _exported(series: pl.Series) -> Any:
    import polars as pl

    stored_as = without_categoricals(series.dtype)
    if stored_as != series.dtype:
        series = series.cast(stored_as)
    return series.to_arrow(compat_level=pl.CompatLevel.oldest())


def _canonical(array: Any) -> Any:
    import pyarrow as pa

    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    kind = array.type
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(
            _canonical(array.indices.cast(pa.int32())), _canonical(array.dictionary), ordered=True
        )
    if pa.types.is_large_list(kind) or pa.types.is_list(kind):
        return _canonical_list(array)
    if pa.types.is_fixed_size_list(kind):
        return _canonical_fixed_size_list(array)
    if pa.types.is_struct(kind):
        return _canonical_struct(array)
    if pa.types.is_null(kind):
        return pa.nulls(len(array))
    return _canonical_flat(array)


def _canonical_flat(array: Any) -> Any:
    """Zeros below the nulls, one bit pattern for NaN, no stray bits behind the last cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not len(array):
        return pa.array([], type=array.type)
    if pa.types.is_floating(array.type):
        array = _one_nan(array)
    filled = array if array.null_count == 0 else pc.fill_null(array, _zero(array.type))
    filled = _repacked(filled) if pa.types.is_boolean(array.type) else _exact(filled)
    return filled if array.null_count == 0 else _with_validity(filled, array)


def _exact(array: Any) -> Any:
    """`array` without cells behind its last one: Arrow writes up to 63 bytes of those to a file."""
    import pyarrow as pa

    has_offsets = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    first_offset = 8 if has_offsets else 0  # which `nbytes` does not count
    if array.nbytes + first_offset == array.get_total_buffer_size():
        return array
    return pa.concat_arrays([array, array[:0]])


def _repacked(bits: Any) -> Any:
    """Booleans in bytes of their own, so that no other bits stand behind the last one."""
    import pyarrow as pa

    padding = pa.array([False] * (-len(bits) % 8), type=pa.bool_())
    return pa.concat_arrays([bits, padding]).slice(0, len(bits))


def _one_nan(array: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    nan = pc.is_nan(array)
    if not pc.any(nan).as_py():
        return array
    return pc.if_else(nan, pa.scalar(float("nan"), type=array.type), array)


def _zero(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_large_string(kind) or pa.types.is_string(kind):
        return pa.scalar("", type=kind)
    if pa.types.is_large_binary(kind) or pa.types.is_binary(kind):
        return pa.scalar(b"", type=kind)
    if pa.types.is_boolean(kind):
        return pa.scalar(False)
    if pa.types.is_decimal(kind):
        return pa.scalar(Decimal(0), type=kind)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return pa.scalar(0).cast(kind)
    return pa.scalar(0, type=pa.int32() if kind.bit_width == 32 else pa.int64()).cast(kind)


def _validity(array: Any) -> Any:
    """The validity bitmap of `array`, from its first cell on; None without nulls."""
    import pyarrow.compute as pc

    return None if array.null_count == 0 else _repacked(pc.is_valid(array)).buffers()[1]


def _with_validity(filled: Any, array: Any) -> Any:
    """`filled` (which has no nulls and no offset) with the nulls of `array`."""
    import pyarrow as pa

    if filled.offset:
        filled = pa.concat_arrays([filled])
    buffers = [_validity(array), *filled.buffers()[1:]]
    return pa.Array.from_buffers(filled.type, len(array), buffers, array.null_count)


def _canonical_list(array: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    items = _canonical(pc.list_flatten(array))
    lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int64())
    ends = pc.cumulative_sum(lengths)
    offsets = pa.concat_arrays([pa.array([0], type=pa.int64()), ends])
    kind = pa.large_list(pa.field("item", items.type))
    buffers = [_validity(array), offsets.buffers()[1]]
    return pa.Array.from_buffers(kind, len(array), buffers, array.null_count, children=[items])


def _canonical_fixed_size_list(array: Any) -> Any:
    import polars as pl
    import pyarrow as pa

    size = array.type.list_size
    series: Any = pl.Series(array)
    filler = pl.lit([None] * size, dtype=series.dtype)
    filled = pl.select(pl.lit(series).fill_null(filler)).to_series()
    items = (
        _canonical(filled.explode().to_arrow(compat_level=pl.CompatLevel.oldest()))
        if size
        else pa.nulls(0)
    )
    kind = pa.list_(pa.field("item", items.type), size)
    return pa.Array.from_buffers(
        kind, len(array), [_validity(array)], array.null_count, children=[items]
    )


def _canonical_struct(array: Any) -> Any:
    import pyarrow as pa

    # flatten() puts the nulls of the struct on its fields, so nothing is left below them
    children = [_canonical(child) for child in array.flatten()]
    fields = [
        pa.field(field.name, child.type) for field, child in zip(array.type, children, strict=True)
    ]
    return pa.Array.from_buffers(
        pa.struct(fields), len(array), [_validity(array)], array.null_count, children=children
    )
