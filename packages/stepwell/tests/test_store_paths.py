"""No name, and no link, leads out of the store."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stepwell import (
    ConfigurationError,
    Dataset,
    DecisionLog,
    Load,
    Model,
    ModelDescription,
    ModelError,
    Pipeline,
    StepwellError,
    StoreError,
    place,
)
from stepwell._storage._files import Files, LocalFiles
from stepwell._storage._object_files import ObjectFiles
from stepwell._storage._store import Store

HOSTILE = [
    "",
    ".",
    "..",
    "../outside",
    "a/../../b",
    "a/..",
    "/etc/passwd",
    "//host/share",
    "a//b",
    "a/",
    "%2e%2e",
    "%252e%252e/x",
    "..%2fx",
    "a\0b",
    "a\\..\\b",
    "C:\\x",
    "C:x",
    "a.",
    "a ",
    " a",
    "a\n",
    "~root",
    "-rf",
    ".hidden",
    "a\u2215b",
    "a\uff0fb",
    "\u2024\u2024",
    "a\u202eb",
    "\uff41",
    "é",
    "e\u0301",
    "$(x)",
    "a;b",
    "a*",
]
NO_NAME = [*HOSTILE, "a/b", "CON", "nul", "com1.txt", "x" * 101, None, 3]


@pytest.fixture(params=["local", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "local":
        return LocalFiles(tmp_path / "store")
    return ObjectFiles(f"memory://{tmp_path.name}")


OPERATIONS: dict[str, Callable[[Files, str], object]] = {
    "read": lambda files, name: files.read(name),
    "map": lambda files, name: files.map(name),
    "exists": lambda files, name: files.exists(name),
    "write": lambda files, name: files.write(name, b"x"),
    "create": lambda files, name: files.create(name, b"x"),
    "names": lambda files, name: files.names(name),
    "delete": lambda files, name: files.delete(name),
    "delete_folder": lambda files, name: files.delete_folder(name),
    "size": lambda files, name: files.size(name),
    "modified": lambda files, name: files.modified(name),
}


def accepted(
    names: Iterable[object], operation: Callable[[Any], object], error: type[StepwellError]
) -> list[object]:
    """The names which `operation` does not refuse with `error`."""
    found = []
    for name in names:
        try:
            operation(name)
        except error:
            continue
        found.append(name)
    return found


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_hostile_path_is_refused_by_every_operation(
    operation: Callable[[Files, str], object], files: Files
) -> None:
    """(faults 12 and 15)"""
    assert accepted(HOSTILE, lambda name: operation(files, name), StoreError) == []


def test_hostile_path_is_refused_for_a_file_being_written(tmp_path: Path) -> None:
    """(fault 12)"""
    files = LocalFiles(tmp_path / "store")

    def write(name: str) -> None:
        with files.incoming() as incoming:
            incoming.keep_as(name)

    assert accepted(HOSTILE, write, StoreError) == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


NAMED: dict[str, Callable[[Any], object]] = {
    "model in production": lambda name: DecisionLog(Store("store"), name),
    "pipeline": lambda name: Pipeline(name, []),
    "step": lambda name: place(Load(source="x.csv"), name=name or ""),
}


@pytest.mark.parametrize("operation", NAMED.values(), ids=NAMED.keys())
def test_hostile_name_is_refused(operation: Callable[[Any], object]) -> None:
    """(fault 12)"""
    assert accepted(NO_NAME, operation, ConfigurationError) == []


def test_hostile_name_of_a_file_of_a_model_is_refused() -> None:
    """(fault 12)"""

    def made(name: str) -> Model:
        return Model.from_files(ModelDescription(format="tiny"), {name: b"x"})

    assert accepted([*HOSTILE, "a/b", "model.json", "nul"], made, ModelError) == []


def test_refusal_of_a_name_says_what_to_write() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Pipeline("../credit", [])
    assert str(caught.value) == (
        "'../credit' cannot be the name of a pipeline. "
        "Use letters, digits, '.', '_' and '-', beginning with a letter or digit."
    )


def test_names_that_differ_only_in_case_are_refused(store: Store) -> None:
    """(fault 16)"""
    store.decisions("Credit").append({})
    with pytest.raises(ConfigurationError, match="differs only in case from 'Credit'"):
        store.decisions("credit")
    assert store.decisions("Credit").head().number == 1


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the store with one file."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text("secret")
    return folder


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
@pytest.mark.parametrize("used_before", [True, False])
def test_linked_folder_is_not_entered(
    operation: Callable[[Files, str], object], used_before: bool, outside: Path, tmp_path: Path
) -> None:
    """(fault 13)"""
    files = LocalFiles(tmp_path / "store")
    if used_before:
        files.write("folder/file", b"x")
        files.delete("folder/file")
        (tmp_path / "store/folder").rmdir()
    (tmp_path / "store").mkdir(exist_ok=True)
    (tmp_path / "store/folder").symlink_to(outside)
    with pytest.raises(StoreError, match=r"A symbolic link leads 'folder/.*' out of"):
        operation(files, "folder/secret" if operation is not OPERATIONS["names"] else "folder")
    assert [(f.name, f.read_text()) for f in outside.iterdir()] == [("secret", "secret")]


def test_linked_file_is_neither_read_nor_written_through_nor_listed(
    outside: Path, tmp_path: Path
) -> None:
    """(fault 13)"""
    files = LocalFiles(tmp_path / "store")
    link = tmp_path / "store/folder/link"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "secret")
    for read in (files.read, files.map):
        with pytest.raises(StoreError, match="cannot be read"):
            read("folder/link")
    assert (files.exists("folder/link"), files.names("folder")) == (False, [])
    assert not files.create("folder/link", b"x")
    files.write("folder/link", b"x")
    files.delete("folder/link")
    assert (outside / "secret").read_text() == "secret"


def test_removed_folder_takes_nothing_along_that_is_linked(outside: Path, tmp_path: Path) -> None:
    """(fault 15)"""
    files = LocalFiles(tmp_path / "store")
    files.write("runs/one/file", b"x")
    files.write("runs/other/file", b"x")
    (tmp_path / "store/runs/one/folder").symlink_to(outside)
    (tmp_path / "store/runs/one/link").symlink_to(tmp_path / "store/runs/other/file")
    files.delete_folder("runs/one")
    assert files.names("runs") == ["other"]
    assert (outside / "secret").read_text() == "secret"
    assert files.read("runs/other/file") == b"x"


def test_link_in_place_of_a_folder_is_not_removed_through(outside: Path, tmp_path: Path) -> None:
    """(fault 15)"""
    (tmp_path / "store/runs").mkdir(parents=True)
    (tmp_path / "store/runs/one").symlink_to(outside)
    with pytest.raises(StoreError, match="cannot be removed"):
        LocalFiles(tmp_path / "store").delete_folder("runs/one")
    assert (outside / "secret").exists()


def test_linked_folder_for_files_on_their_way_is_not_used(outside: Path, tmp_path: Path) -> None:
    """(fault 13)"""
    (tmp_path / "store").mkdir()
    (tmp_path / "store/incoming").symlink_to(outside)
    with pytest.raises(StoreError, match="A symbolic link"):
        LocalFiles(tmp_path / "store").write("file", b"x")
    assert len(list(outside.iterdir())) == 1


def test_link_to_the_store_itself_may_be_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fingerprint = Store(tmp_path / "link").put(Dataset.of(pl.DataFrame({"a": [1]})))
    assert len(Store(tmp_path / "real").get(fingerprint, "dataset")) == 1


def test_hostile_fingerprint_is_refused(store: Store) -> None:
    """(fault 12)"""
    names = ["..", "../../../etc/passwd", "ab/../..", "", "zz\0"]
    assert accepted(names, lambda name: store.get(name, "dataset"), StepwellError) == []
