"""`Load`: every format, folders, other places, and what is told about columns."""

import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import fsspec
import polars as pl
import pytest

from stepwell import Load, Pipeline, Target
from stepwell._loading import _reading
from stepwell._storage._store import Store

FRAME = pl.DataFrame(
    {
        "age": [31, None, 24],
        "name": ["a", "b, c", 'd "e"'],
        "day": [date(2024, 1, 1), None, date(2024, 1, 3)],
        "score": [0.5, 1.0, None],
    }
)


def loaded(source: str | Path, **fields: Any) -> pl.DataFrame:
    return Load(source=str(source), **fields).run().data.to_polars()


def tabbed(frame: pl.DataFrame, path: Path) -> None:
    frame.write_csv(path, separator="\t")


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "x.csv": pl.DataFrame.write_csv,
    "x.txt": pl.DataFrame.write_csv,
    "x.CSV": pl.DataFrame.write_csv,
    "x.tsv": tabbed,
    "x.parquet": pl.DataFrame.write_parquet,
    "x.pq": pl.DataFrame.write_parquet,
    "x.arrow": pl.DataFrame.write_ipc,
    "x.feather": pl.DataFrame.write_ipc,
    "x.ipc": pl.DataFrame.write_ipc,
}


@pytest.mark.parametrize(("name", "write"), WRITERS.items())
def test_format_by_its_ending(
    name: str, write: Callable[[pl.DataFrame, Path], object], tmp_path: Path
) -> None:
    write(FRAME, tmp_path / name)
    assert loaded(name).equals(FRAME)


@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson"])
def test_json_lines(name: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, None], "b": [[1, 2], []], "c": [{"d": "e"}, None]})
    frame.write_ndjson(tmp_path / name)
    assert loaded(name).equals(frame)


@pytest.mark.parametrize(("name", "write"), [("x.csv", "write_csv"), ("x.jsonl", "write_ndjson")])
def test_text_in_gzip(name: str, write: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    getattr(frame, write)(tmp_path / name)
    packed = gzip.compress((tmp_path / name).read_bytes())
    (tmp_path / f"{name}.gz").write_bytes(packed)
    assert loaded(f"{name}.gz").equals(frame)


def test_format_that_is_said(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "data")
    assert loaded("data", format="csv").equals(FRAME)


TEXTS: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "byte order mark": ("\ufeffa,b\n1,2\n", [(1, 2)]),
    "line ends of Windows": ("a,b\r\n1,2\r\n", [(1, 2)]),
    "no line end at the end": ("a,b\n1,2", [(1, 2)]),
    "quoted separators and line ends": ('a,b\n"x, ""y""\nz",2\n', [('x, "y"\nz', 2)]),
    "quotes inside a field": ('a,b\n1,x"y"z\n', [(1, 'x"y"z')]),
    "control characters": ("a,b\n1,x\x01y\n", [(1, "x\x01y")]),
    "line end in a name": ('"a\nb",c\n1,2\n', [(1, 2)]),
    "empty fields": ("a,b\n,\n1,2\n", [(None, None), (1, 2)]),
    "type of the last row": ("a\n" + "1\n" * 3 + "x\n", [("1",), ("1",), ("1",), ("x",)]),
    "long field": ("a,b\n" + "x" * 200_000 + ",2\n", [("x" * 200_000, 2)]),
    "quoted and long": ('a,b\n"' + "x\n" * 100_000 + '",2\n', [("x\n" * 100_000, 2)]),
}


@pytest.mark.parametrize(("text", "rows"), TEXTS.values(), ids=TEXTS.keys())
def test_csv_as_people_write_it(text: str, rows: list[tuple[Any, ...]], tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode())
    assert loaded("x.csv").rows() == rows


