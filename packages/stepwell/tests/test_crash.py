"""A run that dies at any of its writes: what is left, and what a resume makes of it."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from stepwell import Pipeline, step
from stepwell._storage._files import LocalFiles
from stepwell._storage._store import Store

PROGRAM = Path(__file__).with_name("crashing.py")


def outcomes(folder: Path, store: str, mode: str) -> list[dict[str, Any]]:
    """What is left after a run that was harmed at its first, second, … write; unharmed at last."""
    command = [sys.executable, "-W", "error", str(PROGRAM), store, mode]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("killed")
    return outcomes(folder, str(folder / "stores"), "killed")


def test_killed_run_ends_in_the_same_record(killed: list[dict[str, Any]]) -> None:
    """(fault 43)"""
    *harmed, unharmed = killed
    assert len(harmed) >= 40
    for outcome in harmed:
        assert (outcome["exit"], outcome["again"]) == (-9, 0), outcome
        assert outcome["left"]["record"] == unharmed["left"]["record"], outcome["write"]


def test_killed_run_has_one_record_and_leaves_no_journal(killed: list[dict[str, Any]]) -> None:
    """(fault 43)"""
    for outcome in killed:
        assert outcome["left"]["statuses"] == ["succeeded"], outcome["write"]
        assert outcome["left"]["on their way"] == [], outcome["write"]


def test_effect_of_a_killed_run_happens_once(killed: list[dict[str, Any]]) -> None:
    """(fault 43)"""
    for outcome in killed:
        happened = outcome["left"]["effects"], outcome["left"]["decisions"]
        assert happened == (1, 1), outcome["write"]


def test_step_whose_effect_is_noted_is_not_called_again(killed: list[dict[str, Any]]) -> None:
    calls = [outcome["left"]["calls"] for outcome in killed]
    asked_again = [position for position, number in enumerate(calls) if number == 2]
    assert set(calls) == {1, 2}
    assert set(calls[asked_again[-1] + 1 :]) == {1}
    assert len(calls) - asked_again[-1] > 4  # the record and the end of the journal come after it


def test_run_on_a_full_disk_is_made_good_when_there_is_space(tmp_path: Path) -> None:
    """(fault 44)"""
    *harmed, unharmed = outcomes(tmp_path, str(tmp_path / "stores"), "full")
    assert len(harmed) >= 30
    for outcome in harmed:
        assert (outcome["exit"], outcome["again"]) == (3, 0), outcome
        assert outcome["left"]["record"] == unharmed["left"]["record"], outcome["write"]
        assert outcome["left"]["statuses"][-1] == "succeeded"
        assert outcome["left"]["incoming"] == 0, outcome["write"]


def test_interrupt_at_any_write_cancels_the_run_or_comes_too_late(tmp_path: Path) -> None:
    """(fault 52)"""
    *harmed, unharmed = outcomes(tmp_path, str(tmp_path / "stores"), "interrupted")
    assert len(harmed) >= 40
    for outcome in harmed:
        ended = {3: ["cancelled", "succeeded"], 0: ["succeeded"]}[outcome["exit"]]
        assert outcome["left"]["statuses"] == ended, outcome["write"]
        assert outcome["left"]["record"] == unharmed["left"]["record"], outcome["write"]
        assert outcome["left"]["on their way"] == [], outcome["write"]
    too_late = [outcome["write"] for outcome in harmed if outcome["exit"] == 0]
    assert too_late[0] > len(harmed) - 18


@step
def small() -> pl.DataFrame:
    return pl.DataFrame({"a": [1]})


@step(returns="large")
def large(data: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({"a": range(200_000)})


def test_artifact_that_does_not_fit_fails_its_step_and_leaves_no_half_of_it(tmp_path: Path) -> None:
    """The system itself cuts the write off (fault 44)."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        run = Pipeline("p", [small(), large()]).run(store=tmp_path, observers=[])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert [done.state for done in run.steps] == ["succeeded", "failed"]
    assert "cannot be written: File too large" in str(run.step("large").reason)
    assert [entry.document["status"] for entry in Store(tmp_path).records.entries()] == ["failed"]
    assert list((tmp_path / "incoming").iterdir()) == []
    assert all(file.stat().st_size < 100_000 for file in tmp_path.glob("blobs/*/*"))


def test_bytes_are_on_the_disk_before_their_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power failure leaves the old file or the new one (fault 45)."""
    order: list[tuple[str, str]] = []
    fsync, replace, link = os.fsync, os.replace, os.link

    def noted_sync(descriptor: int) -> None:
        order.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", lambda a, b: (replace(a, b), order.append(("name", b))))
    monkeypatch.setattr(os, "link", lambda a, b: (link(a, b), order.append(("name", b))))
    files = LocalFiles(tmp_path)
    files.write("records/a.json", b"1")
    files.create("records/b.json", b"2")
    kinds = [kind for kind, _ in order]
    assert kinds == ["sync", "name", "sync"] * 2
    assert [str(Path(order[at][1]).parent) for at in (0, 3)] == [str(tmp_path / "incoming")] * 2
    assert [order[at][1] for at in (2, 5)] == [str(tmp_path / "records")] * 2


@pytest.mark.parametrize("left", [b"", b"\0" * 300, None])
def test_cache_entry_that_a_power_failure_took_costs_an_execution(
    tmp_path: Path, left: bytes | None
) -> None:
    """(fault 45)"""
    pipeline = Pipeline("p", [small()])
    pipeline.run(store=tmp_path, observers=[])
    (entry,) = (tmp_path / "cache").rglob("*.json")
    entry.unlink() if left is None else entry.write_bytes(left)
    first, second = (pipeline.run(store=tmp_path, observers=[]) for _ in range(2))
    assert [run.steps[0].state for run in (first, second)] == ["succeeded", "cached"]
    assert first.steps[0].outputs["data"].fingerprint == second.steps[0].outputs["data"].fingerprint


def test_what_a_file_names_is_written_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Columns, then the dataset, then the entry of the cache, then the record (fault 45)."""
    names: list[str] = []
    replace, link = os.replace, os.link
    monkeypatch.setattr(os, "replace", lambda a, b: (replace(a, b), names.append(b)))
    monkeypatch.setattr(os, "link", lambda a, b: (link(a, b), names.append(b)))
    Pipeline("p", [small()]).run(store=tmp_path, observers=[])
    folders = [Path(name).relative_to(tmp_path).parts[0] for name in names]
    assert folders == ["runs", "blobs", "blobs", "cache", "records"]
    fingerprint = json.loads(Path(names[3]).read_text())["outputs"]["data"]
    assert names[2].endswith(fingerprint[2:])
