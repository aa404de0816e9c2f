"""The data of a contract, wherever it lies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from stepwell import ConfigurationError, DataError, Dataset, Load
from stepwell.authoring import did_you_mean, listed, without_cells
from stepwell_catalog._columns import Column
from stepwell_catalog._connection import real_url, scheme_of
from stepwell_catalog._server import LOADED, FileFormat, Server, format_of
from stepwell_catalog._types import written_type

if TYPE_CHECKING:
    from stepwell_catalog._contract import Contract

_ALL_FILES = re.compile(r"/\*(\.\w+)*$")
_TEXT = ("csv", "jsonl")
_UNIT = (b"unit", b"units")


@dataclass(frozen=True)
class Read:
    """Data as it was read, with the units that it names itself."""

    data: Dataset
    units: Mapping[str, str]


def state_of(contract: Contract, server: Server) -> Any:
    """What tells the content on a server from any other: digests. Reads all of it."""
    if server.url is None:
        return _load(contract, server).external_state()
    from stepwell_catalog._database import table_digest

    return table_digest(server, contract.columns)


def read(contract: Contract, server: Server) -> Read:
    """The rows on a server, with the types of the contract where the source has texts.

    Raises DataError for what cannot be read. A large table goes through a temporary file.
    """
    if server.url is None:
        load = _load(contract, server)
        data = _loaded(load, contract)
        is_text = load.format in _TEXT
        return Read(_typed(data, contract.columns) if is_text else data, _units(load))
    from stepwell_catalog._database import table_file

    data = Load(source=table_file(server, contract.columns).as_posix()).run().data
    is_text = scheme_of(real_url(server.url)) == "sqlite"
    return Read(_typed(data, contract.columns) if is_text else data, {})


def _loaded(load: Load, contract: Contract) -> Dataset:
    """What `Load` reads; that columns are missing is told by the contract, not by it."""
    try:
        return load.run().data
    except DataError as error:
        plain = _without_types(load)
        if plain is not None and not set(load.types) <= set(plain.columns):
            return plain
        if "Load(" not in (error.hint or ""):
            raise
        hint = f"Say what it is in {contract.path}: format, delimiter or logicalType."
        raise DataError(error.message, hint=hint) from None


def _without_types(load: Load) -> Dataset | None:
    try:
        return load.model_copy(update={"types": {}}).run().data if load.types else None
    except DataError:
        return None


def server_named(contract: Contract, server: str | None) -> Server:
    """The server of this name, else the first of a contract. Raises ConfigurationError."""
    names = [one.name for one in contract.servers]
    if not names:
        raise ConfigurationError(
            f"The contract {contract.label} has no server.", hint="Say where the data lies: servers"
        )
    if server is not None and server not in names:
        near = did_you_mean(server, names)
        raise ConfigurationError(
            f"The contract {contract.label} has no server {server!r}.",
            hint=f"{near} Servers: {listed(names)}.".strip(),
        )
    chosen = contract.servers[names.index(server) if server is not None else 0]
    if chosen.source is None and chosen.url is None:
        raise ConfigurationError(
            f"Data cannot be loaded from server {chosen.name!r}, which is of the type "
            f"{chosen.type}.",
            hint=f"Types: {listed(LOADED)}; or a server with the custom property url.",
        )
    return chosen


def _load(contract: Contract, server: Server) -> Load:
    format_ = server.format or format_of(server.source or "")
    texts = [column.name for column in contract.columns if column.type == "string"]
    return Load(
        source=_place(server.source or "", contract.path.parent),
        format=format_,
        separator=server.separator if format_ == "csv" else None,
        types=dict.fromkeys(texts, "String") if format_ in _TEXT else {},
        storage_options=server.storage_options,
        null_values=("",) if server.null_values is None else server.null_values,
    )


def _place(source: str, beside: Path) -> str:
    """The path relative to the working directory, else to the contract or the folder above it."""
    whole = _ALL_FILES.sub("", source)  # all files of a folder are the folder
    if "://" in whole or "${" in whole:
        return whole
    places = [Path(whole), beside / whole, beside.parent / whole]
    return next((place.as_posix() for place in places if place.exists()), whole)


def _typed(data: Dataset, columns: Sequence[Column]) -> Dataset:
    """The data with columns as the contract says, where no cell is lost by it.

    What cannot be converted stays as it is, and is told as a difference.
    """
    casts = {
        column.name: written_type(column)
        for column in columns
        if column.name in data.schema and _is_convertible(column, data.schema[column.name])
    }
    kept = _without_loss(data, casts)
    if not kept:
        return data
    return data.with_data(
        data.lazy().with_columns(_cast(name, data.schema[name], casts[name]) for name in kept)
    )


def _is_convertible(column: Column, dtype: pl.DataType) -> bool:
    wanted = written_type(column)
    return (
        wanted is not None and dtype != wanted and _ROUTES.get((_kind(dtype), column.type), False)
    )


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_integer():
        return "integer"
    return "string" if isinstance(dtype, pl.String) else "float" if dtype.is_float() else "other"


_ROUTES: Mapping[tuple[str, str | None], bool] = {
    ("integer", "number"): True,
    ("integer", "integer"): True,
    ("integer", "boolean"): True,
    ("float", "number"): True,
    ("string", "date"): True,
    ("string", "timestamp"): True,
    ("string", "time"): True,
    ("string", "integer"): True,
    ("string", "number"): True,
    ("string", "boolean"): True,
}


def _cast(name: str, dtype: pl.DataType, wanted: Any) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.String) and wanted == pl.Date:
        return column.str.to_date(strict=False)
    if isinstance(dtype, pl.String) and isinstance(wanted, pl.Datetime):
        return column.str.to_datetime(time_unit="us", strict=False)
    if isinstance(dtype, pl.String) and wanted == pl.Time:
        return column.str.to_time(strict=False)
    return column.cast(wanted, strict=False)


def _without_loss(data: Dataset, casts: Mapping[str, Any]) -> list[str]:
    """The columns of which every filled cell has a value in the wanted type, and the same."""
    if not casts:
        return []
    lost = [_is_lost(name, data.schema[name], wanted).alias(name) for name, wanted in casts.items()]
    with without_cells():
        found = data.lazy().select(lost).collect(engine="streaming").row(0, named=True)
    return [name for name in casts if not found[name]]


def _is_lost(name: str, dtype: pl.DataType, wanted: Any) -> pl.Expr:
    made, column = _cast(name, dtype, wanted), pl.col(name)
    lost = (made.is_null() & column.is_not_null()).any()
    if isinstance(dtype, pl.String):
        return lost
    return lost | (made.cast(dtype, strict=False) != column).any()


def _units(load: Load) -> dict[str, str]:
    """The units that local Parquet and Arrow files themselves name for their columns."""
    path = Path(load.source)
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.is_file() else []
    return _units_in(files[0], load.format) if files else {}


def _units_in(path: Path, format_: FileFormat | None) -> dict[str, str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if format_ == "parquet":
            schema = pq.read_schema(path)
        elif format_ == "arrow":
            with pa.memory_map(str(path)) as mapped:
                schema = pa.ipc.open_file(mapped).schema
        else:
            return {}
    except (pa.ArrowException, OSError):
        return {}  # what is wrong with the file is told when it is read
    named = {field.name: field.metadata or {} for field in schema}
    found = {name: next((m[k] for k in _UNIT if k in m), b"") for name, m in named.items()}
    return {name: unit.decode("utf-8", "replace") for name, unit in found.items() if unit}