def test_separator_null_values_and_types(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("zip;n\n01067;NA\n80331;3\n")
    frame = loaded("x.csv", separator=";", null_values=["NA"], types={"zip": "String"})
    assert frame.rows() == [("01067", None), ("80331", 3)]


def test_types_of_json_lines(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"n": 1}\n')
    assert loaded("x.jsonl", types={"n": "Float64"}).schema == {"n": pl.Float64()}


def test_columns_to_keep_in_their_order(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "x.parquet")
    assert loaded("x.parquet", columns=["score", "age"]).columns == ["score", "age"]


def test_roles_are_said_once(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "x.csv")
    roles = {"score": Target(favourable=1.0), "age": ["protected", "personal"]}
    data = Load(source="x.csv", roles=roles).run().data
    assert (data.roles.target, data.roles.favourable) == ("score", 1.0)
    assert data.roles.of("age") == ("personal", "protected")


def test_path_object_as_source(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "x.csv")
    by_path = Load(source=tmp_path / "x.csv")  # type: ignore[arg-type]  # accepted, not promised
    assert by_path == Load(source=str(tmp_path / "x.csv"))


# folders and other places


def test_files_of_a_folder_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name, number in {"b.csv": 2, "a.csv": 1, "_tmp.csv": 8, ".hidden.csv": 9}.items():
        (tmp_path / "data" / name).write_text(f"n\n{number}\n")
    (tmp_path / "data/readme.txt").write_text("not a table\n")
    (tmp_path / "data/inner").mkdir()
    assert loaded("data").rows() == [(1,), (2,)]
    assert loaded("data/").rows() == [(1,), (2,)]


@pytest.fixture
def memory(tmp_path: Path) -> str:
    """The URL of a folder in memory with two files."""
    files = fsspec.filesystem("memory")
    for name, number in (("a.csv", 1), ("b.csv", 2)):
        files.pipe_file(f"/{tmp_path.name}/{name}", f"n\n{number}\n".encode())
    return f"memory://{tmp_path.name}"


def test_remote_file_and_folder(memory: str) -> None:
    assert loaded(f"{memory}/b.csv").rows() == [(2,)]
    assert loaded(memory).rows() == [(1,), (2,)]


def test_remote_file_is_fetched_again_only_when_it_changed(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = fsspec.filesystem("memory")
    fetched = []
    get_file = type(files).get_file

    def counted(self: Any, source: str, target: str, **options: Any) -> Any:
        fetched.append(source)
        return get_file(self, source, target, **options)

    monkeypatch.setattr(type(files), "get_file", counted)
    load = Load(source=f"{memory}/b.csv")
    before = load.external_state()
    assert (loaded(f"{memory}/b.csv").rows(), len(fetched)) == ([(2,)], 1)
    files.pipe_file(f"{memory}/b.csv", b"n\n3\n")
    assert (loaded(f"{memory}/b.csv").rows(), len(fetched)) == ([(3,)], 2)
    assert load.external_state() != before


def test_downloads_can_be_read_by_this_user_only(memory: str) -> None:
    """(fault 9)"""
    from stepwell._loading._sources import source_files

    [file] = source_files(f"{memory}/a.csv", {}, None)
    assert file.path.parent.stat().st_mode & 0o077 == 0


def test_environment_variables_in_source_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FRAME.write_csv(tmp_path / "x.csv")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    assert loaded("${FOLDER}/x.csv").equals(FRAME)


# large sources


def test_large_file_is_read_in_batches_with_a_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reading, "LARGE", 0)
    FRAME.write_csv(tmp_path / "x.csv")
    lazy = Load(source="x.csv").run().data
    assert isinstance(lazy.lazy(), pl.LazyFrame)
    assert "_frame" not in vars(lazy)
    run = Pipeline("p", [Load(source="x.csv")]).run(store=tmp_path / "store")
    assert run["data"].to_polars().equals(FRAME)
    in_memory = Store(tmp_path / "store").put(lazy)
    assert in_memory == run.fingerprint("data")


def test_ten_thousand_columns(tmp_path: Path) -> None:
    names = [f"column_{number}" for number in range(10_000)]
    (tmp_path / "wide.csv").write_text(",".join(names) + "\n" + ",".join("1" * 10_000) + "\n")
    data = Load(source="wide.csv", roles={"column_9999": "target"}).run().data
    assert (data.columns, data.roles.target) == (tuple(names), "column_9999")
    assert data.to_polars().row(0) == (1,) * 10_000
    assert len(data.fingerprint) == 64


def test_wide_file_is_explained_in_a_short_message(tmp_path: Path) -> None:
    names = [f"column_{number}" for number in range(10_000)]
    (tmp_path / "wide.csv").write_text(",".join(names) + "\n" + ",".join("1" * 10_000) + "\n")
    run = Pipeline("p", [Load(source="wide.csv", columns=["colum_1"])]).run(store=False)
    assert "Did you mean 'column_1'?" in str(run.step("load").reason)
    assert len(str(run.step("load").reason)) < 400
