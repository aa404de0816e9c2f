"""The run record: from it can be told which data, code and checks led to what."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from stepwell import (
    CorruptedError,
    Dataset,
    Finding,
    Load,
    Metric,
    Pipeline,
    Report,
    Run,
    Step,
    place,
    step,
)
from stepwell._storage._store import Store


@dataclass(frozen=True)
class Checked:
    data: Dataset
    report: Report


class Check(Step):
    """Passes data on, with a report."""

    limit: int = 3

    def run(self, *, data: Dataset) -> Checked:
        finding = Finding(check="rows", verdict="warned", message="few rows", rows=len(data))
        metric = Metric(name="rows", value=float("nan"))
        return Checked(data, Report(findings=[finding], metrics=[metric]))


@step(returns="size")
def size(data: pl.DataFrame) -> int:
    return len(data)


@step(returns="broken")
def broken(size: int) -> int:
    raise ValueError


@pytest.fixture
def run(tmp_path: Path, store: Store) -> Run:
    (tmp_path / "rows.csv").write_text("a\n1\n2\n")
    steps = [Load(source="rows.csv"), place(Check(limit=9), name="first"), size(), broken()]
    return Pipeline("credit", steps).run(store=store)


def test_record_of_the_run_is_the_one_in_the_chain(run: Run, store: Store) -> None:
    [entry] = store.records.entries()
    assert entry.document == json.loads(json.dumps(run.record, allow_nan=False))
    assert str(run.head) == f"1:{entry.digest}"
    assert store.records.verify(run.head).number == 1


def test_what_stands_in_it(run: Run) -> None:
    record = run.record
    assert (record["format"], record["run_id"]) == ("stepwell.record/1", run.id)
    assert (record["pipeline"], record["status"], record["inputs"]) == ("credit", "failed", {})
    assert record["started_at"] < record["finished_at"]
    assert record["packages"]["polars"] == pl.__version__
    assert {"git", "python", "platform", "seconds", "number", "previous"} <= set(record)


def test_what_stands_in_it_of_a_step(run: Run) -> None:
    recorded = run.record["steps"][1]
    expected = {
        "name": "first",
        "step": f"{__name__}:Check",
        "configuration": {"limit": 9},
        "state": "succeeded",
        "reason": None,
        "verdict": "warned",
        "rows": 2,
    }
    assert {key: recorded[key] for key in expected} == expected
    assert recorded["seconds"] > 0
    assert recorded["peak_memory"] > 1_000_000


def test_every_artifact_is_traced_by_its_fingerprint(run: Run) -> None:
    load, first, sized, _ = run.record["steps"]
    data = load["outputs"]["data"]
    assert data == {"artifact": "data", "kind": "dataset", "fingerprint": data["fingerprint"]}
    assert first["inputs"]["data"] == {
        "from": "load",
        "output": "data",
        "fingerprint": data["fingerprint"],
    }
    assert first["outputs"]["data"]["fingerprint"] == data["fingerprint"]
    assert first["outputs"]["report"]["artifact"] == "first_report"
    assert sized["outputs"]["size"]["fingerprint"] == run.fingerprint("size")


def test_package_and_code_of_every_step_are_named(run: Run) -> None:
    load, first, *_ = run.record["steps"]
    assert (load["package"], load["version"]) == ("stepwell", run.record["packages"]["stepwell"])
    assert (first["package"], len(first["code"])) == (None, 64)


def test_every_report_stands_in_it(run: Run) -> None:
    [(name, report)] = run.record["reports"].items()
    assert (name, report["verdict"], report["step"]) == ("first_report", "warned", "first")
    assert report["findings"][0]["rows"] == 2
    assert report["metrics"][0]["value"] is None


def test_failure_stands_in_it_with_place_and_without_message(run: Run) -> None:
    failed = run.record["steps"][3]
    assert (failed["state"], failed["outputs"]) == ("failed", {})
    assert failed["reason"].startswith(f"ValueError at {__file__}:")


def test_cached_step_names_the_run_that_made_it(run: Run, store: Store, tmp_path: Path) -> None:
    again = Pipeline("credit", [Load(source="rows.csv")]).run(store=store)
    recorded = again.record["steps"][0]
    assert (recorded["state"], recorded["cached_from"]) == ("cached", run.id)
    assert recorded["outputs"] == run.record["steps"][0]["outputs"]
    assert store.records.verify().number == 2


def test_inputs_of_the_pipeline_are_fingerprinted(store: Store) -> None:
    pipeline = Pipeline("p", [size()], inputs={"data": Dataset})
    frame = pl.DataFrame({"a": [1]})
    done = pipeline.run(store=store, data=frame)
    assert done.record["inputs"] == {"data": Dataset.of(frame).fingerprint}


def test_nothing_is_left_of_a_run_that_ended(run: Run, store: Store) -> None:
    left = [f for f in Path(store.url, "runs").rglob("*") if f.is_file()]
    assert left == []


# git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, which is the current folder."""
    (tmp_path / "code.py").write_text("x = 1\n")
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    for command in (["init", "-q"], ["add", "code.py"], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def git_of(store: Store) -> object:
    @step(returns="one")
    def one() -> int:
        return 1

    return Pipeline("p", [one()]).run(store=store).record["git"]


def test_commit_and_changes_stand_in_the_record(repository: Path, store: Store) -> None:
    command = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert git_of(store) == {"commit": commit.stdout.strip(), "dirty": False}
    (repository / "code.py").write_text("x = 2\n")
    assert git_of(store) == {"commit": commit.stdout.strip(), "dirty": True}


def test_outside_of_a_repository_git_is_none(store: Store) -> None:
    assert git_of(store) is None


def test_without_git_on_the_path_git_is_none(
    repository: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_of(store) is None


def test_chain_that_takes_no_record_is_told_before_anything_runs(store: Store) -> None:
    executed = []

    @step(returns="n")
    def count() -> int:
        executed.append(1)
        return 1

    store.files.write("records/00000001.json", b"{")
    with pytest.raises(CorruptedError, match="entry 1 is not valid JSON"):
        Pipeline("p", [count()]).run(store=store)
    assert executed == []
