"""The cells of a column, field by field, and as texts, whatever the type of the column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from stepwell import DataError

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["text", "number", "bytes", "time", "nothing"]


@dataclass(frozen=True)
class Cells:
    """The cells, without nulls, of a flat column or of one field inside of a nested column.

    `path` is the name of the column, or for example `contact.email` or `tags[]`; `frame` has the
    columns `row` and `cell`.
    """

    path: str
    kind: Kind
    frame: pl.DataFrame


def kind_of(dtype: pl.DataType) -> Kind:
    """How cells of this type (which is not nested) are looked at."""
    import polars as pl

    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype in (pl.Boolean, pl.Null):
        return "nothing"
    if dtype.is_temporal():
        return "time"
    if dtype.is_numeric():
        return "number"
    if dtype == pl.Binary:
        return "bytes"
    raise DataError(f"Columns of the type {type(dtype).__name__} cannot be scanned.")


def fields_of(name: str, dtype: pl.DataType) -> Iterator[tuple[str, pl.DataType]]:
    """The paths and types of what a column is made of: itself, or the fields nested in it."""
    nested = inner_fields(name, dtype)
    if nested is None:
        yield name, dtype
        return
    for path, inner in nested:
        yield from fields_of(path, inner)


def inner_fields(path: str, dtype: pl.DataType) -> list[tuple[str, pl.DataType]] | None:
    """The paths and types one level inside of a nested type; None for a flat one."""
    import polars as pl

    if isinstance(dtype, pl.List | pl.Array):
        return [(f"{path}[]", dtype.inner)]  # type: ignore[list-item]  # instantiated in a schema
    if isinstance(dtype, pl.Struct):
        return [(f"{path}.{f.name}", f.dtype) for f in dtype.fields]  # type: ignore[misc]  # as above
    return None


def cells_of(rows: pl.Series, column: pl.Series) -> Iterator[Cells]:
    """The cells of `column`, field by field; `rows` numbers its rows."""
    import polars as pl

    yield from _cells(column.name, column.dtype, pl.DataFrame({"row": rows, "cell": column}))


def _cells(path: str, dtype: pl.DataType, frame: pl.DataFrame) -> Iterator[Cells]:
    import polars as pl

    present = frame.filter(pl.col("cell").is_not_null()) if frame["cell"].null_count() else frame
    if isinstance(dtype, pl.List | pl.Array):
        [(inner_path, inner)] = inner_fields(path, dtype) or []
        yield from _cells(inner_path, inner, present.explode("cell"))
    elif isinstance(dtype, pl.Struct):
        for field, (inner_path, inner) in zip(
            dtype.fields, inner_fields(path, dtype) or [], strict=True
        ):
            cell = pl.col("cell").struct.field(field.name).alias("cell")
            yield from _cells(inner_path, inner, present.select("row", cell))
    else:
        yield Cells(path, kind_of(dtype), present)


def texts_of(cells: pl.Series) -> pl.Series:
    """Flat cells as texts; null for fractions, and for bytes that are no UTF-8."""
    import polars as pl

    if cells.dtype == pl.Binary:
        return pl.Series([_decoded(cell) for cell in cells], dtype=pl.String)
    if cells.dtype.is_integer() or kind_of(cells.dtype) == "text":
        return cells.cast(pl.String)
    if not cells.dtype.is_numeric():
        return cells.to_physical().cast(pl.String)
    whole = cells.cast(pl.Int128, strict=False)
    same = whole.cast(cells.dtype, strict=False).eq(cells)
    return pl.select(pl.when(same).then(whole.cast(pl.String))).to_series()


def _decoded(cell: bytes | None) -> str | None:
    try:
        return cell.decode("utf-8") if cell is not None else None
    except UnicodeDecodeError:
        return None
