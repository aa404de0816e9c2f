"""Datasets in the store: a blob for every column, and a manifest that names them.

A step that adds a feature writes one column: columns are recognised by the memory that they stand
in, and one that came in through the inputs is neither hashed nor written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from stepwell._data._canonical import Cells, ColumnWriter, batches, rebatched
from stepwell._data._column_bytes import read_column
from stepwell._data._dataset import Dataset
from stepwell._data._dtypes import dtype_from_text, dtype_to_text
from stepwell._data._manifest import FORMAT, Column, manifest_bytes, parsed_manifest
from stepwell._data._plain import PlainColumns
from stepwell._digest import DigestingSink, digest
from stepwell._errors import CorruptedError

if TYPE_CHECKING:
    import polars as pl

    from stepwell._storage._store import Store

LARGE = 4 * 2**30
"""From inputs of this many bytes on, what is made of them lazily is never held as a whole."""

AT_ONCE = 4
"""Columns made durable side by side, while the next is written: a disk syncs several files in the
time of one.
"""

MOST_STREAMED = 500
"""A dataset with more columns is not streamed: each would need a file of its own to be open."""


class StoredColumns:
    """The columns of a dataset that lies in a store; read (memory-mapped) when asked."""

    def __init__(self, store: Store, columns: tuple[Column, ...], rows: int) -> None:
        self.store = store
        self.columns = columns
        self.rows = rows

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        import polars as pl

        return pl.Schema({column.name: dtype_from_text(column.type) for column in self.columns})

    def read(self) -> pl.DataFrame:
        """All columns as a frame; raises CorruptedError for bytes that are not what they were."""
        import polars as pl

        if not self.columns:
            return pl.DataFrame(height=self.rows)
        return pl.DataFrame([self._read(column) for column in self.columns])

    def _read(self, column: Column) -> pl.Series:
        dtype = dtype_from_text(column.type)
        series = read_column(self.store.blob(column.digest), dtype, rows=self.rows)
        if series is None:
            raise CorruptedError(
                f"The stored column {column.name!r} is no column of {self.rows} rows."
            )
        return series.alias(column.name)


def put_dataset(store: Store, dataset: Dataset, kin: Iterable[Dataset] = ()) -> str:
    """Store what the store lacks of `dataset` and return its fingerprint.

    Columns that stand in the same memory as a stored column of `kin` are neither hashed nor
    written. Lazy frames that read files, or much memory, are written batch by batch.
    """
    kin = list(kin)
    if _is_streamed(dataset, kin):
        columns, rows = _stream(store, dataset)
    elif isinstance(dataset._given, StoredColumns):
        columns, rows = _copied(store, dataset._given), dataset._given.rows
    else:
        columns, rows = _put_frame(store, dataset, [dataset, *kin]), len(dataset)
    manifest = manifest_bytes(columns, rows, dataset.roles, dataset.origins)
    dataset.__dict__["_stored_columns"] = (store, columns)
    dataset.__dict__["fingerprint"] = store.put_blob(manifest)
    return dataset.fingerprint


def _is_streamed(dataset: Dataset, kin: list[Dataset]) -> bool:
    if not dataset.is_lazy or len(dataset.columns) > MOST_STREAMED:
        return False
    from stepwell._data._polars import reads_memory_only

    held = sum(one._frame.estimated_size() for one in kin if _in_memory(one))
    return held >= LARGE or not reads_memory_only(dataset.lazy())


def get_dataset(store: Store, fingerprint: str) -> Dataset:
    """The stored dataset of this fingerprint. Raises StoreError, CorruptedError."""
    try:
        columns, rows, roles, origins = parsed_manifest(store.blob(fingerprint))
    except ValueError:
        raise CorruptedError(f"Blob {fingerprint[:12]} is no dataset of format {FORMAT}.") from None
    dataset = Dataset._stored(StoredColumns(store, columns, rows), roles, origins)
    dataset.__dict__["fingerprint"] = fingerprint
    dataset.__dict__["_stored_columns"] = (store, columns)
    return dataset


def fingerprint_of(dataset: Dataset) -> str:
    """The digest of the manifest that `dataset` would have; writes nothing."""
    given = dataset._given
    if isinstance(given, StoredColumns):
        return digest(manifest_bytes(given.columns, given.rows, dataset.roles, dataset.origins))
    columns = tuple(_digested(one) for one in _loose_columns(dataset))
    return digest(manifest_bytes(columns, len(dataset), dataset.roles, dataset.origins))


@dataclass(frozen=True)
class _LooseColumn:
    """A column in memory, with its Polars type as text."""

    name: str
    type: str
    cells: Cells


def _loose_columns(dataset: Dataset) -> list[_LooseColumn]:
    if isinstance(dataset._given, PlainColumns):
        return [_LooseColumn(*column) for column in dataset._given.columns()]
    return [
        _LooseColumn(series.name, dtype_to_text(series.dtype), series)
        for series in dataset.to_polars().iter_columns()
    ]


def _digested(column: _LooseColumn) -> Column:
    sink = DigestingSink()
    _write(column, sink)
    return Column(column.name, column.type, sink.hexdigest())


def _write(column: _LooseColumn, sink: DigestingSink) -> None:
    writer = ColumnWriter(sink)
    for batch in batches(column.cells):
        writer.write(batch)
    writer.close()


def _put_frame(store: Store, dataset: Dataset, kin: Iterable[Dataset]) -> tuple[Column, ...]:
    kin = list(kin)
    known = _known_columns(store, kin)
    earlier = {column for one in kin for column in _columns_in(store, one)}
    columns = _loose_columns(dataset)
    turns = Semaphore(AT_ONCE)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        digests = [
            _known_digest(one, known, earlier) or _written(store, one, threads, turns)
            for one in columns
        ]
    return tuple(
        Column(one.name, one.type, kept if isinstance(kept, str) else kept.result())
        for one, kept in zip(columns, digests, strict=True)
    )


def _known_digest(
    column: _LooseColumn, known: Mapping[Any, str], earlier: set[Column]
) -> str | None:
    """The digest of a column that is stored: in known memory, or as an earlier one of its name."""
    found = known.get((column.type, _memory_of(column.cells))) if known else None
    if found is None and any((e.name, e.type) == (column.name, column.type) for e in earlier):
        again = _digested(column)  # pandas copies text: to hash it is cheaper than to write it
        found = again.digest if again in earlier else None
    return found


def _written(
    store: Store, column: _LooseColumn, threads: ThreadPoolExecutor, turns: Semaphore
) -> Future[str]:
    """The digest of a column that is written; it is known when the column is durable."""
    turns.acquire()
    with ExitStack() as writing:
        writing.callback(turns.release)
        writer = writing.enter_context(store.blob_writer())
        _write(column, writer.sink)
        written = writing.pop_all()

    def durable() -> str:
        written.close()
        return writer.digest

    return threads.submit(durable)


def _known_columns(store: Store, kin: Iterable[Dataset]) -> dict[Any, str]:
    """Digests of the columns of `kin` that are in `store` already, by type and memory."""
    known: dict[Any, str] = {}
    for dataset in kin:
        if not _in_memory(dataset):
            continue
        stored = {column.name: column.digest for column in _columns_in(store, dataset)}
        for loose in _loose_columns(dataset) if stored else ():
            known[loose.type, _memory_of(loose.cells)] = stored[loose.name]
    return known


def _columns_in(store: Store, dataset: Dataset) -> tuple[Column, ...]:
    """The columns of a dataset that are in this store already."""
    stored_in, columns = dataset.__dict__.get("_stored_columns", (None, ()))
    return columns if stored_in is store else ()


def _in_memory(dataset: Dataset) -> bool:
    return "_frame" in dataset.__dict__ or not (
        dataset.is_lazy or isinstance(dataset._given, StoredColumns)
    )


def _memory_of(cells: Cells) -> Any:
    """The addresses and lengths of the buffers of `cells`: equal for the same, unchanged cells.

    Only true while somebody holds the frame that the addresses were taken from.
    """
    import pyarrow as pa

    if not len(cells):
        return None
    exported = cells if isinstance(cells, pa.ChunkedArray) else _exported(cells)
    chunks = exported.chunks if isinstance(exported, pa.ChunkedArray) else [exported]
    return tuple(_place_of(chunk) for chunk in chunks)


def _exported(series: pl.Series) -> Any:
    import polars as pl

    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.to_physical()
    return series.to_arrow(compat_level=pl.CompatLevel.newest())


def _place_of(array: Any) -> Any:
    """Where an array and the arrays nested in it, which have offsets of their own, stand."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_struct(kind):
        nested = [array.field(position) for position in range(kind.num_fields)]
    else:
        nested = [array.values] if hasattr(array, "values") else []
    own = array.buffers()[: kind.num_buffers]
    return (
        array.offset,
        len(array),
        *((buffer.address, buffer.size) if buffer is not None else None for buffer in own),
        *(_place_of(one) for one in nested),
    )


