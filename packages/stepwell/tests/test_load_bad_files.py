"""Files that cannot be read: where, what, and what to type; never a cell."""

import gzip
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from stepwell import ConfigurationError, DataError, Load, Pipeline
from stepwell._loading import _reading

CANARY = "canary@example.org"
FRAME = pl.DataFrame({"a": [1, 2], "mail": [CANARY, CANARY]})


def parquet(path: Path) -> None:
    FRAME.write_parquet(path)


def arrow(path: Path) -> None:
    FRAME.write_ipc(path)


def arrow_stream(path: Path) -> None:
    table = FRAME.to_arrow()
    with pa.ipc.new_stream(str(path), table.schema) as writer:
        writer.write_table(table)


def text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def raw(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def cut(write: Callable[[Path], object], *, to: float) -> Callable[[Path], object]:
    def written(path: Path) -> None:
        write(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * to)])

    return written


def damaged(write: Callable[[Path], object]) -> Callable[[Path], object]:
    def written(path: Path) -> None:
        write(path)
        content = bytearray(path.read_bytes())
        content[-60:-20] = b"\xff" * 40
        path.write_bytes(content)

    return written


def zipped(content: str, *, keep: int | None = None) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(gzip.compress(content.encode())[:keep])


BAD: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "empty": ("x.csv", raw(b""), "x.csv is empty. Check the export that was to write it."),
    "empty parquet": ("x.parquet", raw(b""), "x.parquet is empty."),
    "one empty line": ("x.csv", text("\n"), "x.csv has only columns without a name in its first"),
    "only a header": ("x.csv", text("a,b\n"), "x.csv has a line of column names, and no rows."),
    "only a header, not ended": ("x.csv", text("a,b"), "x.csv has a line of column names, and no"),
    "short row": (
        "x.csv",
        text(f"a,b,c\n1,2,{CANARY}\n3,{CANARY}\n"),
        "x.csv, line 3: it has 2 fields where the first line has 3.",
    ),
    "long row": (
        "x.csv",
        text(f"a,b\n1,2\n1,2,{CANARY}\n"),
        "x.csv, line 3: it has 3 fields where the first line has 2.",
    ),
    "row that ends with a separator": ("x.csv", text("a,b\n1,2,\n"), "x.csv, line 2: it has 3 fie"),
    "empty line between": ("x.csv", text("a,b\n1,2\n\n3,4\n"), "x.csv, line 3: it is empty."),
    "empty line at the end": ("x.csv", text("a,b\n1,2\n\n"), "x.csv, line 3: it is empty."),
    "short row after a quoted line end": (
        "x.csv",
        text('a,b\n"x\ny",2\n3\n'),
        "x.csv, line 4: it has 1 fields where the first line has 2.",
    ),
    "NUL in a row": ("x.csv", text(f"a,b\n1,{CANARY}\0\n"), "x.csv, line 2: it holds NUL bytes."),
    "NUL in the header": ("x.csv", text("a\0,b\n1,2\n"), "x.csv holds NUL bytes: it is no CSV"),
    "same names": ("x.csv", text("a,b,a\n1,2,3\n"), "x.csv has columns with the same name: a."),
    "no names": ("x.csv", text(",a\n0,1\n"), "x.csv has 1 columns without a name in its first"),
    "UTF-16": ("x.csv", text("a,b\n1,ä\n", "utf-16"), "x.csv is not UTF-8 text. Convert it, for"),
    "UTF-16 without a mark": ("x.csv", text("a,b\n1,2\n", "utf-16-le"), "or it is UTF-16."),
    "Latin-1": (
        "x.csv",
        text("a,b\n1,äö\n", "latin-1"),
        "x.csv, line 2: it is not UTF-8 text. Convert the file, for example with iconv -t UTF-8.",
    ),
    "Latin-1 in the header": ("x.csv", text("ä\n1\n", "latin-1"), "x.csv is not UTF-8 text."),
    "open quote": (
        "x.csv",
        text(f'a,b\n1,"{CANARY}\n2,y\n'),
        "x.csv, line 3: a quoted field does not end as it should.",
    ),
    "open quote in the header": ("x.csv", text('a,"b\n1,2\n'), "x.csv has a quote in its first"),
    "line ends of old Macs": (
        "x.csv",
        text("a,b\r1,2\r"),
        "x.csv has the line ends of old Macs. Convert them to \\n.",
    ),
    "other separator": (
        "x.csv",
        text("a;b\n1;2\n"),
        "x.csv has one column, and ';' in its name. If that separates columns, write "
        "Load(..., separator=';').",
    ),
    "parquet called CSV": (
        "x.csv",
        parquet,
        "x.csv should hold csv by its name; its first bytes are those of parquet.",
    ),
    "CSV called parquet": (
        "x.parquet",
        text("a,b\n1,2\n"),
        "x.parquet should hold parquet by its name; its first bytes are those of something else.",
    ),
    "workbook called CSV": ("x.csv", raw(b"PK\3\4rest"), "those of a zip archive: an Excel work"),
    "pickle called CSV": ("x.csv", raw(b"\x80\4rest"), "its first bytes are those of pickle."),
    "gzip called CSV": ("x.csv", zipped("a\n1\n"), "its first bytes are those of gzip."),
    "CSV called gzip": ("x.csv.gz", text("a\n1\n"), "x.csv.gz should hold gzip by its name"),
    "cut gzip": (
        "x.csv.gz",
        zipped("a\n" + "1\n" * 10_000, keep=40),
        "x.csv.gz is damaged: its gzip content does not end as it should.",
    ),
    "parquet in gzip": ("x.parquet.gz", zipped(""), "x.parquet.gz is parquet inside gzip; only"),
    "cut parquet": ("x.parquet", cut(parquet, to=0.9), "x.parquet cannot be read as parquet"),
    "half a parquet": ("x.parquet", cut(parquet, to=0.5), "x.parquet cannot be read as parquet"),
    "damaged parquet": ("x.parquet", damaged(parquet), "x.parquet cannot be read as parquet"),
    "cut Arrow": ("x.arrow", cut(arrow, to=0.9), "x.arrow cannot be read as arrow"),
    "damaged Arrow": ("x.arrow", damaged(arrow), "x.arrow cannot be read as arrow"),
    "Arrow stream": ("x.arrow", arrow_stream, "its first bytes are those of an Arrow stream, whi"),
    "broken JSON": (
        "x.jsonl",
        text(f'{{"a": 1}}\n{{"a": "{CANARY}\n'),
        "x.jsonl, line 2: it is no valid JSON.",
    ),
    "JSON array": ("x.jsonl", text("[1, 2]\n"), "x.jsonl, line 1: it is no JSON object."),
    "JSON document": ("x.jsonl", text('{\n"a": 1\n}\n'), "x.jsonl, line 1: it is no valid JSON."),
    "JSON with NaN": ("x.jsonl", text('{"a": NaN}\n'), "line 1: NaN and infinities are no JSON."),
    "deep JSON": ("x.jsonl", text('{"a":' + "[" * 5000), "x.jsonl, line 1: it is no valid JSON."),
    "JSON with NUL": ("x.jsonl", text('{"a":"x\0"}\n'), "x.jsonl, line 1: it holds NUL bytes."),
    "JSON in Latin-1": ("x.jsonl", text('{"a":"ä"}\n', "latin-1"), "line 1: it is not UTF-8 text"),
    "no ending": (
        "data",
        text("a\n1\n"),
        "The ending of data does not tell its format. Write Load(..., format=...) with one of csv",
    ),
    "unknown ending": ("x.xls", text("a\n1\n"), "The ending of x.xls does not tell its format."),
}


