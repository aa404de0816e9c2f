"""Reading the bytes of one column back, whoever wrote them.

The digest of a column only says that it is the one which a manifest names. Who wrote the manifest
may have written the column too, so its bytes are taken for what `ColumnWriter` writes only after
that was checked: one column of the very type, uncompressed, of the number of rows that is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell._data._canonical import FIELD, canonical_array

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

_MAGIC = b"ARROW1\0\0"
_HEADER_OF_MESSAGE, _DATA_OF_DICTIONARY, _COMPRESSION_OF_BATCH = 2, 1, 3
"""Positions of fields in the tables of Arrow's `Message.fbs`."""


def read_column(buffer: Any, dtype: pl.DataType, *, rows: int) -> pl.Series | None:
    """The column that a `ColumnWriter` wrote, without copying numbers; None for other bytes."""
    import polars as pl
    import pyarrow as pa

    try:
        table = _table(pa.py_buffer(buffer), _schema(dtype), rows)
        if table is None:
            return None
        table.validate(full=True)
        series = pl.Series(FIELD, table.column(0))
        return series if series.dtype == dtype else series.cast(dtype)
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, IndexError):
        return None


def _schema(dtype: pl.DataType) -> pa.Schema:
    """The schema that a column of this type is written with."""
    import polars as pl
    import pyarrow as pa

    return pa.schema([pa.field(FIELD, canonical_array(pl.Series([], dtype=dtype)).type)])


def _table(content: pa.Buffer, schema: pa.Schema, rows: int) -> pa.Table | None:
    """The batches in front of the footer, if they have this schema and so many rows.

    The footer, which could name other places, is not asked.
    """
    import pyarrow as pa

    if content.slice(0, len(_MAGIC)).to_pybytes() != _MAGIC:
        return None
    stream = content.slice(len(_MAGIC))
    _check_uncompressed(stream)
    with pa.ipc.open_stream(stream) as reader:
        if not reader.schema.equals(schema, check_metadata=True):
            return None
        table = reader.read_all()
    return table if table.num_rows == rows else None


def _check_uncompressed(stream: pa.Buffer) -> None:
    """Raise ValueError for compressed cells: a few bytes of them become any number."""
    import pyarrow as pa

    for message in pa.ipc.MessageReader.open_stream(stream):
        header = _Table.root(bytes(message.metadata)).table(_HEADER_OF_MESSAGE)
        if message.type == "dictionary":
            header = header.table(_DATA_OF_DICTIONARY)
        if message.type != "schema" and header.has(_COMPRESSION_OF_BATCH):
            raise ValueError("Its cells are compressed.")


@dataclass(frozen=True)
class _Table:
    """A table of a FlatBuffer, which Arrow has verified: its fields stand where a second table,
    the vtable, says.
    """

    content: bytes
    start: int

    @classmethod
    def root(cls, content: bytes) -> _Table:
        return cls(content, int.from_bytes(content[:4], "little"))

    def has(self, field: int) -> bool:
        return self._offset(field) > 0

    def table(self, field: int) -> _Table:
        place = self.start + self._offset(field)
        return _Table(self.content, place + self._number(place, 4))

    def _offset(self, field: int) -> int:
        vtable = self.start - self._number(self.start, 4, signed=True)
        slot = 4 + 2 * field
        return self._number(vtable + slot, 2) if slot < self._number(vtable, 2) else 0

    def _number(self, place: int, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.content[place : place + size], "little", signed=signed)