def _copied(store: Store, given: StoredColumns) -> tuple[Column, ...]:
    if given.store is not store:
        for column in given.columns:
            store.put_blob(given.store.blob(column.digest))
    return given.columns


def _stream(store: Store, dataset: Dataset) -> tuple[tuple[Column, ...], int]:
    """Write a lazy dataset batch by batch, in bounded memory."""
    import polars as pl

    from stepwell._data._polars import without_cells

    schema = dataset.schema
    rows = 0
    with ExitStack() as stack, without_cells():
        blobs = [stack.enter_context(store.blob_writer()) for _ in schema]
        writers = [ColumnWriter(blob.sink) for blob in blobs]
        for frame in rebatched(dataset.lazy().collect_batches(maintain_order=True)):
            rows += frame.height
            for writer, series in zip(writers, frame.iter_columns(), strict=True):
                writer.write(series)
        for writer, dtype in zip(writers, schema.dtypes(), strict=True):
            if not rows:
                writer.write(pl.Series([], dtype=dtype))
            writer.close()
    dataset.was_read()
    columns = tuple(
        Column(name, dtype_to_text(dtype), blob.digest)
        for (name, dtype), blob in zip(schema.items(), blobs, strict=True)
    )
    dataset._given = StoredColumns(store, columns, rows)
    return columns, rows
