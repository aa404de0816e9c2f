"""Files into Polars frames, with errors that say what is wrong with them, and where."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell._errors import DataError, did_you_mean, listed
from stepwell._polars import described
from stepwell._sources import SourceFile

if TYPE_CHECKING:
    import polars as pl

    from stepwell._load import Load

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
        frame = frame.select(_existing(load.columns, frame.collect_schema().names(), files[0].name))
    if sum(file.path.stat().st_size for file in files) >= LARGE:
        return frame
    with _explained(load, files):
        return frame.collect()


def _scan(load: Load, file: SourceFile) -> pl.LazyFrame:
    with _explained(load, [file]):
        frame = _SCANNERS[file.format](load, file)
        names = frame.collect_schema().names()
    if not names:
        raise DataError(f"{file.name} has no columns.")
    return frame


@contextmanager
def _explained(load: Load, files: Sequence[SourceFile]) -> Iterator[None]:
    """Say what is wrong with the files where Polars would quote a cell."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(load, files, error) from None


def _scan_csv(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    separator = _separator(load, file)
    header = _header(file, separator)
    _check_header(file, header)
    _check_rows(load, file, separator, len(header))
    return pl.scan_csv(
        file.path,
        separator=separator,
        schema_overrides=_types(load, header, file),
        null_values=list(load.null_values),
        infer_schema_length=None if _is_small(file) else 10_000,
        try_parse_dates=True,
    )


def _scan_parquet(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(file.path, hive_partitioning=False)


def _scan_jsonl(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_ndjson(file.path, infer_schema_length=None if _is_small(file) else 10_000)


def _scan_arrow(load: Load, file: SourceFile) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_ipc(file.path)


_SCANNERS: dict[str, Callable[[Load, SourceFile], pl.LazyFrame]] = {
    "csv": _scan_csv,
    "parquet": _scan_parquet,
    "jsonl": _scan_jsonl,
    "arrow": _scan_arrow,
}


def _open(file: SourceFile) -> Any:
    return gzip.open(file.path, "rb") if file.compressed else file.path.open("rb")


def _header(file: SourceFile, separator: str) -> list[str]:
    import csv

    with _open(file) as opened:
        first = opened.readline(1 << 24)
    try:
        line = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(
            f"{file.name} is not UTF-8 text.", hint="Convert it, for example with iconv -t UTF-8."
        ) from None
    if "\0" in line:
        raise DataError(f"{file.name} holds NUL bytes: it is no CSV file, or it is UTF-16.")
    return next(csv.reader([line], delimiter=separator), [])


def _check_header(file: SourceFile, header: list[str]) -> None:
    unnamed = sum(not name.strip() for name in header)
    if unnamed:
        raise DataError(f"{file.name} has {unnamed} columns without a name in its first line.")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise DataError(f"{file.name} has columns with the same name: {listed(repeated)}.")


def _check_rows(load: Load, file: SourceFile, separator: str, width: int) -> None:
    """Refuse NUL bytes, and rows with fewer fields than the header: Polars would fill them up.

    Counting separators is fast and errs only where text is quoted; the `csv` module then decides.
    """
    import polars as pl

    line = pl.col("line")
    with _explained(load, [file]):
        suspicious = (
            pl.scan_csv(
                file.path,
                separator="\x01",
                quote_char=None,
                has_header=False,
                schema={"line": pl.String},
            )
            .select(
                nul=line.str.contains("\0", literal=True).any(),
                short=(line.str.count_matches(separator, literal=True) < width - 1).any(),
            )
            .collect(engine="streaming")
            .row(0, named=True)
        )
    problem = _text_problem(file, separator) if suspicious["nul"] or suspicious["short"] else None
    if problem is not None:
        raise DataError(f"{file.name}, {problem}")


def _is_small(file: SourceFile) -> bool:
    return file.path.stat().st_size < SMALL


def _separator(load: Load, file: SourceFile) -> str:
    return load.separator or ("\t" if ".tsv" in file.path.name.lower() else ",")


def _types(load: Load, header: list[str], file: SourceFile) -> dict[str, Any]:
    import polars as pl

    _existing(tuple(load.types), header, file.name)
    types = {}
    for column, name in load.types.items():
        dtype = getattr(pl, name, None)
        if not (isinstance(dtype, type) and issubclass(dtype, pl.DataType)):
            raise DataError(
                f"Column {column!r} is to have the type {name!r}, which does not exist.",
                hint="Types are named as in Polars: String, Int64, Float64, Boolean, Date.",
            )
        types[column] = dtype
    return types


def _existing(wanted: Sequence[str], columns: Sequence[str], where: str) -> list[str]:
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
        differing = sorted(n for n in {*first, *schema} if first.get(n) != schema.get(n))
        if differing or list(first) != list(schema):
            raise DataError(
                f"{file.name} has other columns than {files[0].name}: "
                f"{listed(differing) if differing else 'their order'}."
            )


def _unreadable(load: Load, files: Sequence[SourceFile], error: Exception) -> DataError:
    name = (
        files[0].name if len(files) == 1 else f"{Path(files[0].name).parent} ({len(files)} files)"
    )
    for file in files:
        problem = (
            _text_problem(file, _separator(load, file)) if file.format in ("csv", "jsonl") else None
        )
        if problem is not None:
            return DataError(f"{file.name}, {problem}")
    column = _COLUMN.search(str(error))
    if column is not None:
        return DataError(
            f"{name}: a value of column {column.group(1)!r} has another type than the first ones.",
            hint=f'Write Load(..., types={{"{column.group(1)}": "String"}}).',
        )
    return DataError(f"{name} cannot be read as {files[0].format}: {described(error)}.")


def _text_problem(file: SourceFile, separator: str) -> str | None:
    """What is wrong with a text file, by line; it is only looked for when something is."""
    with _open(file) as opened:
        for number, line in enumerate(opened, start=1):
            problem = _line_problem(file, line)
            if problem:
                return f"line {number}: {problem}"
    return _ragged(file, separator) if file.format == "csv" else None


def _line_problem(file: SourceFile, line: bytes) -> str | None:
    if b"\0" in line:
        return "it holds NUL bytes."
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text."
    return _json_problem(line) if file.format == "jsonl" else None


def _json_problem(line: bytes) -> str | None:
    import json

    if not line.strip():
        return None
    try:
        return None if isinstance(json.loads(line), dict) else "it is no JSON object."
    except (ValueError, RecursionError):
        return "it is no valid JSON."


def _ragged(file: SourceFile, separator: str) -> str | None:
    import csv
    import io

    with _open(file) as opened:
        text = io.TextIOWrapper(opened, encoding="utf-8-sig", newline="")
        rows = csv.reader(text, delimiter=separator, strict=True)
        try:
            width = len(next(rows, []))
            for row in rows:
                if row and len(row) != width:
                    fields = f"it has {len(row)} fields where the first line has {width}"
                    return f"line {rows.line_num}: {fields}."
        except csv.Error:
            return f"line {rows.line_num}: a quoted field does not end as it should."
    return None
