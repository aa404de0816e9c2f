"""The command line, as a person uses it: in a process of its own, in a project folder."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stepwell import ConfigurationError
from stepwell._pipelines._find import find_pipeline

PIPELINE = """
import polars as pl
from stepwell import Finding, Load, Pipeline, Report, step

@step
def doubled(data: pl.DataFrame, *, by: int = 2) -> pl.DataFrame:
    return data.with_columns(twice=pl.col("amount") * by)

@step
def at_most(data: pl.DataFrame, *, limit: int = 100) -> Report:
    bad = int((data["twice"] > limit).sum())
    verdict = "failed" if bad else "passed"
    return Report(findings=(Finding(check="limit", verdict=verdict, message=f"{bad} rows"),))

@step
def wait(data: pl.DataFrame, *, seconds: float = 0.0, fail: bool = False) -> pl.DataFrame:
    import time
    time.sleep(seconds)
    if fail:
        raise ValueError("the cell was tremendously secret")
    return data

shop = Pipeline("shop", [Load(source="sales.csv"), doubled(), at_most(), wait()])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.stepwell]\nstore = "kept"\n')
    (tmp_path / "sales.csv").write_text("amount\n1\n2\n3\n")
    (tmp_path / "shop.py").write_text(PIPELINE)
    return tmp_path


def stepwell(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stepwell", *arguments], cwd=project, capture_output=True, text=True
    )


def test_run_that_succeeds_exits_0_and_shows_a_line_for_each_step(project: Path) -> None:
    done = stepwell(project, "run", "shop.py")
    assert done.returncode == 0, done.stderr
    lines = [line.split()[:2] for line in done.stderr.splitlines()]
    for name in ("load", "doubled", "at_most", "wait"):
        assert [name, "succeeded"] in lines
    assert (project / "kept" / "records" / "00000001.json").exists()


def test_second_run_comes_from_the_cache(project: Path) -> None:
    stepwell(project, "run", "shop.py")
    done = stepwell(project, "run", "shop.py")
    assert "4 of 4 steps from the cache" in done.stderr


def test_failed_report_exits_3(project: Path) -> None:
    done = stepwell(project, "run", "shop.py", "--set", "at_most.limit=3")
    assert done.returncode == 3
    assert "failed: 2 rows" in done.stderr


def test_step_that_raises_exits_1_without_its_message(project: Path) -> None:
    done = stepwell(project, "run", "shop.py", "--set", "wait.fail=true")
    assert done.returncode == 1
    assert "ValueError at" in done.stderr
    assert "tremendously secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_the_traceback_with_its_message(project: Path) -> None:
    done = stepwell(project, "--debug", "run", "shop.py", "--set", "wait.fail=true")
    assert "Traceback" in done.stderr
    assert "tremendously secret" in done.stderr


def test_message_of_a_file_that_raises_is_shown_to_who_debugs(project: Path) -> None:
    (project / "broken.py").write_text("raise ValueError('Ada Lovelace')\n")
    done = stepwell(project, "run", "broken.py")
    assert "ValueError in line 1" in done.stderr
    assert "Lovelace" not in done.stderr
    assert "Lovelace" in stepwell(project, "--debug", "run", "broken.py").stderr


def test_file_that_raises_is_told_outside_of_commands_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trial of an upgrade finds its pipeline without one."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "raising.py").write_text("raise ValueError('Ada Lovelace')\n")
    with pytest.raises(ConfigurationError, match="cannot be imported: ValueError in line 1"):
        find_pipeline(str(tmp_path / "raising.py"))


