"""`stepwell upgrade`: tried on stored inputs in an environment of its own; the lock comes last."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from step_packages import step_wheel

from stepwell._updates._lock import read_lock

if TYPE_CHECKING:
    from machines import Machine

PIPELINE = """
from stepwell import Load, Pipeline
from stepwell_measure import Measure
from stepwell_scale import Scale

pipeline = Pipeline("trained", [Load(source="rows.csv"), Scale(FIELDS), Measure()])
"""


@pytest.fixture(scope="module")
def has_run(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose pipeline has run with version 1.0 of its steps."""
    folder = tmp_path_factory.mktemp("projects") / "has-run"
    machine.project(folder, PIPELINE.replace("FIELDS", "threshold=0.1"))
    assert machine.stepwell(folder, "run", "train.py").returncode == 0
    return folder


@pytest.fixture
def project(has_run: Path, tmp_path: Path) -> Path:
    shutil.copytree(has_run, tmp_path / "project")
    (tmp_path / "temporary").mkdir()
    return tmp_path / "project"


def upgrade(
    machine: Machine, project: Path, *arguments: str, code: int, **variables: str
) -> dict[str, Any]:
    """What an upgrade says as JSON; nothing of it is left in the folder for temporary files."""
    temporary = project.parent / "temporary"
    done = machine.stepwell(
        project, "upgrade", "--json", *arguments, TMPDIR=str(temporary), **variables
    )
    assert done.returncode == code, done.stderr
    assert list(temporary.iterdir()) == []
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a project, without what Python compiled."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_version_that_makes_nothing_worse_is_locked_with_hashes(
    machine: Machine, project: Path
) -> None:
    """Only what changed is executed: what its outputs go into is the same as before."""
    before = files(project)
    found = upgrade(machine, project, "scale==1.1", "train.py", code=0)
    assert found["outcome"] == "not worse"
    assert [(one["package"], one["before"], one["after"]) for one in found["moves"]] == [
        ("stepwell-rounding", None, "1.0"),
        ("stepwell-scale", "1.0", "1.1"),
    ]
    states = {step["name"]: step["state"] for step in found["steps"]}
    assert states == {"load": "kept", "scale": "succeeded", "measure": "kept"}
    after = files(project)
    assert set(after) - set(before) == {"pylock.toml"}
    assert {name: content for name, content in after.items() if name in before} == before
    locked = read_lock(project / "pylock.toml")
    assert locked["stepwell-scale"].version == "1.1"
    assert all(one.has_all_hashes for one in locked.values())
    assert machine.index.password not in (project / "pylock.toml").read_text()


def test_version_that_makes_metrics_worse_is_shown_and_not_locked(
    machine: Machine, project: Path
) -> None:
    before = files(project)
    found = upgrade(machine, project, "scale==1.2", "train.py", code=3)
    assert found["outcome"] == "worse"
    assert [(one["what"], one["before"], one["after"]) for one in found["compared"]] == [
        ("measure_report, verdict", "passed", "failed"),
        ("measure_report, accuracy", pytest.approx(0.7), pytest.approx(0.35)),
    ]
    assert {one["judgement"] for one in found["compared"]} == {"worse"}
    assert files(project) == before


def test_worse_version_is_locked_when_asked_for(machine: Machine, project: Path) -> None:
    """The data have changed since: the step that reads them is kept as it was."""
    (project / "rows.csv").write_text("x\n100.0\n")
    found = upgrade(machine, project, "scale==1.2", "--write", "train.py", code=0)
    assert found["outcome"] == "worse"
    assert [one["before"] for one in found["compared"]] == ["passed", pytest.approx(0.7)]
    assert read_lock(project / "pylock.toml")["stepwell-scale"].version == "1.2"


def test_pipeline_that_does_not_fit_is_told_before_anything_is_installed(
    machine: Machine, project: Path
) -> None:
    before = files(project)
    found = upgrade(machine, project, "train.py", code=3)
    assert found["outcome"] == "does not fit"
    assert [one["message"] for one in found["misfits"]] == [
        "stepwell-scale 2.0 removes the field 'threshold', used in train.py:6."
    ]
    assert found["steps"] == []
    said = machine.stepwell(project, "upgrade", "train.py").stdout
    assert "ask for a version that does fit as STEP==VERSION" in said
    assert files(project) == before


@pytest.mark.parametrize(
    "moment", ["versions that fit", "Making an environment", "Trying the pipeline"]
)
def test_interrupted_upgrade_leaves_the_project_as_it_was(
    machine: Machine, project: Path, moment: str
) -> None:
    before, temporary = files(project), project.parent / "temporary"
    process = subprocess.Popen(
        [machine.python.with_name("stepwell"), "upgrade", "scale==1.1", "train.py"],
        cwd=project,
        env={**machine.environment, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        while moment not in process.stderr.readline():
            assert process.poll() is None
        os.kill(process.pid, signal.SIGTERM)
        process.stderr.read()
    assert process.returncode == 130
    assert files(project) == before
    assert list(temporary.iterdir()) == []


def test_pipeline_that_was_changed_is_to_be_run_first(machine: Machine, project: Path) -> None:
    (project / "train.py").write_text(PIPELINE.replace("FIELDS", "threshold=0.2"))
    done = machine.stepwell(project, "upgrade", "train.py")
    assert done.returncode == 2
    assert "something else has changed: scale. Run it first" in done.stderr


def test_pipeline_that_never_ran_is_to_be_run_first(machine: Machine, project: Path) -> None:
    shutil.rmtree(project / ".stepwell")
    done = machine.stepwell(project, "upgrade", "train.py")
    assert done.returncode == 2
    assert "has no run to compare with. Run it first: stepwell run train.py" in done.stderr


def test_versions_that_do_not_fit_together_are_told_in_the_words_of_uv(
    machine: Machine, project: Path
) -> None:
    """(fault 40)"""
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace('"stepwell-scale"', '"stepwell-scale<2"'))
    done = machine.stepwell(project, "upgrade", "scale==2.0")
    assert done.returncode == 1
    assert "uv cannot find versions that fit together" in done.stderr
    assert "unsatisfiable" in done.stderr
    assert not (project / "pylock.toml").exists()


def test_stranger_under_the_name_of_a_step_is_refused(
    machine: Machine, project: Path, tmp_path: Path
) -> None:
    """(fault 33) A public index has 99.0 of a step, and of a library that 1.1 of it requires."""
    for name in ("stepwell-scale", "stepwell-rounding"):
        folder = tmp_path / "public" / "simple" / name
        folder.mkdir(parents=True)
        wheel = step_wheel(folder, name, "99.0", "", requires=())
        (folder / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
    own = next(machine.index.folder.glob("stepwell_rounding-*"))
    with serving(tmp_path / "public") as url:
        found = upgrade(machine, project, "scale==1.1", "--dry-run", code=3, UV_INDEX=url)
        assert [move["after"] for move in found["moves"]] == ["1.0", "1.1"]
        own.rename(tmp_path / own.name)
        try:
            done = machine.stepwell(project, "upgrade", "scale==1.1", "train.py", UV_INDEX=url)
        finally:
            shutil.move(tmp_path / own.name, own)
    assert done.returncode == 1
    assert "stepwell-rounding 99.0 would not come from" in done.stderr
    assert not (project / "pylock.toml").exists()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """An index that anybody may ask."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple/"
        server.shutdown()


def test_unknown_step_is_told_with_the_nearest(machine: Machine, project: Path) -> None:
    done = machine.stepwell(project, "upgrade", "scales", "train.py")
    assert done.returncode == 2
    assert "Did you mean 'scale'?" in done.stderr