def message(load: Load) -> str:
    """What `load` says; its traceback has been searched for cells."""
    with pytest.raises(DataError) as caught:
        load.run().data.to_polars()
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


@pytest.mark.parametrize(("name", "write", "expected"), BAD.values(), ids=BAD.keys())
def test_bad_file_is_explained(
    name: str, write: Callable[[Path], object], expected: str, tmp_path: Path
) -> None:
    write(tmp_path / name)
    assert expected in message(Load(source=name))


MISSING = {
    "near name": (
        "rows.cvs",
        "does not exist in {here}. Did you mean 'rows.csv'? The folder holds",
    ),
    "no such folder": ("no/such.csv", "no/such.csv does not exist: there is no folder no."),
    "NUL": ("a\0b.csv", "The source holds a NUL character."),
    "no protocol": ("nosuch://x/y.csv", "nosuch://x/y.csv: there is no file system for nosuch://."),
    "empty memory": ("memory://no.csv", "memory://no.csv does not exist, or is a folder without"),
    "nobody listens": ("http://127.0.0.1:9/x.csv", "http://127.0.0.1:9/x.csv cannot be reached ("),
    "password": ("http://me:hunter2@127.0.0.1:9/x.csv", "http://********@127.0.0.1:9/x.csv cannot"),
}