def test_interrupted_run_exits_130_and_is_recorded_as_cancelled(project: Path) -> None:
    command = [sys.executable, "-m", "stepwell", "run", "shop.py", "--set", "wait.seconds=60"]
    process = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while (
        time.monotonic() < deadline and len(list((project / "kept" / "cache").rglob("*.json"))) < 3
    ):
        time.sleep(0.05)
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGINT)
    _, shown = process.communicate(timeout=20)
    assert process.returncode == 130, shown
    listed = json.loads(stepwell(project, "runs", "list", "--json").stdout)
    assert [run["status"] for run in listed] == ["cancelled"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "shp.py"), "Did you mean 'shop.py'?"),
        (("run", "shop.py:shoop"), "Did you mean 'shop'?"),
        (("run", "shop.py", "--set", "at_most.limt=3"), "Did you mean 'limit'?"),
        (("run", "shop.py", "--set", "atmost.limit=3"), "Did you mean 'at_most'?"),
        (("run", "shop.py", "--set", "limit=3"), "Write step.field=value."),
        (("run", "shop.py", "--from", "double"), "Did you mean 'doubled'?"),
        (("rnu", "shop.py"), "Did you mean 'run'?"),
        (("show", "lod"), "Did you mean 'load'?"),
    ],
)
def test_wrong_words_exit_2_and_propose_the_right_ones(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = stepwell(project, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_pipeline_file_names_line_and_reason(project: Path) -> None:
    (project / "broken.py").write_text("import stepwell\nstepwell.Pipelin\n")
    done = stepwell(project, "run", "broken.py")
    assert done.returncode == 2
    assert "AttributeError in line 2" in done.stderr


def test_json_is_the_record(project: Path) -> None:
    record = json.loads(stepwell(project, "run", "shop.py", "--json").stdout)
    assert record["pipeline"] == "shop"
    assert [step["name"] for step in record["steps"]] == ["load", "doubled", "at_most", "wait"]


def test_plan_tells_what_is_cached_and_which_columns_are_new(project: Path) -> None:
    stepwell(project, "run", "shop.py")
    shown = stepwell(project, "plan", "shop.py", "--set", "at_most.limit=5").stdout
    assert "new columns: twice" in shown
    assert "doubled          cached" in shown
    assert "at_most          will run" in shown


def test_from_executes_that_step_and_what_depends_on_it(project: Path) -> None:
    stepwell(project, "run", "shop.py")
    record = json.loads(stepwell(project, "run", "shop.py", "--from", "doubled", "--json").stdout)
    assert [step["state"] for step in record["steps"]] == ["cached", *["succeeded"] * 3]


def test_runs_are_listed_shown_and_compared(project: Path) -> None:
    stepwell(project, "run", "shop.py")
    stepwell(project, "run", "shop.py", "--set", "doubled.by=3")
    first, second = [
        run["run_id"]
        for run in reversed(json.loads(stepwell(project, "runs", "list", "--json").stdout))
    ]
    assert "doubled.by: 2 -> 3" in stepwell(project, "runs", "diff", first, second).stdout
    assert f"Run {second} of shop: succeeded" in stepwell(project, "runs", "show").stdout


def test_edited_record_is_found(project: Path) -> None:
    """An edited record is named (fault 78)."""
    stepwell(project, "run", "shop.py")
    stepwell(project, "run", "shop.py")
    first = project / "kept" / "records" / "00000001.json"
    first.chmod(0o644)
    first.write_text(first.read_text().replace('"status":"succeeded"', '"status":"cancelled"'))
    done = stepwell(project, "records", "verify")
    assert done.returncode == 1
    assert "Entry 1 of records was changed" in done.stderr


def test_prune_keeps_what_recent_runs_need(project: Path) -> None:
    stepwell(project, "run", "shop.py")
    stepwell(project, "run", "shop.py", "--set", "doubled.by=3")
    old = time.time() - 7200
    for blob in (project / "kept" / "blobs").rglob("*"):
        os.utime(blob, (old, old))
    removed = json.loads(stepwell(project, "store", "prune", "--keep-runs", "1", "--json").stdout)
    assert removed["blobs"] > 0
    again = stepwell(project, "run", "shop.py", "--set", "doubled.by=3")
    assert "4 of 4 steps from the cache" in again.stderr


def test_help_imports_little(project: Path) -> None:
    code = (
        "import sys; from stepwell._cli import stepwell; "
        "stepwell(['--help'], standalone_mode=False); "
        "print([m for m in ('pydantic', 'polars', 'rich', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(project: Path, shell: str) -> None:
    assert "_STEPWELL_COMPLETE" in stepwell(project, "completion", shell).stdout


def test_steps_lists_load_as_healthy(project: Path) -> None:
    listed = json.loads(stepwell(project, "steps", "--json").stdout)
    assert {"name": "load", "health": "healthy"}.items() <= {
        key: value for step in listed if step["name"] == "load" for key, value in step.items()
    }.items()
