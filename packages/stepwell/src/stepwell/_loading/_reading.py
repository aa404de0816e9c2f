"""Files into Polars frames, with errors that say what is wrong with them, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell._data._polars import described
from stepwell._errors import DataError, did_you_mean, listed
from stepwell._loading._sources import TEXT, SourceFile
from stepwell._loading._text_files import check_rows, header_of, problem_in

if TYPE_CHECKING:
    import polars as pl

    from stepwell._loading._load import Load

LARGE = 256 * 2**20
"""From this many bytes on, a source is read in batches and never as a whole."""

SMALL = 64 * 2**20
"""Up to this many bytes, the types of a text file are told from all of its rows."""

_COLUMN = re.compile(r"at column '([^']+)'")


def read(load: Load, files: Sequence[SourceFile]) -> pl.DataFrame | pl.LazyFrame:
    """The rows of `files`, one below the other: a lazy frame if they are large."""
    import polars as pl

    frames = [_scan(load, file) for file in files]
    _check_same_columns(files, frames)
    frame = pl.concat(frames, how="vertical") if len(frames) > 1 else frames[0]
    if load.columns is not None:
        names = frame.collect_schema().names()
        frame = frame.select(existing(load.columns, names, files[0].name))
    if sum(file.path.stat().st_size for file in files) >= LARGE:
        return frame
    with _explained(load, files):
        return frame.collect()


def _scan(load: Load, file: SourceFile) -> pl.LazyFrame:
    if load.types and file.format not in TEXT:
        raise DataError(
            f"{file.name} has the types that its {file.format} says.",
            hint="Leave `types` out, and cast columns in a step of your own.",
        )
    with _explained(load, [file]):
        frame = _SCANNERS[file.format](load, file)
        names = frame.collect_schema().names()
    if not names:
        raise DataError(f"{file.name} has no columns.")
    existing(tuple(load.types), names, file.name)
    return frame


@contextmanager
def _explained(load: Load, files: Sequence[SourceFile]) -> Iterator[None]:
    """Say what is wrong with the files where Polars would quote a cell, or panic."""
    import polars.exceptions as failures

    try:
        yield
    except (failures.PolarsError, failures.PanicException, OSError) as error:
        raise _unreadable(load, files, error) from None
    except Exception as error:
        if not type(error).__module__.startswith("pyarrow"):  # told without importing it
            raise
        raise _unreadable(load, files, error) from None


def _scan_csv(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    separator = _separator(load, file)
    header = header_of(file, separator)
    _check_separator(load, file, header)
    check_rows(file, separator, len(header))
    return pl.scan_csv(
        file.path,
        separator=separator,
        schema_overrides=_types(load),
        null_values=list(load.null_values),
        infer_schema_length=None if _is_small(file) else 10_000,
        try_parse_dates=True,
    )


def _scan_parquet(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(file.path, hive_partitioning=False)


def _scan_jsonl(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_ndjson(
        file.path,
        schema_overrides=_types(load),
        infer_schema_length=None if _is_small(file) else 10_000,
    )


def _scan_arrow(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl
    import pyarrow as pa

    with pa.memory_map(str(file.path)) as mapped:
        batches = pa.ipc.open_file(mapped)
        for number in range(batches.num_record_batches):
            # Polars believes what a damaged file says of its sizes, and the process ends
            batches.get_batch(number).validate(full=True)
    return pl.scan_ipc(file.path)


_SCANNERS: dict[str, Callable[[Load, SourceFile], pl.LazyFrame]] = {
    "csv": _scan_csv,
    "parquet": _scan_parquet,
    "jsonl": _scan_jsonl,
    "arrow": _scan_arrow,
}


def _is_small(file: SourceFile) -> bool:
    return file.path.stat().st_size < SMALL


def _separator(load: Load, file: SourceFile) -> str:
    return load.separator or ("\t" if ".tsv" in file.path.name.lower() else ",")


def _check_separator(load: Load, file: SourceFile, header: Sequence[str]) -> None:
    """Refuse a file of one column whose name shows that other separators were meant."""
    if load.separator is not None or len(header) != 1:
        return
    other = next((sign for sign in ";\t|" if sign in header[0]), None)
    if other is not None:
        raise DataError(
            f"{file.name} has one column, and {other!r} in its name.",
            hint=f"If that separates columns, write Load(..., separator={other!r}).",
        )


def _types(load: Load) -> dict[str, Any]:
    import polars as pl

    types = {}
    for column, name in load.types.items():
        dtype = getattr(pl, name, None)
        if not (isinstance(dtype, type) and issubclass(dtype, pl.DataType)):
            raise DataError(
                f"Column {column!r} is to have the type {name!r}, which does not exist.",
                hint="Types are named as in Polars: String, Int64, Float64, Boolean, Date, "
                "Datetime.",
            )
        types[column] = dtype
    return types


def existing(wanted: Sequence[str], columns: Sequence[str], where: str) -> list[str]:
    """`wanted`, if all of them are columns; raises DataError."""
    for column in wanted:
        if column not in columns:
            raise DataError(
                f"{where} has no column {column!r}.",
                hint=f"{did_you_mean(column, columns)} Columns: {listed(columns)}.".strip(),
            )
    return list(wanted)


def _check_same_columns(files: Sequence[SourceFile], frames: Sequence[pl.LazyFrame]) -> None:
    first = frames[0].collect_schema()
    for file, frame in zip(files[1:], frames[1:], strict=True):
        schema = frame.collect_schema()
        if set(first) != set(schema):
            differing = sorted(set(first) ^ set(schema))
            raise DataError(
                f"{file.name} has other columns than {files[0].name}: {listed(differing)}."
            )
        if list(first) != list(schema):
            raise DataError(f"{file.name} has its columns in another order than {files[0].name}.")
        for name, dtype in schema.items():
            if dtype != first[name]:
                raise DataError(
                    f"Column {name!r} is {dtype} in {file.name} and {first[name]} in "
                    f"{files[0].name}.",
                    hint=f'Of text files you can say which: Load(..., types={{"{name}": "..."}}).',
                )


def _unreadable(load: Load, files: Sequence[SourceFile], error: BaseException) -> DataError:
    name = files[0].name
    if len(files) > 1:
        name = f"{Path(name).parent} ({len(files)} files)"
    for file in files:
        problem = problem_in(file, _separator(load, file)) if file.format in TEXT else None
        if problem is not None:
            return DataError(f"{file.name}, {problem}")
    column = _COLUMN.search(str(error))
    if column is not None:
        told = load.types.get(column[1])
        return DataError(
            f"{name}: a value of column {column[1]!r} does not fit the type "
            f"{f'{told} that it is to have' if told else 'of its first rows'}.",
            hint=f'Write Load(..., types={{"{column[1]}": "String"}}).',
        )
    return DataError(f"{name} cannot be read as {files[0].format}: {described(error)}.")
