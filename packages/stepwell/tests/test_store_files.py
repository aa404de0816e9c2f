"""Files of a store: whole or not at all, and created only once."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

from stepwell import CorruptedError, Dataset, Report, StoreError
from stepwell._storage._files import Files, LocalFiles, open_files
from stepwell._storage._object_files import ObjectFiles
from stepwell._storage._store import Store


@pytest.fixture(params=["local", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "local":
        return LocalFiles(tmp_path / "store")
    return ObjectFiles(f"memory://{tmp_path.name}")


def test_written_file_is_read_listed_measured_and_deleted(files: Files) -> None:
    files.write("folder/b", b"12")
    files.write("folder/a", b"1")
    files.write("folder/a", b"123")
    assert (files.read("folder/a"), bytes(files.map("folder/b"))) == (b"123", b"12")
    assert (files.names("folder"), files.size("folder/a")) == (["a", "b"], 3)
    assert files.modified("folder/a") > 1e9
    files.delete("folder/a")
    files.delete("folder/a")
    assert (files.exists("folder/a"), files.names("folder")) == (False, ["b"])


def test_file_that_is_not_there(files: Files) -> None:
    assert (files.exists("a/b"), files.names("a")) == (False, [])
    for operation in (files.read, files.map, files.size):
        with pytest.raises(FileNotFoundError):
            operation("a/b")


def test_empty_file_is_mapped(files: Files) -> None:
    files.write("empty", b"")
    assert bytes(files.map("empty")) == b""


def test_second_create_changes_nothing(files: Files) -> None:
    assert files.create("chain/1", b"first")
    assert not files.create("chain/1", b"second")
    assert files.read("chain/1") == b"first"


CREATE = """
import pathlib, sys, time
from stepwell._storage._files import LocalFiles
root = pathlib.Path(sys.argv[1])
files = LocalFiles(root / "store")
while not (root / "start").exists():
    time.sleep(0.001)
print(*[number for number in range(25) if files.create(f"chain/{number}", b"x")])
"""


def test_of_eight_processes_exactly_one_creates_each_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CREATE, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    (tmp_path / "start").touch()
    won = [int(number) for process in processes for number in process.communicate()[0].split()]
    assert sorted(won) == list(range(25))
    assert list((tmp_path / "store/incoming").iterdir()) == []


class Interrupted(Exception):
    """Something that happens in the middle of writing."""


def test_half_written_file_is_never_visible(files: Files) -> None:
    """(fault 43)"""
    with suppress(Interrupted), files.incoming() as incoming:
        incoming.file.write(b"half of ")
        incoming.keep_as("folder/file")
        assert not files.exists("folder/file")
        raise Interrupted
    assert (files.exists("folder/file"), files.names("incoming")) == (False, [])


def test_interrupted_replacement_leaves_the_old_file(files: Files) -> None:
    files.write("folder/file", b"old")
    with suppress(Interrupted), files.incoming() as incoming:
        incoming.file.write(b"new, half")
        incoming.keep_as("folder/file")
        raise Interrupted
    assert files.read("folder/file") == b"old"


def test_content_is_safe_on_disk_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 45)"""
    order = []
    fsync, replace, link = os.fsync, os.replace, os.link
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("sync"), fsync(fd))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("name"), replace(a, b))[1])
    monkeypatch.setattr(os, "link", lambda a, b: (order.append("name"), link(a, b))[1])
    files = LocalFiles(tmp_path / "store")
    files.write("file", b"x")
    files.create("chain", b"x")
    assert order == ["sync", "name", "sync"] * 2


