"""Rows as digests that stay the same in every library, chunking and process.

The input of a row's hash is the text of its cells, in the order of their columns' names:

    missing (null or NaN)   -
    text                    s<bytes>:<text>          also categoricals and enums
    Boolean                 b1 or b0
    whole number            n<digits>;               integers, 3.0, and decimals such as 3.00
    other float             f<bits as an integer>;   of the 64-bit float
    other decimal           d<digits>;               without trailing zeros
    date, date and time     t<microseconds>;         since 1970 (in UTC if there is a time zone)
    duration, time of day   u<microseconds>;
    bytes                   x<length>:<hexadecimal>
    list, struct            j<bytes>:<JSON>

Containers do not count (Int32 or Int64, text or category, a float column that holds whole
numbers), so that a row keeps its hash when a column gains its first missing value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

_CELLS = 1_000_000  # that exist as text at the same time


def row_hashes(
    frame: pl.DataFrame, columns: Sequence[str], *, purpose: str = "stepwell rows"
) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each row over `columns`: keyed BLAKE3, with a key derived from `purpose`.

    Independent of chunking, process, order of columns and width of types.
    """
    import numpy as np
    from blake3 import blake3

    key = blake3(purpose.encode(), derive_key_context="stepwell 2026 row hashes").digest()
    chosen = frame.select(sorted(columns))
    digests = [
        blake3(text.encode(), key=key).digest(8)
        for rows in chosen.iter_slices(max(1, _CELLS // max(1, chosen.width)))
        for text in row_texts(rows)
    ]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)


def row_texts(frame: pl.DataFrame) -> pl.Series:
    """The canonical text of each row; two rows with the same text have equal cells."""
    import polars as pl

    if not frame.width:
        return pl.Series([""] * frame.height, dtype=pl.String)
    texts = {name: cells for same in _by_type(frame) for name, cells in _cell_texts(same)}
    return (
        pl.DataFrame([texts[name] for name in frame.columns]).select(pl.concat_str("*")).to_series()
    )


def _by_type(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    names: dict[pl.DataType, list[str]] = {}
    for name, kind in frame.schema.items():
        names.setdefault(kind, []).append(name)
    return (frame.select(same) for same in names.values())


def _cell_texts(frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """The texts of columns of one type; stacked, since ten thousand expressions take long."""
    import polars as pl

    stacked = pl.DataFrame({"cell": pl.concat([column.alias("cell") for column in frame])})
    text = _text_of(pl.col("cell"), frame.dtypes[0]).fill_null("-")
    texts = stacked.select(text).to_series()
    for position, name in enumerate(frame.columns):
        yield name, texts.slice(position * frame.height, frame.height).alias(name)


def _text_of(cell: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """The text of a column's cells; null where they are missing."""
    import polars as pl

    if kind.is_decimal():
        return _decimal(cell)
    if kind.is_integer():
        return pl.format("n{};", cell)
    if kind.is_float():
        return _float(cell.cast(pl.Float64).fill_nan(None))
    if kind in (pl.String, pl.Categorical, pl.Enum):
        return _measured("s", cell.cast(pl.String))
    if kind == pl.Boolean:
        return pl.format("b{}", cell.cast(pl.Int8))
    if kind in (pl.Date, pl.Datetime):
        return pl.format("t{};", cell.dt.epoch("us"))
    if kind in (pl.Duration, pl.Time):
        return pl.format("u{};", cell.cast(pl.Duration("us")).dt.total_microseconds())
    if kind == pl.Binary:
        return _measured("x", cell.bin.encode("hex"))
    if kind == pl.Null:
        return cell.cast(pl.String)
    return pl.when(cell.is_not_null()).then(_measured("j", pl.struct(cell).struct.json_encode()))


def _float(cell: pl.Expr) -> pl.Expr:
    import polars as pl

    whole = (cell == cell.round(0)) & (cell.abs() < 2.0**63)
    bits = cell.fill_null(0.0).map_batches(_bits, return_dtype=pl.Int64)
    digits = pl.format("n{};", cell.cast(pl.Int64, strict=False))
    return pl.when(whole).then(digits).when(cell.is_not_null()).then(pl.format("f{};", bits))


def _bits(values: pl.Series) -> pl.Series:
    import numpy as np
    import polars as pl

    return pl.Series(values.to_numpy().view(np.int64))


def _decimal(cell: pl.Expr) -> pl.Expr:
    import polars as pl

    digits = cell.cast(pl.String).str.replace(r"\.?0*$", "")
    written = pl.when(cell.cast(pl.String).str.contains(".", literal=True)).then(digits)
    text = written.otherwise(cell.cast(pl.String)).replace("-0", "0")
    tag = pl.when(text.str.contains(".", literal=True)).then(pl.lit("d")).otherwise(pl.lit("n"))
    return pl.format("{}{};", tag, text)


def _measured(tag: str, text: pl.Expr) -> pl.Expr:
    import polars as pl

    return pl.format(tag + "{}:{}", text.str.len_bytes(), text)
