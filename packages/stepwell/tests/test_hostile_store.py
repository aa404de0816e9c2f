"""A store that somebody else can write to: nothing in it crashes, hangs or fools its reader."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from stepwell import (
    ContractError,
    CorruptedError,
    Dataset,
    Decision,
    DecisionLog,
    Model,
    ModelDescription,
    ModelError,
    Pipeline,
    PipelineError,
    StepwellError,
    StoreError,
    place,
    step,
)
from stepwell._digest import canonical_json
from stepwell._json import read_json
from stepwell._paths import is_portable
from stepwell._records._history import history
from stepwell._records._prune import prune
from stepwell._storage._file_artifacts import put_file
from stepwell._storage._files import LocalFiles, open_files
from stepwell._storage._store import Store

NO_JSON: dict[str, bytes] = {
    "deep list": b"[" * 200_000,
    "deep but closed": b"[" * 300 + b"]" * 300,
    "deep object": b'{"a":' * 200_000,
    "huge number": b"9" * 5000,
    "not a number": b'{"a":NaN}',
    "infinity": b"-Infinity",
    "too large a number": b'{"a":1e999}',
    "key twice": b'{"a":1,"a":2}',
    "half a character": b'{"a":"\\ud800"}',
    "other encoding": "{}".encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "no text": b"\xff",
    "pickle": b"\x80\x04}.",
}


@pytest.mark.parametrize("content", NO_JSON.values(), ids=NO_JSON)
@pytest.mark.parametrize("kind", ["dataset", "model", "report", "file", "value"])
def test_json_that_could_be_read_in_two_ways_is_no_artifact(
    kind: str, content: bytes, store: Store
) -> None:
    with pytest.raises(StepwellError, match=r"is no |holds no model description"):
        store.get(store.put_blob(content), kind)


def test_json_is_read_as_it_was_written() -> None:
    value = {"a": [1, -0.5, 1e300, None, True, "é\x00\U0001f426", {"b": {}}], "": []}
    assert read_json(canonical_json(value)) == value


def test_model_has_one_fingerprint_only(store: Store) -> None:
    """Other bytes for the same description would be another version of the same model."""
    written = store.put(Model.from_files(ModelDescription(format="tiny"), {}))
    spaced = json.dumps(json.loads(bytes(store.blob(written)))).encode()
    assert store.get(written, "model").fingerprint == written
    with pytest.raises(CorruptedError, match="no model as Stepwell writes it"):
        store.get(store.put_blob(spaced), "model")


def test_description_in_a_folder_may_be_laid_out_for_people(tmp_path: Path) -> None:
    model = Model.from_files(ModelDescription(format="tiny"), {"a": b"1"})
    file = model.save(tmp_path / "model") / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()), indent=2))
    assert Model.open(tmp_path / "model").fingerprint == model.fingerprint


# datasets


def arrow(array: Any, *, metadata: Any = None, columns: int = 1, **options: Any) -> bytes:
    """A column as somebody else would write it."""
    fields = [pa.field("column", array.type, metadata=metadata)] * columns
    sink = pa.BufferOutputStream()
    written = pa.ipc.IpcWriteOptions(**options)
    with pa.ipc.new_file(sink, pa.schema(fields), options=written) as writer:
        writer.write_batch(pa.record_batch([array] * columns, schema=pa.schema(fields)))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def text_with_offsets(*offsets: int) -> Any:
    buffer = pa.py_buffer(b"".join(n.to_bytes(8, "little", signed=True) for n in offsets))
    return pa.Array.from_buffers(pa.large_string(), 3, [None, buffer, pa.py_buffer(b"abcdef")])


def codes(*values: int) -> Any:
    letters = pa.array(["a", "b"], pa.large_string())
    return pa.DictionaryArray.from_arrays(
        pa.array(values, pa.int32()), letters, ordered=True, safe=False
    )


NUMBERS = pa.array([1, 2, 3])
COLUMNS: dict[str, tuple[bytes, str]] = {
    "offsets beyond the end": (arrow(text_with_offsets(0, 2**40, 3, 6)), "String"),
    "offsets before the start": (arrow(text_with_offsets(0, -(2**40), 3, 6)), "String"),
    "no text": (arrow(pa.array([b"\xff"] * 3, pa.large_binary())), "String"),
    "codes of no category": (arrow(codes(0, 99_999, -5)), '{"enum":["a","b"]}'),
    "another type": (arrow(NUMBERS), "String"),
    "another width": (arrow(NUMBERS.cast(pa.int32())), "Int64"),
    "two columns": (arrow(NUMBERS, columns=2), "Int64"),
    "fewer rows": (arrow(NUMBERS[:2]), "Int64"),
    "type that is code": (arrow(NUMBERS, metadata={"ARROW:extension:name": "x"}), "Int64"),
    "runs": (arrow(pa.RunEndEncodedArray.from_arrays([3], [1])), "Int64"),
    "cut off": (arrow(NUMBERS)[:-300], "Int64"),
    "no magic": (b"X" + arrow(NUMBERS)[1:], "Int64"),
    "nothing": (b"", "Int64"),
}


def stored_column(store: Store, content: bytes, dtype: str, rows: Any = 3) -> str:
    columns = [["a", dtype, store.put_blob(content)]]
    manifest = {"format": "stepwell.dataset/1", "rows": rows, "columns": columns, "roles": {}}
    return store.put_blob(canonical_json(manifest))


@pytest.mark.parametrize(("content", "dtype"), COLUMNS.values(), ids=COLUMNS)
def test_column_that_is_not_what_its_manifest_says_is_refused(
    content: bytes, dtype: str, store: Store
) -> None:
    with pytest.raises(CorruptedError, match="The stored column 'a' is no column of 3 rows"):
        store.get(stored_column(store, content, dtype), "dataset").to_polars()


def test_column_as_it_is_written_is_read(store: Store) -> None:
    assert store.get(stored_column(store, arrow(NUMBERS), "Int64"), "dataset").to_polars()[
        "a"
    ].to_list() == [1, 2, 3]
    enum = stored_column(store, arrow(codes(0, 1, 0)), '{"enum":["a","b"]}')
    assert store.get(enum, "dataset").to_polars()["a"].to_list() == ["a", "b", "a"]


@pytest.mark.parametrize("compression", ["zstd", "lz4"])
def test_column_that_would_grow_is_refused_before_it_does(compression: str, store: Store) -> None:
    """(fault 8)"""
    zeros = arrow(pa.array([0] * 1_000_000), compression=compression)
    assert len(zeros) < 100_000
    before = pa.total_allocated_bytes()
    with pytest.raises(CorruptedError, match="is no column of 1000000 rows"):
        store.get(stored_column(store, zeros, "Int64", 1_000_000), "dataset").to_polars()
    assert pa.total_allocated_bytes() - before < 1_000_000


def changed_manifest(store: Store, **changes: Any) -> str:
    written = store.put(Dataset.of(pl.DataFrame({"a": [1, 2, 3]})))
    return store.put_blob(canonical_json({**json.loads(bytes(store.blob(written))), **changes}))


BLOB = "0" * 64
MANIFESTS: dict[str, dict[str, Any]] = {
    **{f"{rows!r} rows": {"rows": rows} for rows in (-1, "3", 3.5, None, True, 2**32, [3])},
    "no columns but rows": {"columns": [], "rows": 10**30},
    "no list of columns": {"columns": {"a": 1}},
    "half a column": {"columns": [["a"]]},
    "name that is a number": {"columns": [[5, "Int64", BLOB]]},
    "digest that is a number": {"columns": [["a", "Int64", 5]]},
    "type that is a number": {"columns": [["a", 5, BLOB]]},
    "one name twice": {"columns": [["a", "Int64", BLOB]] * 2},
    "roles in a list": {"roles": []},
    "unknown role": {"roles": {"a": ["tarjet"]}},
    "more": {"loader": "os:system"},
}


@pytest.mark.parametrize("changes", MANIFESTS.values(), ids=MANIFESTS)
def test_manifest_that_is_none_is_refused(changes: dict[str, Any], store: Store) -> None:
    with pytest.raises(CorruptedError, match=r"is no dataset of format stepwell\.dataset/1"):
        store.get(changed_manifest(store, **changes), "dataset")


TYPES = ["Decimal[99999999999999999999,2]", "Datetime[xx]", "Object", '{"enum":[1]}', "Unknown"]
TYPES += ['{"array":"Int64","width":-1}', '{"array":"Int64","width":99999999999999999999}']
TYPES += ['{"struct":[[1,"Int64"]]}', '{"list":5}', '{"list": "Int64"}', "{", "", "Datetime[us]x"]


@pytest.mark.parametrize("dtype", TYPES)
def test_type_that_does_not_exist_is_refused(dtype: str, store: Store) -> None:
    dataset = store.get(changed_manifest(store, columns=[["a", dtype, BLOB]]), "dataset")
    with pytest.raises(CorruptedError, match=r"names the type .*, which does not exist"):
        _ = dataset.schema


# files


PORTABLE = ["a", "Bericht März.html", ".nojekyll", "_SUCCESS", "part-0.parquet", "year=2024", "ä"]
NOT_PORTABLE = [
    *("", ".", "..", "a/b", "a\\b", "C:x", "a.", "a ", " a", "a\0b", "a\nb", "\x1b[31m", "NUL"),
    *("con.txt", "com1", "x" * 256, "a\uff0fb", "\u2024\u2024", "a\u202eb"),
    *("a\ud800", "a?b", "a*", 'a"b', "a|b", "\uff0e\uff0e", "aux .txt"),
]


def test_names_that_every_system_can_keep() -> None:
    """(fault 12)"""
    assert [name for name in PORTABLE if not is_portable(name)] == []
    assert [name for name in NOT_PORTABLE if is_portable(name)] == []


def stored_files(store: Store, *names: str, name: Any = "a", digest: Any = None) -> str:
    blob = store.put_blob(b"x") if digest is None else digest
    document = {"format": "stepwell.file/1", "name": name, "files": [[n, blob] for n in names]}
    return store.put_blob(json.dumps(document).encode())


FILES: dict[str, tuple[Any, list[str]]] = {
    "parent": ("a", ["../x"]),
    "absolute": ("/etc/x", ["/etc/x"]),
    "through a folder and out": ("a", ["a/../../x"]),
    "through a folder and back": ("a", ["a/../a"]),
    "not in it": ("a", ["b"]),
    "the folder itself": (".", ["."]),
    "nothing": ("", [""]),
    "Windows": ("a", ["a\\b"]),
    "null": ("a", ["a/\0"]),
    "number": (5, ["a"]),
    "twice": ("a", ["a", "a"]),
    "file and folder": ("a", ["a", "a/b"]),
    "case": ("a", ["a/B", "a/b"]),
    "case of a folder": ("a", ["a/B/c", "a/b/d"]),
    "accents": ("a", ["a/\u00e9", "a/e\u0301"]),
}


@pytest.mark.parametrize(("name", "files"), FILES.values(), ids=FILES)
def test_file_artifact_stays_in_its_folder(name: Any, files: list[str], store: Store) -> None:
    """(faults 7, 12, 16)"""
    with pytest.raises(CorruptedError, match="is no file"):
        store.get(stored_files(store, *files, name=name), "file")


@pytest.mark.parametrize("name", PORTABLE)
def test_file_artifact_comes_back_under_its_name(name: str, store: Store, tmp_path: Path) -> None:
    (tmp_path / "made" / name).mkdir(parents=True)
    (tmp_path / "made" / name / name).write_text("x")
    found = store.get(put_file(store, tmp_path / "made" / name), "file")
    assert (found.name, (found / name).read_text()) == (name, "x")
    assert found.parent.stat().st_mode & 0o077 == 0


def link(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")


def link_to_a_folder(folder: Path) -> None:
    (folder / "link").symlink_to("/etc")


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def line_break(folder: Path) -> None:
    (folder / "a\nb").write_text("x")


def two_cases(folder: Path) -> None:
    (folder / "a").write_text("x")
    (folder / "A").write_text("x")


@pytest.mark.parametrize("spoil", [link, link_to_a_folder, pipe, line_break, two_cases])
def test_folder_with_more_than_plain_files_is_no_artifact(
    spoil: Callable[[Path], None], store: Store, tmp_path: Path
) -> None:
    """(faults 13, 16)"""
    (tmp_path / "made").mkdir()
    spoil(tmp_path / "made")
    with pytest.raises(ContractError, match="The file artifact 'made'"):
        put_file(store, tmp_path / "made")


# what lies in the folder of the store


@pytest.mark.parametrize("read", [LocalFiles.read, LocalFiles.map])
def test_pipe_is_not_waited_for(read: Callable[[LocalFiles, str], object], tmp_path: Path) -> None:
    """(fault 13)"""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StoreError, match=r"'pipe' of the store .* cannot be read: it is no file"):
        read(LocalFiles(tmp_path), "pipe")


def test_pipe_in_a_model_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.json")
    with pytest.raises(ModelError, match=r"'model\.json' is missing"):
        Model.open(tmp_path)


def test_hard_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    """(fault 13)"""
    (tmp_path / "outside").write_text("mine")
    (tmp_path / "store").mkdir()
    os.link(tmp_path / "outside", tmp_path / "store/file")
    LocalFiles(tmp_path / "store").write("file", b"x")
    assert (tmp_path / "outside").read_text() == "mine"


def test_what_is_no_name_is_not_listed(tmp_path: Path) -> None:
    for name in (".DS_Store", "Icon\r", "a b", "é", "fine"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/._x").write_text("x")
    files = LocalFiles(tmp_path.parent)
    assert files.names(tmp_path.name) == ["fine", "folder"]
    assert files.names(f"{tmp_path.name}/folder") == []


@pytest.mark.parametrize("url", ["", " ", "a\0b", "a\nb", "\x1b[31m", "file://", "file://a/b"])
def test_text_that_is_no_store_is_refused(url: str) -> None:
    """(fault 12)"""
    with pytest.raises(StoreError, match=r"is no path or URL of a store|is no file URL"):
        open_files(url)


@step
def answer() -> int:
    return 42


HOSTILE_ENTRIES = [b'"text"', b"[]", b"1", b"null", b"[" * 100_000, b'{"digest":1,"digest":2}']


@pytest.mark.parametrize("content", HOSTILE_ENTRIES, ids=range(len(HOSTILE_ENTRIES)))
def test_hostile_cache_entry_is_no_hit(content: bytes, store: Store) -> None:
    """(fault 48)"""
    Pipeline("p", [answer()]).run(store=store)
    [entry] = Path(store.url).glob("cache/*/*.json")
    entry.write_bytes(content)
    assert prune(store, keep_runs=1, dry_run=True)["cache_entries"] == 1
    run = Pipeline("p", [answer()]).run(store=store)
    assert (run.status, run.step("answer").state) == ("succeeded", "succeeded")


@pytest.mark.parametrize("content", [*HOSTILE_ENTRIES, b"{}", b'{"started_at":5}'])
def test_hostile_journal_does_not_hide_the_runs(content: bytes, store: Store) -> None:
    run = Pipeline("p", [answer()]).run(store=store)
    (Path(store.url) / "runs/x").mkdir(parents=True)
    (Path(store.url) / "runs/x/started.json").write_bytes(content)
    os.mkfifo(Path(store.url) / "runs/pipe")
    (Path(store.url) / "runs/.DS_Store").write_bytes(content)
    assert [entry["run_id"] for entry in history(store)] == [run.id]


def test_log_of_another_model_is_not_taken_for_this_one(store: Store) -> None:
    """(fault 78)"""

    DecisionLog(store, "churn").append(
        Decision(name="churn", outcome="promoted", model="m"), after=0
    )
    (Path(store.url) / "decisions/churn").rename(Path(store.url) / "decisions/credit")
    log = DecisionLog(store, "credit")
    for look in (log.champion, log.entries, log.verify):
        with pytest.raises(CorruptedError, match="Entry 1 of decisions/credit is not about"):
            look()


@pytest.mark.parametrize("names", [("first", "First"), ("a.b", "A.B")])
def test_steps_whose_names_are_one_for_some_systems_are_refused(names: tuple[str, str]) -> None:
    """(fault 16)"""
    steps = [place(answer(), name=n, outputs={"answer": f"out{i}"}) for i, n in enumerate(names)]
    with pytest.raises(PipelineError, match=f"has steps named '{names[0]}' and '{names[1]}'"):
        Pipeline("p", steps)
    swapped = [place(answer(), name=f"s{i}", outputs={"answer": n}) for i, n in enumerate(names)]
    with pytest.raises(PipelineError, match="has artifacts named"):
        Pipeline("p", swapped)