def test_files_can_be_read_by_whom_the_umask_allows(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        LocalFiles(tmp_path / "store").write("folder/file", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "store/folder/file").stat().st_mode & 0o777 == 0o640


FULL_DISK = """
import resource, signal, sys
import polars as pl
from stepwell import Dataset, Report, StoreError
from stepwell._storage._store import Store
store = Store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
big = Dataset.of(pl.DataFrame({"a": range(100_000), "b": range(100_000)}))
for put in (lambda: store.put(big), lambda: store.put_blob(b"x" * 20_000)):
    try:
        put()
    except StoreError as error:
        print(error)
print(store.put_blob(b"small enough"))
"""


def test_full_disk_leaves_no_half_artifact_and_frees_its_space(tmp_path: Path) -> None:
    """(fault 44)"""
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", FULL_DISK, str(tmp_path / "store")],
        capture_output=True,
        text=True,
        check=True,
    )
    *messages, last = done.stdout.splitlines()
    assert len(messages) == 2
    assert all("store cannot be written: File too large. Free some space" in m for m in messages)
    left = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert [path.parent.name + path.name for path in left] == [last]
    assert done.stderr == ""


def test_read_only_store_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"cannot be written: .*choose another store"):
        Store(tmp_path / "store").put_blob(b"x")


# blobs


def test_blob_is_named_by_its_digest_and_written_once(store: Store) -> None:
    digest = store.put_blob(b"content")
    written = Path(store.url, "blobs", digest[:2], digest[2:])
    before = written.stat().st_mtime_ns
    assert store.put_blob(b"content") == digest
    assert Store(store.url).put_blob(b"content") == digest
    assert written.stat().st_mtime_ns == before
    assert bytes(store.blob(digest)) == b"content"


def test_changed_blob_is_found(store: Store) -> None:
    digest = store.put_blob(b"content")
    Path(store.url, "blobs", digest[:2], digest[2:]).write_bytes(b"Content")
    with pytest.raises(CorruptedError, match=f"Blob {digest[:12]} .* was changed"):
        Store(store.url).blob(digest)


def test_truncated_blob_is_found(store: Store) -> None:
    digest = store.put_blob(b"content")
    Path(store.url, "blobs", digest[:2], digest[2:]).write_bytes(b"")
    with pytest.raises(CorruptedError):
        Store(store.url).blob(digest)


def test_missing_blob_names_the_store(store: Store) -> None:
    with pytest.raises(StoreError, match=f"{store.url} has no blob 000000000000"):
        store.blob("0" * 64)


def test_report_comes_back_equal(store: Store) -> None:
    report = Report(step="check", verdict="warned", details={"nested": {"list": [1, None]}})
    assert Store(store.url).get(store.put(report), "report") == report


@pytest.mark.parametrize("content", [b"[]", b"\xff", b'{"verdict": "excellent"}'])
def test_blob_that_is_no_report_is_refused(content: bytes, store: Store) -> None:
    with pytest.raises(CorruptedError, match="is no report"):
        store.get(store.put_blob(content), "report")


# object stores


def test_object_store_keeps_everything(tmp_path: Path) -> None:
    url = f"memory://{tmp_path.name}"
    frame = pl.DataFrame({"a": [1, None], "b": ["x", "y"]})
    fingerprint = Store(url).put(Dataset.of(frame, roles={"b": "personal"}))
    stored = Store(url).get(fingerprint, "dataset")
    assert stored.to_polars().equals(frame)
    assert stored.roles.of("b") == ("personal",)
    Store(url).records.append({"run_id": "1"})
    assert Store(url).records.verify().number == 1


def test_file_url_is_a_local_store(tmp_path: Path) -> None:
    files = open_files(f"file://{tmp_path}/store")
    assert isinstance(files, LocalFiles)
    assert files.root == tmp_path / "store"


UNUSABLE = {
    "nosuch://bucket": "The store nosuch://bucket cannot be opened",
    "zip://x::missing.zip": r"cannot be opened \(FileNotFoundError\)",
    "local://user:pass@host/x": r"local://\*+@host/x cannot be used: LocalFileSystem has no way to",
}


@pytest.mark.parametrize(("url", "message"), UNUSABLE.items())
def test_place_where_no_store_can_be_is_refused(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        Store(url)