@pytest.mark.parametrize(("source", "expected"), MISSING.values(), ids=MISSING.keys())
def test_missing_source_is_explained(source: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a\n1\n")
    said = message(Load(source=source))
    assert expected.format(here=tmp_path) in said
    assert "hunter2" not in said


def test_unreadable_file_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.csv").write_text("a\n1\n")

    def refused(*arguments: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert message(Load(source="rows.csv")) == "rows.csv cannot be read: Permission denied."


FOLDERS: dict[str, tuple[dict[str, str], str]] = {
    "several formats": (
        {"a.csv": "a\n1\n", "b.jsonl": '{"a": 1}\n'},
        "The folder data holds files of several formats: csv, jsonl.",
    ),
    "no data": ({"readme.md": "x", "notes.txt": "x"}, "The folder data holds no data files. End"),
    "other columns": (
        {"a.csv": "a,b\n1,2\n", "b.csv": "a,c\n1,2\n"},
        "data/b.csv has other columns than data/a.csv: b, c.",
    ),
    "other order": (
        {"a.csv": "a,b\n1,2\n", "b.csv": "b,a\n1,2\n"},
        "data/b.csv has its columns in another order than data/a.csv.",
    ),
    "other types": (
        {"a.csv": "a\n1\n", "b.csv": f"a\n{CANARY}\n"},
        "Column 'a' is String in data/b.csv and Int64 in data/a.csv. Of text files you can say",
    ),
    "one bad file": (
        {"a.csv": "a,b\n1,2\n", "b.csv": "a,b\n1\n"},
        "data/b.csv, line 2: it has 1 fields where the first line has 2.",
    ),
    "one empty file": ({"a.csv": "a\n1\n", "b.csv": ""}, "data/b.csv is empty."),
}


@pytest.mark.parametrize(("files", "expected"), FOLDERS.values(), ids=FOLDERS.keys())
def test_folder_that_is_no_dataset_is_explained(
    files: dict[str, str], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    for name, content in files.items():
        (tmp_path / "data" / name).write_text(content)
    assert message(Load(source="data")).startswith(expected)


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown column": (
        {"columns": ["a", "mial"]},
        "rows.csv has no column 'mial'. Did you mean 'mail'? Columns: a, mail.",
    ),
    "column twice": ({"columns": ["a", "a"]}, "two columns have the same name"),
    "type of an unknown column": ({"types": {"b": "String"}}, "rows.csv has no column 'b'."),
    "unknown type": (
        {"types": {"a": "Text"}},
        "Column 'a' is to have the type 'Text', which does not exist. Types are named as in",
    ),
    "no type": ({"types": {"a": "DataFrame"}}, "the type 'DataFrame', which does not exist."),
    "type that does not fit": (
        {"types": {"mail": "Int64"}},
        "rows.csv: a value of column 'mail' does not fit the type Int64 that it is to have.",
    ),
    "role of an unknown column": (
        {"roles": {"aa": "target"}},
        "A role is given to column 'aa', which the dataset does not have.",
    ),
}


@pytest.mark.parametrize(("options", "expected"), OPTIONS.values(), ids=OPTIONS.keys())
def test_option_that_does_not_fit_the_file_is_explained(
    options: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    FRAME.write_csv(tmp_path / "rows.csv")
    assert expected in message(Load(source="rows.csv", **options))


def test_types_of_a_file_that_has_its_own_are_refused(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "rows.parquet")
    said = message(Load(source="rows.parquet", types={"a": "String"}))
    assert said.startswith("rows.parquet has the types that its parquet says.")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"separator": "::"}, "the separator is one character, for example ';'"),
        ({"separator": "§"}, "the separator is one character, for example ';'"),
        ({"format": "xlsx"}, "Input should be 'csv', 'parquet', 'jsonl' or 'arrow'"),
        ({"sorce": "x"}, "Load has no field 'sorce'. Did you mean 'source'?"),
    ],
)
def test_wrong_field_is_explained(fields: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Load(source="x.csv", **fields)
    assert expected in str(caught.value)


# files that change


def test_file_that_changes_while_it_is_read_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 49)"""
    (tmp_path / "rows.csv").write_text("a\n1\n")
    read = _reading.read

    def slowly(load: Load, files: Any) -> Any:
        found = read(load, files)
        (tmp_path / "rows.csv").write_text("a\n1\n2\n")
        return found

    monkeypatch.setattr(_reading, "read", slowly)
    run = Pipeline("p", [Load(source="rows.csv")]).run(store=tmp_path / "store")
    assert run.step("load").reason == (
        "rows.csv changed while it was read. Run again when nobody writes to it."
    )


def test_large_file_that_changes_before_it_is_streamed_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 49)"""
    monkeypatch.setattr(_reading, "LARGE", 0)
    FRAME.write_parquet(tmp_path / "rows.parquet")
    lazy = Load(source="rows.parquet").run().data
    pl.concat([FRAME, FRAME]).write_parquet(tmp_path / "rows.parquet")
    with pytest.raises(DataError, match=r"rows\.parquet changed while it was read"):
        lazy.to_polars()
