"""Chains of records: what was done to one is named, and writers need no lock."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell import CorruptedError, DecisionConflict, StoreError
from stepwell._digest import canonical_json
from stepwell._storage._chain import START, Chain, Head
from stepwell._storage._files import LocalFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a chain of five entries."""
    chain = Chain(LocalFiles(tmp_path), "records")
    for name in ("one", "two", "three", "four", "five"):
        chain.append({"name": name})
    return tmp_path / "records"


def chain_in(folder: Path) -> Chain:
    return Chain(LocalFiles(folder.parent), folder.name)


def entry(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.json"


def edit(folder: Path, number: int, /, **changes: object) -> None:
    document = json.loads(entry(folder, number).read_bytes())
    entry(folder, number).write_bytes(canonical_json({**document, **changes}))


def swap(folder: Path, first: int, second: int) -> None:
    content = entry(folder, first).read_bytes()
    entry(folder, first).write_bytes(entry(folder, second).read_bytes())
    entry(folder, second).write_bytes(content)


def insert(folder: Path, after: int) -> None:
    """Put an entry between, and move and renumber all later ones; nobody can repair digests of
    what was noted elsewhere, and who forgets one digest is found."""
    for number in range(5, after, -1):
        document = json.loads(entry(folder, number).read_bytes())
        moved = canonical_json({**document, "number": number + 1})
        entry(folder, number + 1).write_bytes(moved)
    new = {"name": "new", "number": after + 1, "previous": chain_in(folder).read(after).digest}
    entry(folder, after + 1).write_bytes(canonical_json(new))


def test_untouched_chain_verifies_and_gives_its_head(folder: Path) -> None:
    head = chain_in(folder).verify()
    assert head == chain_in(folder).head()
    assert Head.parse(str(head)) == head
    assert chain_in(folder).verify(anchor=head) == head


def test_empty_chain_verifies(tmp_path: Path) -> None:
    assert Chain(LocalFiles(tmp_path), "records").verify() == Head(0, START)


TAMPERED: dict[str, tuple[Callable[[Path], object], str]] = {
    "edit": (lambda f: edit(f, 3, name="other"), "Entry 3 of records was changed"),
    "edit the first": (lambda f: edit(f, 1, name="other"), "Entry 1 of records was changed"),
    "edit the first one's start": (
        lambda f: edit(f, 1, previous="1" * 64),
        "Entry 1 of records was changed",
    ),
    "edit a number": (lambda f: edit(f, 3, number=7), "Entry 3 of records was changed"),
    "edit a digest": (lambda f: edit(f, 3, previous=START), "Entry 3 of records was changed"),
    "delete": (lambda f: entry(f, 3).unlink(), "Entry 3 of records is missing"),
    "delete the first": (lambda f: entry(f, 1).unlink(), "Entry 1 of records is missing"),
    "reorder": (lambda f: swap(f, 2, 4), "Entry 2 of records was changed"),
    "reorder and renumber": (
        lambda f: (swap(f, 2, 3), edit(f, 2, number=2), edit(f, 3, number=3)),
        "Entry 2 of records was changed",
    ),
    "insert": (lambda f: insert(f, 2), "Entry 4 of records was changed"),
    "damage": (lambda f: entry(f, 3).write_bytes(b'{"name"'), "records, entry 3 is not valid JSON"),
    "empty": (lambda f: entry(f, 3).write_bytes(b""), "records, entry 3 is not valid JSON"),
    "another kind": (lambda f: entry(f, 3).write_bytes(b"[]"), "records, entry 3 is not valid"),
    "link": (
        lambda f: (entry(f, 3).rename(f / "moved"), entry(f, 3).symlink_to(f / "moved")),
        "Entry 3 of records is missing",
    ),
}


@pytest.mark.parametrize(("tamper", "message"), TAMPERED.values(), ids=TAMPERED.keys())
def test_what_was_done_to_an_entry_is_named(
    tamper: Callable[[Path], object], message: str, folder: Path
) -> None:
    """(fault 78)"""
    tamper(folder)
    with pytest.raises(CorruptedError, match=message):
        chain_in(folder).verify()


def test_cut_off_end_shows_against_an_anchor(folder: Path) -> None:
    """(fault 78)"""
    anchor = chain_in(folder).head()
    entry(folder, 5).unlink()
    entry(folder, 4).unlink()
    assert chain_in(folder).verify().number == 3
    with pytest.raises(CorruptedError, match="has 3 entries; the anchor says that it had 5"):
        chain_in(folder).verify(anchor)


def test_changed_last_entry_shows_against_an_anchor(folder: Path) -> None:
    """(fault 78)"""
    anchor = chain_in(folder).head()
    edit(folder, 5, name="other")
    with pytest.raises(CorruptedError, match="Entry 5 of records is not the one of the anchor"):
        chain_in(folder).verify(anchor)


def test_chain_may_have_grown_since_the_anchor(folder: Path) -> None:
    anchor = chain_in(folder).head()
    chain_in(folder).append({"name": "six"})
    assert chain_in(folder).verify(anchor).number == 6


@pytest.mark.parametrize("text", ["", "5", "5:abc", "five:" + START, "²:" + START, "-1:" + START])
def test_text_that_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match=r"is no head of a chain\. A head looks like 12:3f9a"):
        Head.parse(text)


