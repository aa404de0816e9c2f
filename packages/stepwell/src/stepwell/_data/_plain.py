"""Plain pandas frames, held as they are: numbers, truth values and text, without a missing cell.

A pipeline that works with these only never needs Polars, whose import takes as long as a small
step. Every other pandas frame is held as a Polars frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

_TYPES = {
    "int8": "Int8",
    "int16": "Int16",
    "int32": "Int32",
    "int64": "Int64",
    "uint8": "UInt8",
    "uint16": "UInt16",
    "uint32": "UInt32",
    "uint64": "UInt64",
    "float": "Float32",
    "double": "Float64",
    "bool": "Boolean",
    "large_string": "String",
}
"""The types of plain columns: as Arrow and as Polars call them."""


class PlainColumns:
    """The columns of a plain pandas frame, as Arrow arrays that share its memory."""

    def __init__(self, frame: pd.DataFrame, cells: dict[str, pa.ChunkedArray]) -> None:
        self.rows = len(frame)
        self._frame = frame
        self._cells = cells

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self._cells)

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        import polars as pl

        kinds = {name: getattr(pl, kind) for name, kind, _ in self.columns()}
        return pl.Schema(kinds)

    def columns(self) -> list[tuple[str, str, pa.ChunkedArray]]:
        """Every column: its name, its type and its cells."""
        return [(name, _TYPES[str(cells.type)], cells) for name, cells in self._cells.items()]

    def read(self) -> pl.DataFrame:
        """The columns as a Polars frame."""
        import polars as pl

        from stepwell._data._arrow import series_of

        return pl.DataFrame([series_of(cells).alias(name) for name, cells in self._cells.items()])

    def to_pandas(self) -> pd.DataFrame:
        """The columns as pandas, numbered rows, in memory that nobody can write to."""
        import pandas as pd

        index = pd.RangeIndex(self.rows)
        columns = {
            name: pd.Series(_values(self._frame[name]), index=index, copy=False)
            for name in self._cells
        }
        return pd.DataFrame(columns, copy=False)


def plain_columns(frame: pd.DataFrame) -> PlainColumns | None:
    """The columns of a pandas frame that was checked; None unless all of them are plain."""
    from stepwell._data._pandas import checked_cells, copies_on_write

    if not (copies_on_write() and len(frame) and len(frame.columns)):
        return None
    if not all(_may_be_plain(kind) for kind in frame.dtypes):
        return None
    cells = {str(name): checked_cells(str(name), frame[name]) for name in frame.columns}
    is_plain = all(str(one.type) in _TYPES and not one.null_count for one in cells.values())
    return PlainColumns(frame, cells) if is_plain else None


def _may_be_plain(kind: Any) -> bool:
    import numpy as np

    if isinstance(kind, np.dtype):
        return kind.kind in "iufb"
    return bool(kind == "str") and kind.storage == "pyarrow"


def _values(column: Any) -> Any:
    """The cells of a pandas column in its own memory; NumPy's cannot be written to."""
    import numpy as np

    if not isinstance(column.dtype, np.dtype):
        return column.array
    values = column.to_numpy().view()
    values.setflags(write=False)
    return values
