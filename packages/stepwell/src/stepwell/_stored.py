"""Datasets in the store: a blob for every column, and a manifest that names them.

A step that adds a feature writes one column: columns are recognised by the memory that they stand
in, and one that came in through the inputs is neither hashed nor written again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell._canonical import ColumnWriter, batches, read_column, rebatched
from stepwell._dataset import Dataset
from stepwell._digest import DigestingSink, canonical_json, digest
from stepwell._errors import CorruptedError
from stepwell._roles import Roles

if TYPE_CHECKING:
    import polars as pl

    from stepwell._store import Store

FORMAT = "stepwell.dataset/1"


@dataclass(frozen=True)
class Column:
    """A column by the digest of its bytes, with its Polars type (as JSON)."""

    name: str
    type: str
    digest: str


class StoredColumns:
    """The columns of a dataset that lies in a store; read (memory-mapped) when asked."""

    def __init__(self, store: Store, columns: tuple[Column, ...], rows: int) -> None:
        self.store = store
        self.columns = columns
        self.rows = rows

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
        series = read_column(self.store.blob(column.digest), dtype_from_text(column.type))
        if len(series) != self.rows:
            raise CorruptedError(
                f"Column {column.name!r} has {len(series)} rows where its dataset has {self.rows}."
            )
        return series.alias(column.name)


def dtype_to_text(dtype: pl.DataType) -> str:
    """A Polars type as text that `dtype_from_text` understands."""
    import polars as pl

    if isinstance(dtype, pl.Enum):
        return canonical_json({"enum": dtype.categories.to_list()}).decode()
    if isinstance(dtype, pl.List):
        return canonical_json({"list": dtype_to_text(_dtype(dtype.inner))}).decode()
    if isinstance(dtype, pl.Array):
        inner = {"array": dtype_to_text(_dtype(dtype.inner)), "shape": dtype.shape[0]}
        return canonical_json(inner).decode()
    if isinstance(dtype, pl.Struct):
        fields = [[field.name, dtype_to_text(_dtype(field.dtype))] for field in dtype.fields]
        return canonical_json({"struct": fields}).decode()
    if isinstance(dtype, pl.Datetime):
        return f"Datetime[{dtype.time_unit}{',' + dtype.time_zone if dtype.time_zone else ''}]"
    if isinstance(dtype, pl.Duration):
        return f"Duration[{dtype.time_unit}]"
    if isinstance(dtype, pl.Decimal):
        return f"Decimal[{dtype.precision},{dtype.scale}]"
    return type(dtype).__name__


def dtype_from_text(text: str) -> pl.DataType:
    """The Polars type that `dtype_to_text` wrote; raises CorruptedError for any other text."""
    import json

    import polars as pl

    if text.startswith("{"):
        described = json.loads(text)
        if "enum" in described:
            return pl.Enum(described["enum"])
        if "list" in described:
            return pl.List(dtype_from_text(described["list"]))
        if "array" in described:
            return pl.Array(dtype_from_text(described["array"]), described["shape"])
        return pl.Struct({name: dtype_from_text(kind) for name, kind in described["struct"]})
    name, _, arguments = text.rstrip("]").partition("[")
    if name == "Datetime":
        unit, _, zone = arguments.partition(",")
        return pl.Datetime(unit, zone or None)  # type: ignore[arg-type]  # a unit that we wrote
    if name == "Duration":
        return pl.Duration(arguments)  # type: ignore[arg-type]  # a unit that we wrote
    if name == "Decimal":
        precision, scale = arguments.split(",")
        return pl.Decimal(int(precision), int(scale))
    dtype = _plain_types().get(name)
    if dtype is None:
        raise CorruptedError(f"A stored dataset names the type {name!r}, which does not exist.")
    return dtype()


def _plain_types() -> dict[str, type[pl.DataType]]:
    import polars as pl

    names = (
        "Binary Boolean Categorical Date Float16 Float32 Float64 Int8 Int16 Int32 Int64 Int128 "
        "Null String Time UInt8 UInt16 UInt32 UInt64 UInt128"
    )
    return {name: getattr(pl, name) for name in names.split() if hasattr(pl, name)}


def _dtype(dtype: Any) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def put_dataset(store: Store, dataset: Dataset, kin: Iterable[Dataset] = ()) -> str:
    """Store what the store lacks of `dataset` and return its fingerprint.

    Columns that stand in the same memory as a stored column of `kin` are neither hashed nor
    written.
    """
    import polars as pl

    if isinstance(dataset._given, pl.LazyFrame) and "_frame" not in dataset.__dict__:
        columns, rows = _stream(store, dataset)
    elif isinstance(dataset._given, StoredColumns):
        columns, rows = _copied(store, dataset._given), dataset._given.rows
    else:
        columns, rows = _put_frame(store, dataset, kin), len(dataset)
    manifest = manifest_bytes(columns, rows, dataset.roles)
    dataset.__dict__["_stored_columns"] = (store, columns)
    dataset.__dict__["fingerprint"] = store.put_blob(manifest)
    return dataset.fingerprint


def get_dataset(store: Store, fingerprint: str) -> Dataset:
    """The stored dataset of this fingerprint."""
    import json

    document = json.loads(bytes(store.blob(fingerprint)))
    if document.get("format") != FORMAT:
        raise CorruptedError(f"Blob {fingerprint[:12]} is no dataset of format {FORMAT}.")
    columns = tuple(Column(*column) for column in document["columns"])
    stored = StoredColumns(store, columns, document["rows"])
    dataset = Dataset._stored(stored, Roles(document["roles"]))
    dataset.__dict__["fingerprint"] = fingerprint
    dataset.__dict__["_stored_columns"] = (store, columns)
    return dataset


def manifest_bytes(columns: Iterable[Column], rows: int, roles: Roles) -> bytes:
    """What a dataset consists of, as canonical JSON; its digest is the fingerprint."""
    described = [[column.name, column.type, column.digest] for column in columns]
    return canonical_json(
        {"format": FORMAT, "rows": rows, "columns": described, "roles": roles.to_json()}
    )


def fingerprint_of(dataset: Dataset) -> str:
    """The digest of the manifest that `dataset` would have; writes nothing."""
    given = dataset._given
    if isinstance(given, StoredColumns):
        return digest(manifest_bytes(given.columns, given.rows, dataset.roles))
    frame = dataset.to_polars()
    columns = tuple(_digested(frame[name]) for name in frame.columns)
    return digest(manifest_bytes(columns, frame.height, dataset.roles))


def _digested(series: pl.Series) -> Column:
    sink = DigestingSink()
    _write(series, sink)
    return Column(series.name, dtype_to_text(series.dtype), sink.hexdigest())


def _write(series: pl.Series, sink: DigestingSink) -> None:
    writer = ColumnWriter(series.dtype, sink)
    for batch in batches(series.to_frame()):
        writer.write(batch.to_series())
    writer.close()


def _put_frame(store: Store, dataset: Dataset, kin: Iterable[Dataset]) -> tuple[Column, ...]:
    known = _known_columns(store, kin)
    frame = dataset.to_polars()
    return tuple(_put_column(store, frame[name], known) for name in frame.columns)


def _put_column(store: Store, series: pl.Series, known: Mapping[Any, str]) -> Column:
    dtype = dtype_to_text(series.dtype)
    found = known.get((dtype, _memory_of(series))) if known else None
    if found is None:
        with store.blob_writer() as writer:
            _write(series, writer.sink)
        found = writer.digest
    return Column(series.name, dtype, found)


def _known_columns(store: Store, kin: Iterable[Dataset]) -> dict[Any, str]:
    """Digests of the columns of `kin` that are in `store` already, by type and memory."""
    known: dict[Any, str] = {}
    for dataset in kin:
        stored_in, columns = dataset.__dict__.get("_stored_columns", (None, ()))
        if stored_in is not store or not _in_memory(dataset):
            continue
        for column in columns:
            for memory in _memories_of(dataset, column.name):
                known[column.type, memory] = column.digest
    return known


def _in_memory(dataset: Dataset) -> bool:
    import polars as pl

    return isinstance(dataset._given, pl.DataFrame) or "_frame" in dataset.__dict__


def _memories_of(dataset: Dataset, name: str) -> Iterator[Any]:
    """Where the column stands: in the Polars frame, and in the pandas frame that was handed out."""
    import polars as pl

    yield _memory_of(dataset._frame[name])
    if "_pandas" in dataset.__dict__:
        yield _memory_of(pl.from_pandas(dataset._pandas[name], nan_to_null=False))


def _memory_of(series: pl.Series) -> Any:
    """The addresses and lengths of the buffers of `series`: equal for the same, unchanged cells.

    Only true while somebody holds the frame that the addresses were taken from.
    """
    import polars as pl

    if not len(series):
        return None, len(series)
    exported: Any = series.to_arrow(compat_level=pl.CompatLevel.newest())
    chunks = exported.chunks if hasattr(exported, "chunks") else [exported]
    return tuple(
        (chunk.offset, len(chunk), *((b.address, b.size) for b in chunk.buffers() if b is not None))
        for chunk in chunks
    )


def _copied(store: Store, given: StoredColumns) -> tuple[Column, ...]:
    if given.store is not store:
        for column in given.columns:
            store.put_blob(given.store.blob(column.digest))
    return given.columns


def _stream(store: Store, dataset: Dataset) -> tuple[tuple[Column, ...], int]:
    """Write a lazy dataset batch by batch, in bounded memory."""
    from contextlib import ExitStack

    from stepwell._polars import without_cells

    schema = dataset.schema
    rows = 0
    with ExitStack() as stack, without_cells():
        blobs = [stack.enter_context(store.blob_writer()) for _ in schema]
        writers = [
            ColumnWriter(dtype, blob.sink)
            for dtype, blob in zip(schema.dtypes(), blobs, strict=True)
        ]
        for frame in rebatched(dataset.lazy().collect_batches(maintain_order=True)):
            rows += frame.height
            for writer, series in zip(writers, frame.iter_columns(), strict=True):
                writer.write(series)
        for writer in writers:
            writer.close()
    columns = tuple(
        Column(name, dtype_to_text(dtype), blob.digest)
        for (name, dtype), blob in zip(schema.items(), blobs, strict=True)
    )
    dataset._given = StoredColumns(store, columns, rows)
    return columns, rows
