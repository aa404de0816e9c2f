"""Interrupted runs: how they are listed, resumed, and when they are not."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from stepwell._records._journal import Journal
from stepwell._records._owner import Owner
from stepwell._storage._store import Store

PROJECT = """
import os, time
import polars as pl
from stepwell import Pipeline, step

@step
def rows(*, count: int = 3) -> pl.DataFrame:
    print("rows is executed")
    return pl.DataFrame({"a": range(count)})

@step(returns="receipt", effects=True)
def publish(data: pl.DataFrame) -> str:
    print("publish is executed")
    return f"{len(data)} rows"

@step(returns="size")
def fragile(data: pl.DataFrame, receipt: str) -> int:
    if os.path.exists("broken"):
        os.kill(os.getpid(), 9)
    while os.path.exists("slow"):
        time.sleep(0.05)
    return len(data)

credit = Pipeline("credit", [rows(), publish(), fragile()])
"""


def stepwell(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stepwell", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a run whose process was killed in the last of its three steps."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "credit.py").write_text(PROJECT)
    (folder / "broken").touch()
    assert stepwell(folder, "run", "credit.py").returncode == -9
    (folder / "broken").unlink()
    return folder


@pytest.fixture
def project(killed_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(killed_once, tmp_path / "project")
    return tmp_path / "project"


def listed(folder: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        stepwell(folder, "runs", "list", "--limit", "99", "--json").stdout
    )
    return found


def executed(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split()[0] for line in done.stdout.splitlines() if "is executed" in line]


def test_killed_run_is_listed_as_interrupted(project: Path) -> None:
    """(fault 52)"""
    assert [run["status"] for run in listed(project)] == ["interrupted"]


def test_resumed_run_keeps_its_id_and_repeats_nothing(project: Path) -> None:
    before = listed(project)[0]["run_id"]
    done = stepwell(project, "run", "credit.py", "--resume", "last")
    assert (done.returncode, executed(done)) == (0, [])
    assert [(run["run_id"], run["status"]) for run in listed(project)] == [(before, "succeeded")]
    record = json.loads(stepwell(project, "runs", "show", "--json").stdout)
    assert [step["state"] for step in record["steps"]] == ["succeeded"] * 3
    assert len(record["resumed_at"]) == 1


def test_new_run_repeats_the_effect(project: Path) -> None:
    done = stepwell(project, "run", "credit.py")
    assert executed(done) == ["publish"]
    assert [run["status"] for run in listed(project)] == ["succeeded", "interrupted"]


def test_run_without_the_cache_takes_only_what_is_its_own(project: Path) -> None:
    stepwell(project, "run", "credit.py", "--resume", "last")
    (project / "broken").touch()
    first = stepwell(project, "run", "credit.py", "--no-cache")
    (project / "broken").unlink()
    again = stepwell(project, "run", "credit.py", "--resume", "last")
    assert (executed(first), executed(again)) == (["rows", "publish"], [])


def change(project: Path, before: str, after: str) -> None:
    source = (project / "credit.py").read_text()
    assert before in source
    (project / "credit.py").write_text(source.replace(before, after))


CHANGES = {
    "code": ("return len(data)", "return 2 * len(data)", "the code of step 'fragile' was another"),
    "configuration": ("rows()", "rows(count=4)", "the configuration of step 'rows' was another"),
    "steps": (", fragile()]", "]", "its steps were rows, publish, fragile"),
}


@pytest.mark.parametrize(("before", "after", "message"), CHANGES.values(), ids=CHANGES.keys())
def test_changed_pipeline_is_not_mixed_with_what_was_done(
    project: Path, before: str, after: str, message: str
) -> None:
    """(fault 51)"""
    change(project, before, after)
    done = stepwell(project, "run", "credit.py", "--resume", "last")
    assert (done.returncode, message in done.stderr) == (1, True), done.stderr
    assert "--allow changes" in done.stderr
    assert [run["status"] for run in listed(project)] == ["interrupted"]


def test_changed_pipeline_goes_on_when_told_to(project: Path) -> None:
    """(fault 51)"""
    change(project, "return len(data)", "return 2 * len(data)")
    done = stepwell(project, "run", "credit.py", "--resume", "last", "--allow", "changes")
    assert (done.returncode, executed(done)) == (0, [])


def test_effect_is_repeated_when_something_else_is_asked_of_it(project: Path) -> None:
    change(project, "rows()", "rows(count=4)")
    done = stepwell(project, "run", "credit.py", "--resume", "last", "--allow", "changes")
    assert executed(done) == ["rows", "publish"]


def test_run_that_is_running_is_not_resumed(project: Path) -> None:
    """(fault 46)"""
    stepwell(project, "run", "credit.py", "--resume", "last")
    (project / "slow").touch()
    running = subprocess.Popen(
        [sys.executable, "-m", "stepwell", "run", "credit.py", "--from", "fragile"],
        cwd=project,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not list(project.glob(".stepwell/runs/*/effects/*")):
        time.sleep(0.05)
    run_id = str(listed(project)[0]["run_id"])
    refused = stepwell(project, "run", "credit.py", "--resume", run_id)
    (project / "slow").unlink()
    assert running.wait(timeout=30) == 0
    assert refused.returncode == 1
    assert f"Run {run_id} is running: process {running.pid}" in refused.stderr
    assert [run["status"] for run in listed(project)] == ["succeeded", "succeeded"]


def test_two_resumes_at_once_are_one_run(project: Path) -> None:
    """(fault 46)"""
    command = [sys.executable, "-m", "stepwell", "run", "credit.py", "--resume", "last"]
    both = [subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert sorted(process.wait(timeout=60) for process in both) == [0, 1]
    assert [run["status"] for run in listed(project)] == ["succeeded"]


def elsewhere(project: Path) -> None:
    """Let it look as if another machine ran it."""
    [file] = project.glob(".stepwell/runs/*/started.json")
    started = json.loads(file.read_text())
    started["owner"]["host"] = "another"
    file.write_text(json.dumps(started))


def test_run_of_another_machine_is_taken_over_when_told_to(project: Path) -> None:
    elsewhere(project)
    run_id = str(listed(project)[0]["run_id"])
    refused = stepwell(project, "run", "credit.py", "--resume", run_id)
    assert (refused.returncode, "--allow takeover" in refused.stderr) == (1, True)
    done = stepwell(project, "run", "credit.py", "--resume", run_id, "--allow", "takeover")
    assert (done.returncode, executed(done)) == (0, [])


def test_damaged_note_of_an_effect_fails_that_step(project: Path) -> None:
    [note] = project.glob(".stepwell/runs/*/effects/publish.json")
    note.write_text(note.read_text()[:-9])
    done = stepwell(project, "run", "credit.py", "--resume", "last")
    assert (done.returncode, executed(done)) == (1, [])
    assert "whether the effect of step 'publish' has happened cannot be told" in done.stderr


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("last", "No run of pipeline 'credit' was interrupted. See: stepwell runs list"),
        ("2026", "No run of pipeline 'credit' was interrupted. See: stepwell runs list"),
    ],
)
def test_nothing_to_resume_is_told(project: Path, wanted: str, message: str) -> None:
    stepwell(project, "run", "credit.py", "--resume", "last")
    done = stepwell(project, "run", "credit.py", "--resume", wanted)
    assert (done.returncode, done.stderr.strip()) == (1, f"Error: {message}")


def test_wrong_id_proposes_those_that_are_unfinished(project: Path) -> None:
    run_id = str(listed(project)[0]["run_id"])
    done = stepwell(project, "run", "credit.py", "--resume", run_id[:-1] + "x")
    assert f"Did you mean '{run_id}'?" in done.stderr


def test_pruning_keeps_what_an_interrupted_run_has_published(project: Path) -> None:
    old = time.time() - 7200
    for file in project.glob(".stepwell/blobs/*/*"):
        os.utime(file, (old, old))
    stepwell(project, "store", "prune")
    done = stepwell(project, "run", "credit.py", "--resume", "last")
    assert (done.returncode, executed(done)) == (0, ["rows"])


def test_pruning_removes_files_that_were_left_half_written(project: Path) -> None:
    left = project / ".stepwell/incoming/abc"
    left.touch()
    os.utime(left, (0, 0))
    removed = json.loads(stepwell(project, "store", "prune", "--json").stdout)
    assert (removed["unfinished"], left.exists()) == (1, False)


@pytest.mark.soak
@pytest.mark.parametrize("options", [[], ["--workers", "2"]], ids=["here", "workers"])
def test_run_that_is_killed_again_and_again_ends_once(project: Path, options: list[str]) -> None:
    """(fault 43)"""
    stepwell(project, "run", "credit.py", "--resume", "last")
    moments = Random(0)
    for expected in range(2, 10):
        resumed: list[str] = []
        while len([run for run in listed(project) if run["status"] == "succeeded"]) < expected:
            run = ["run", "credit.py", "--no-cache", *options, *resumed]
            command = [sys.executable, "-m", "stepwell", *run]
            process = subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=moments.uniform(0.3, 3))
            process.kill()
            process.wait()
            waiting = [run for run in listed(project) if run["status"] == "interrupted"]
            resumed = ["--resume", "last"] if waiting else []
    assert {run["status"] for run in listed(project)} == {"succeeded"}
    assert stepwell(project, "records", "verify").returncode == 0


def test_process_that_has_another_start_is_not_the_owner(project: Path) -> None:
    """The number of a dead process is given to another one some day."""
    run_id = str(listed(project)[0]["run_id"])
    started = Journal(Store(project / ".stepwell"), run_id).started()
    reused = started.owner.model_copy(update={"process": os.getppid()})
    assert not reused.lives(run_id)
    assert not Owner.this_process().lives(run_id)