def test_files_that_are_no_entries_are_left_alone(folder: Path) -> None:
    for name in ("3.json", "00000000.json", "²³.json", "notes.txt", "00000009.json.bak"):
        (folder / name).write_text("x")
    assert chain_in(folder).verify().number == 5
    assert chain_in(folder).append({}).number == 6


def test_after_says_which_entry_the_writer_has_read(folder: Path) -> None:
    """(fault 54)"""
    first, second = chain_in(folder), chain_in(folder)
    assert first.append({"name": "mine"}, after=5).number == 6
    with pytest.raises(DecisionConflict, match=r"has 6 entries; .* after entry 5\. Somebody else"):
        second.append({"name": "theirs"}, after=5)
    assert [e.document["name"] for e in first.entries()][5:] == ["mine"]


APPEND = """
import pathlib, sys, time
from stepwell._storage._chain import Chain
from stepwell._storage._files import LocalFiles
root = pathlib.Path(sys.argv[1])
chain = Chain(LocalFiles(root), "records")
while not (root / "start").exists():
    time.sleep(0.001)
for number in range(int(sys.argv[3])):
    chain.append({"writer": sys.argv[2], "of_writer": number})
"""


@pytest.mark.parametrize(
    ("writers", "each"), [(3, 20), pytest.param(8, 100, marks=pytest.mark.soak)]
)
def test_processes_that_write_at_once_make_one_chain_and_lose_nothing(
    writers: int, each: int, tmp_path: Path
) -> None:
    """(fault 79)"""
    processes = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(tmp_path), str(writer), str(each)])
        for writer in range(writers)
    ]
    (tmp_path / "start").touch()
    assert [process.wait(600) for process in processes] == [0] * writers
    chain = Chain(LocalFiles(tmp_path), "records")
    assert chain.verify().number == writers * each
    written = [entry.document for entry in chain.entries()]
    for writer in map(str, range(writers)):
        mine = [document["of_writer"] for document in written if document["writer"] == writer]
        assert mine == list(range(each))


def test_entry_of_a_newer_version_is_kept_and_verified(folder: Path) -> None:
    """(fault 82)"""
    newer = {"format": "stepwell.record/9", "unheard_of": {"deep": [1, {"er": None}]}}
    written = chain_in(folder).append(newer)
    chain_in(folder).append({"name": "seven"})
    assert chain_in(folder).verify().number == 7
    assert chain_in(folder).read(6).document == written.document
    assert written.document["unheard_of"] == newer["unheard_of"]


def test_entries_are_read_in_both_directions(folder: Path) -> None:
    chain = chain_in(folder)
    names = [e.document["name"] for e in chain.entries()]
    assert names == ["one", "two", "three", "four", "five"]
    assert [e.document["name"] for e in chain.newest_first()] == names[::-1]
