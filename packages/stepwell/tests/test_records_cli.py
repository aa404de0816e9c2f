"""`records verify` and `runs`: tampered chains are named, records of other versions are kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stepwell import CorruptedError, Decision, DecisionLog, Pipeline, StoreError, step
from stepwell._cli import stepwell
from stepwell._storage._store import Store


@step
def answer() -> int:
    return 42


@pytest.fixture
def records(store: Store) -> Path:
    """The folder of four records, in a store that also has a log of two decisions."""
    for _ in range(4):
        Pipeline("answers", [answer()]).run(store=store)
    log = DecisionLog(store, "m")
    for number in range(2):
        log.append(Decision(name="m", outcome="refused"), after=number)
    return Path(store.url) / "records"


def typed(records: Path, *arguments: str) -> Result:
    return CliRunner().invoke(stepwell, [*arguments, "--store", str(records.parent)])


def entry(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.json"


def edit(folder: Path) -> None:
    changed = entry(folder, 2).read_text().replace('"cached"', '"failed"')
    entry(folder, 2).write_text(changed)


def delete(folder: Path) -> None:
    entry(folder, 2).unlink()


def swap(folder: Path) -> None:
    second, third = entry(folder, 2).read_bytes(), entry(folder, 3).read_bytes()
    entry(folder, 2).write_bytes(third)
    entry(folder, 3).write_bytes(second)


def insert(folder: Path) -> None:
    for number in (4, 3, 2):
        entry(folder, number).rename(entry(folder, number + 1))
    entry(folder, 2).write_bytes(entry(folder, 3).read_bytes())


def damage(folder: Path) -> None:
    entry(folder, 2).write_bytes(b"\x80\x04}.")


TAMPERED: dict[str, tuple[Callable[[Path], None], str]] = {
    "edited": (edit, "Entry 2 of records was changed"),
    "deleted": (delete, "Entry 2 of records is missing"),
    "reordered": (swap, "Entry 2 of records was changed"),
    "inserted": (insert, "Entry 3 of records was changed"),
    "damaged": (damage, "records, entry 2 is not valid JSON"),
}


@pytest.mark.parametrize(("tamper", "message"), TAMPERED.values(), ids=TAMPERED)
def test_first_bad_record_is_named_and_other_chains_are_verified(
    tamper: Callable[[Path], None], message: str, records: Path
) -> None:
    """(fault 78)"""
    tamper(records)
    done = typed(records, "records", "verify")
    assert isinstance(done.exception, CorruptedError)
    assert str(done.exception).startswith(message)
    assert "decisions/m: 2 entries, all as they were written" in done.output


@pytest.mark.parametrize("chain", ["records", "decisions/m"])
def test_end_that_was_cut_off_shows_against_an_anchor(chain: str, records: Path) -> None:
    """(fault 78)"""
    heads = json.loads(typed(records, "records", "verify", "--json").stdout)
    anchor = f"{chain}={heads[chain]['head']}"
    assert typed(records, "records", "verify", "--anchor", anchor).exit_code == 0
    entry(records.parent / chain, heads[chain]["entries"]).unlink()
    assert typed(records, "records", "verify").exit_code == 0
    done = typed(records, "records", "verify", "--anchor", anchor)
    assert "its end was cut off" in str(done.exception)


def test_whole_log_that_is_gone_shows_against_an_anchor(records: Path) -> None:
    """(fault 78)"""
    anchor = f"decisions/n=1:{'a' * 64}"
    done = typed(records, "records", "verify", "--anchor", anchor)
    assert "decisions/n has 0 entries; the anchor says that it had 1" in str(done.exception)


@pytest.fixture
def newer(records: Path) -> Path:
    """As `records`, with one that a newer version has written, and one of this version after it."""
    store = Store(records.parent)
    store.records.append({"format": "stepwell.record/9", "id": [1], "run_id": 7, "steps": "many"})
    Pipeline("answers", [answer()]).run(store=store)
    return records


def test_record_of_a_newer_version_is_kept_verified_and_reported(newer: Path) -> None:
    """(fault 82)"""
    before = entry(newer, 5).read_bytes()
    assert "records: 6 entries, all as" in typed(newer, "records", "verify").output
    listed = json.loads(typed(newer, "runs", "list", "--json").stdout)
    assert [one["status"] for one in listed] == ["unknown format", *["succeeded"] * 5]
    assert "record 5" in typed(newer, "runs", "list").output
    assert "of answers: succeeded" in typed(newer, "runs", "show", "last").output
    assert entry(newer, 5).read_bytes() == before


@pytest.mark.parametrize("command", ["runs show", "runs diff 7", "store prune"])
def test_record_of_a_newer_version_is_not_guessed_at(command: str, newer: Path) -> None:
    """What it needs cannot be known, so nothing is pruned (fault 82)."""
    entry(newer, 6).unlink()
    done = typed(newer, *command.split())
    assert isinstance(done.exception, StoreError)
    assert "Record 5 has the format 'stepwell.record/9'; this version reads" in str(done.exception)
    assert "pip install --upgrade stepwell" in str(done.exception)


def test_record_of_a_newer_version_is_shown_as_it_is(newer: Path) -> None:
    """(fault 82)"""
    entry(newer, 6).unlink()
    shown = json.loads(typed(newer, "runs", "show", "--json").stdout)
    assert (shown["format"], shown["id"]) == ("stepwell.record/9", [1])


def test_record_that_is_none_is_named(records: Path) -> None:
    Store(records.parent).records.append({"format": "stepwell.record/1", "steps": [{"name": 1}]})
    done = typed(records, "runs", "show")
    assert "Entry 5 of records is no record of a run" in str(done.exception)


def test_record_cannot_steer_a_terminal(records: Path) -> None:
    """(fault 32)"""
    record = json.loads(entry(records, 4).read_text())
    name = "\x1b]0;owned\x07"
    step_ = {**record["steps"][0], "name": name, "reason": name}
    changes = {"run_id": f"x{name}", "pipeline": name, "status": name, "steps": [step_]}
    Store(records.parent).records.append({**record, **changes})
    for command in ("runs list", "runs show", f"runs diff {record['run_id']}"):
        assert "\x1b" not in typed(records, *command.split()).output


@pytest.mark.parametrize("run_id", ["", "..", "../records/00000001", "%2e%2e", "nobody\x1b[31m"])
def test_run_that_does_not_exist_is_explained(run_id: str, records: Path) -> None:
    """(fault 12)"""
    done = typed(records, "runs", "show", run_id)
    assert f"has no record of a run {run_id!r}" in str(done.exception)
