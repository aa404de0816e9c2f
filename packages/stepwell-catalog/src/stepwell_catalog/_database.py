"""A table of a database as an Arrow file: one query, batch by batch, every cell as it is."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from stepwell import DataError
from stepwell.authoring import did_you_mean, listed, new_folder
from stepwell_catalog._columns import Column
from stepwell_catalog._connection import connected, real_url, scheme_of
from stepwell_catalog._last_read import recalled, remember
from stepwell_catalog._server import Server

_MOST_DIGITS = 38
_PRECISION = re.compile(r"\((\d+)\s*(?:,\s*(\d+))?\)")
_TABLES = {
    "postgresql": "SELECT table_schema || '.' || table_name FROM information_schema.tables "
    "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')",
}


def table_file(server: Server, columns: Sequence[Column]) -> Path:
    """The rows of a table in a new Arrow file, in the order of the primary key if there is one.

    Raises DataError for a table that does not exist, and for types that no dataset has.
    """
    path = new_folder() / "table.arrow"
    with path.open("wb") as kept:
        remember(server.place, _copied(server, columns, kept))
    return path


def table_digest(server: Server, columns: Sequence[Column]) -> str:
    """The digest of what `table_file` would write, or has just written in this run."""
    return recalled(server.place) or _copied(server, columns)


def _copied(server: Server, columns: Sequence[Column], kept: BinaryIO | None = None) -> str:
    """The digest of the rows of a table as an Arrow file, which is written to `kept`, if given."""
    digest = _Digest(kept)
    with pa.PythonFile(digest, mode="w") as file:
        _copy(server, columns, file)
    return digest.hexdigest()


class _Digest(io.RawIOBase):
    """A file that takes the digest of what is written to it, on its way to another, if any."""

    def __init__(self, kept: BinaryIO | None) -> None:
        self._digest = hashlib.blake2b(digest_size=32)
        self._kept = kept

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def write(self, content: Any) -> int:
        """Take the bytes into the digest, and write them."""
        self._digest.update(content)
        if self._kept is not None:
            self._kept.write(content)
        return len(content)

    def hexdigest(self) -> str:
        """The digest so far."""
        return self._digest.hexdigest()


def _copy(server: Server, columns: Sequence[Column], file: Any) -> None:
    """Write the rows of a table as an Arrow file."""
    place, scheme = server.place, scheme_of(real_url(server.url or ""))
    with connected(server, place) as connection, connection.cursor() as cursor:
        _check_exists(cursor, server, scheme, place)
        table = _table(server, scheme)
        cursor.execute(f"SELECT * FROM {table} WHERE 1 = 0")  # noqa: S608 - the name is quoted
        schema = cursor.fetch_record_batch().schema
        names = _selected(schema, scheme)
        order = _order(columns, schema, scheme)
        cursor.execute(f"SELECT {names} FROM {table}{order}")  # noqa: S608 - all are quoted
        _write(cursor.fetch_record_batch(), file, columns, place)


def _check_exists(cursor: Any, server: Server, scheme: str, place: str) -> None:
    """Say which tables there are if this one is not: the database's own error ends a connection."""
    if scheme not in _TABLES:
        return
    cursor.execute(_TABLES[scheme])
    names = cursor.fetch_arrow_table().column(0).to_pylist()
    wanted = f"{server.schema}.{server.table}" if server.schema else server.table
    is_there = [name for name in names if wanted in (name, name.partition(".")[2])]
    if not is_there:
        raise DataError(
            f"{place} does not exist.",
            hint=f"{did_you_mean(wanted, names)} Tables: {listed(sorted(names))}.".strip(),
        )


def _table(server: Server, scheme: str) -> str:
    parts = [server.schema, server.table] if server.schema else [server.table]
    return ".".join(_quoted(str(part), scheme) for part in parts)


def _quoted(name: str, scheme: str) -> str:
    mark = "`" if scheme == "mysql" else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"


def _selected(schema: pa.Schema, scheme: str) -> str:
    """All columns; those whose type Arrow does not have as text."""
    names = []
    for field in schema:
        name = _quoted(field.name, scheme)
        as_text = _is_foreign(field.type)
        names.append(f"CAST({name} AS text) AS {name}" if as_text else name)
    return ", ".join(names)


def _is_foreign(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.OpaqueType):
        return bool(kind.type_name != "numeric")
    return isinstance(kind, pa.UuidType) or kind == pa.month_day_nano_interval()


def _order(columns: Sequence[Column], schema: pa.Schema, scheme: str) -> str:
    keys = sorted(
        (column.key_position, column.name)
        for column in columns
        if column.key_position is not None and column.name in schema.names
    )
    names = ", ".join(_quoted(name, scheme) for _, name in keys)
    return f" ORDER BY {names}" if names else ""


def _write(reader: pa.RecordBatchReader, file: Any, columns: Sequence[Column], place: str) -> None:
    described = {column.name: column for column in columns}
    schema = pa.schema([_field(one, described.get(one.name), place) for one in reader.schema])
    with pa.ipc.new_file(file, schema) as writer:
        for batch in reader:
            writer.write_batch(_as_plain(batch, schema, place))


def _field(field: pa.Field, column: Column | None, place: str) -> pa.Field:
    kind = field.type
    if isinstance(kind, pa.OpaqueType):
        kind = _decimal(field, column, place)
    elif isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return pa.field(field.name, kind)


def _decimal(field: pa.Field, column: Column | None, place: str) -> pa.DataType:
    """The decimal type of a numeric column: as the database, else as the contract says it."""
    digits = _of_modifier(field.metadata or {}) or _of_contract(column)
    if digits is None:
        raise DataError(
            f"{place}: column {field.name!r} is numeric without a number of digits.",
            hint="Say how many the contract has: physicalType: numeric(20, 4)",
        )
    if digits[0] > _MOST_DIGITS:
        raise DataError(
            f"{place}: column {field.name!r} has {digits[0]} digits; a dataset holds at most "
            f"{_MOST_DIGITS}."
        )
    return pa.decimal128(*digits)


def _of_modifier(metadata: Mapping[bytes, bytes]) -> tuple[int, int] | None:
    """Precision and scale as PostgreSQL encodes them."""
    modifier = int(metadata.get(b"POSTGRESQL:typmod", b"-1"))
    return None if modifier < 0 else ((modifier - 4) >> 16, (modifier - 4) & 0xFFFF)


def _of_contract(column: Column | None) -> tuple[int, int] | None:
    found = _PRECISION.search((column.physical_type or "") if column is not None else "")
    return (int(found[1]), int(found[2] or 0)) if found else None


def _as_plain(batch: pa.RecordBatch, schema: pa.Schema, place: str) -> pa.RecordBatch:
    """A batch without extension types. Raises DataError for a number that does not fit."""
    arrays = []
    for array, field in zip(batch.columns, schema, strict=True):
        plain = array.storage if isinstance(array, pa.ExtensionArray) else array
        try:
            arrays.append(pc.cast(plain, field.type) if plain.type != field.type else plain)
        except pa.ArrowInvalid:
            raise DataError(
                f"{place}: a value of column {field.name!r} does not fit {field.type}.",
                hint="A dataset has no NaN among decimals; give the column more digits in the "
                "contract, or its type in the database.",
            ) from None
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
