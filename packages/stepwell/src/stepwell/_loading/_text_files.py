"""What is wrong with a CSV or JSON lines file: by line, and without repeating any of it."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from stepwell._errors import DataError, listed
from stepwell._loading._sources import SourceFile

if TYPE_CHECKING:
    from typing import IO

_LONGEST_LINE = 1 << 24
_LONGEST_FIELD = 2**31 - 1


@contextmanager
def opened(file: SourceFile) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if need be. Raises DataError for a damaged archive."""
    try:
        with gzip.open(file.path, "rb") if file.compressed else file.path.open("rb") as content:
            yield content  # type: ignore[misc]  # a GzipFile is a file of bytes
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise DataError(
            f"{file.name} is damaged: its gzip content does not end as it should."
        ) from None


def header_of(file: SourceFile, separator: str) -> list[str]:
    """The column names of a CSV file. Raises DataError for names that make no dataset."""
    with opened(file) as content:
        _check_line_ends(file, content.readline(_LONGEST_LINE))
        content.seek(0)
        with _rows(content, separator, errors="surrogateescape") as (rows, text):
            header = _first(file, rows)
            has_rows = bool(text.read(1))
    _check_names(file, header)
    if not has_rows:
        raise DataError(f"{file.name} has a line of column names, and no rows.")
    return header


def _check_line_ends(file: SourceFile, line: bytes) -> None:
    if b"\r" in line.rstrip(b"\r\n") and b'"' not in line:
        raise DataError(f"{file.name} has the line ends of old Macs.", hint="Convert them to \\n.")


def _first(file: SourceFile, rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(rows, [])
    except csv.Error:
        raise DataError(f"{file.name} has a quote in its first line that is not closed.") from None


def _check_names(file: SourceFile, header: list[str]) -> None:
    text = "".join(header)
    if any("\udc80" <= character <= "\udcff" for character in text):  # bytes that are no UTF-8
        raise DataError(
            f"{file.name} is not UTF-8 text.", hint="Convert it, for example with iconv -t UTF-8."
        )
    if "\0" in text:
        raise DataError(f"{file.name} holds NUL bytes: it is no CSV file, or it is UTF-16.")
    repeated = sorted(name for name, times in Counter(header).items() if times > 1)
    if repeated:
        raise DataError(f"{file.name} has columns with the same name: {listed(repeated)}.")
    unnamed = sum(not name.strip() for name in header)
    if unnamed or not header:
        raise DataError(
            f"{file.name} has {unnamed or 'only'} columns without a name in its first line."
        )


@contextmanager
def _rows(
    content: IO[bytes], separator: str, *, errors: str = "strict"
) -> Iterator[tuple[Any, io.TextIOWrapper]]:
    """The rows of a CSV file by the `csv` module, however long their fields are, and its text."""
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        text = io.TextIOWrapper(content, encoding="utf-8-sig", errors=errors, newline="")
        yield csv.reader(text, delimiter=separator, strict=True), text
        text.detach()
    finally:
        csv.field_size_limit(limit)


def check_rows(file: SourceFile, separator: str, width: int) -> None:
    """Refuse NUL bytes, and rows with fewer fields than the header: Polars would fill them up.

    Counting separators is fast and errs only where text is quoted; the `csv` module then decides.
    """
    import polars as pl

    line = pl.col("line")
    lines = pl.scan_csv(
        file.path,
        separator="\x01",
        quote_char=None,
        has_header=False,
        schema={"line": pl.String},
        truncate_ragged_lines=True,
    )
    found = lines.select(
        nul=line.str.contains("\0", literal=True).any(),
        short=(line.fill_null("").str.count_matches(separator, literal=True) < width - 1).any(),
    )
    suspicious = found.collect(engine="streaming").row(0, named=True)
    problem = problem_in(file, separator) if suspicious["nul"] or suspicious["short"] else None
    if problem is not None:
        raise DataError(f"{file.name}, {problem}")


def problem_in(file: SourceFile, separator: str) -> str | None:
    """What is wrong with a text file, by line; it is only looked for when something is."""
    with opened(file) as content:
        for number, line in enumerate(content, start=1):
            problem = _problem_of_line(file, line)
            if problem:
                return f"line {number}: {problem}"
    return _ragged(file, separator) if file.format == "csv" else None


def _problem_of_line(file: SourceFile, line: bytes) -> str | None:
    if b"\0" in line:
        return "it holds NUL bytes."
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text. Convert the file, for example with iconv -t UTF-8."
    return _json_problem(line) if file.format == "jsonl" else None


def _json_problem(line: bytes) -> str | None:
    if not line.strip():
        return None
    try:
        document = json.loads(line, parse_constant=_no_constant)
    except _ConstantError:
        return "NaN and infinities are no JSON."
    except (ValueError, RecursionError):
        return "it is no valid JSON."
    return None if isinstance(document, dict) else "it is no JSON object."


class _ConstantError(Exception):
    """A line holds NaN or an infinity."""


def _no_constant(name: str) -> Any:
    raise _ConstantError(name)


def _ragged(file: SourceFile, separator: str) -> str | None:
    with opened(file) as content, _rows(content, separator) as (rows, _):
        try:
            width = len(next(rows, []))
            for row in rows:
                if not row and width > 1:
                    return f"line {rows.line_num}: it is empty."
                if row and len(row) != width:
                    return (
                        f"line {rows.line_num}: it has {len(row)} fields where the first line has "
                        f"{width}."
                    )
        except csv.Error:
            return f"line {rows.line_num}: a quoted field does not end as it should."
    return None
