"""Steps in environments of their own, from packages that contradict each other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import uv
from package_index import PackageIndex, running_index
from step_packages import step_wheel

from stepwell import Dataset, Load, Pipeline, Resources, Run, Step, StepwellError, place, step
from stepwell._environments._prepared import prepared, resolve_anew
from stepwell._updates._rerun import Rerun
from stepwell.authoring import Store

ROOT = Path(__file__).resolve().parent.parent
LOOK = '''
"""A step that tells where it runs."""

import importlib.metadata, os, sys, time
from dataclasses import dataclass
from stepwell import Dataset, Step

@dataclass(frozen=True)
class Looked:
    data: Dataset
    seen: dict[str, str]

class Look(Step):
    """Look at the packages that are there."""

    then: str = ""

    def run(self, *, data: Dataset) -> Looked:
        import pandas
        rows = len(data.to_polars().to_pandas())
        with open("/proc/self/maps") as maps:
            mapped = "/blobs/" in maps.read()
        if self.then == "sleep":
            time.sleep(60)
        if self.then == "die":
            os.kill(os.getpid(), 9)
        if self.then == "grow":
            bytearray(2**32)
        if self.then == "raise":
            raise ValueError("the secret cell")
        return Looked(data, {
            "pandas": pandas.__version__,
            "core": importlib.metadata.version("stepwell"),
            "prefix": sys.prefix,
            "rows": str(rows),
            "mapped": str(mapped),
        })
'''
PROJECT = """
[project]
name = "credit"
version = "0.1.0"

[[tool.uv.index]]
name = "team"
url = "{url}"
explicit = true

[tool.uv.sources]
stepwell = {{ index = "team" }}
stepwell-modern = {{ index = "team" }}
stepwell-legacy = {{ index = "team" }}
stepwell-words = {{ index = "team" }}
"""
LEGACY = ["stepwell-legacy==0.1.0", "stepwell==1.9.0", "stepwell-words"]
"""With another minor version of core than the one of this repository."""


@step(returns="number")
def free() -> int:
    """Need nothing."""
    return 1


def wheel(folder: Path, name: str, version: str, requires: list[str], source: str = "") -> Path:
    """The wheel of a package whose code cannot be imported here, as its libraries are not."""
    return step_wheel(folder, name, version, source, requires=requires, contract=False)


def core(folder: Path, version: str) -> Path:
    """The wheel of this core, called another version."""
    copy = folder / version
    shutil.copytree(ROOT / "packages" / "stepwell", copy, ignore=shutil.ignore_patterns("tests"))
    described = (copy / "pyproject.toml").read_text()
    (copy / "pyproject.toml").write_text(
        described.replace('version = "1.0.0"', f'version = "{version}"')
    )
    _uv("build", "--wheel", "--out-dir", folder, copy)
    return next(folder.glob(f"stepwell-{version}-*.whl"))


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """The index of a team, with two steps whose dependencies contradict each other.

    Both steps are installed here without their dependencies, as nothing could have those of both.
    """
    folder = tmp_path_factory.mktemp("published")
    with running_index(folder / "index") as index:
        index.publish(
            core(folder, "1.9.0"),
            wheel(folder, "stepwell", "2.0.0", []),
            wheel(folder, "stepwell-legacy", "0.1.0", ["stepwell>=1.0,<2", "pandas<3"], LOOK),
            wheel(folder, "stepwell-modern", "0.1.0", ["stepwell>=1.0,<2", "pandas>=3"], LOOK),
            wheel(folder, "stepwell-words", "0.1.0", []),
        )
        installed = tmp_path_factory.mktemp("installed")
        names = ["stepwell-legacy", "stepwell-modern"]
        _uv("pip", "install", "--no-deps", "--target", installed, *names, **index.uv_environment)
        sys.path.append(str(installed))
        yield index
        sys.path.remove(str(installed))


@pytest.fixture
def project(
    team: PackageIndex,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project that assigns the steps to the team's index; environments are made once for all."""
    (tmp_path / "pyproject.toml").write_text(PROJECT.format(url=team.simple))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UV_INDEX_TEAM_USERNAME", team.username)
    monkeypatch.setenv("UV_INDEX_TEAM_PASSWORD", team.password)
    monkeypatch.setenv("UV_COMPILE_BYTECODE", "0")  # only what is imported is compiled, then
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    monkeypatch.setenv("STEPWELL_ENVIRONMENTS", str(shared / "environments"))
    return tmp_path


def look(package: str, **fields: Any) -> Step:
    made: Step = import_module(package).Look(**fields)
    return made


def legacy(**placed: Any) -> Run:
    """A run of the older step on three rows."""
    then = placed.pop("then", "")
    step = place(look("stepwell_legacy", then=then), environment=LEGACY, **placed)
    return Pipeline("p", [step], inputs={"data": Dataset}).run(
        data=rows(), store="kept", observers=[]
    )


def rows() -> pl.DataFrame:
    return pl.DataFrame({"x": [1, 2, 3]})


def test_steps_whose_dependencies_contradict_each_other_run_in_one_pipeline(
    project: Path, team: PackageIndex
) -> None:
    """(fault 40)"""
    steps = [
        place(look("stepwell_legacy"), name="old", outputs={"seen": "a"}, environment=LEGACY),
        place(look("stepwell_modern"), name="new", outputs={"seen": "b"}, environment="own"),
    ]
    pipeline = Pipeline("both", steps, inputs={"data": Dataset})
    run = pipeline.run(data=rows(), store="kept", observers=[])
    run.raise_for_status()
    old, new = run["a"], run["b"]
    assert (old["pandas"].split(".")[0], old["core"]) == ("2", "1.9.0")
    assert (int(new["pandas"].split(".")[0]) >= 3, new["core"]) == (True, "1.0.0")
    assert (old["rows"], old["mapped"], new["mapped"]) == ("3", "True", "True")
    told = [step["environment"]["packages"] for step in run.record["steps"]]
    assert [one["pandas"] for one in told] == [old["pandas"], new["pandas"]]
    again = pipeline.run(data=rows(), store="kept", observers=[])
    assert [done.state for done in again.steps] == ["cached", "cached"]
    assert not files_with(team.password, project / "kept", Path(old["prefix"]).parent / "*")


def test_later_start_asks_uv_for_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert legacy().status == "succeeded"
    monkeypatch.setenv("UV_CONFIG_FILE", "there-is-none.toml")  # uv would refuse to start
    again = Pipeline("p", [old()], inputs={"data": Dataset})
    assert again.run(data=rows(), store="kept", observers=[], cache=False).status == "succeeded"


def test_function_of_a_project_runs_in_an_environment(project: Path) -> None:
    (project / "words_of_credit.py").write_text("AMOUNT = 'amount'\n")
    (project / "pipeline.py").write_text(
        "import pandas as pd\n"
        "from stepwell import Pipeline, place, step\n"
        "@step(returns='seen')\n"
        "def look() -> list[str]:\n"
        "    from words_of_credit import AMOUNT\n"
        "    return [pd.__version__, AMOUNT]\n"
        f"p = Pipeline('p', [place(look(), environment={LEGACY})])\n"
    )
    done = stepwell("run", "pipeline.py", "--store", "kept", "--json")
    record = json.loads(done.stdout)
    seen = Store("kept").get(record["steps"][0]["outputs"]["seen"]["fingerprint"], "value")
    assert seen == [record["steps"][0]["environment"]["packages"]["pandas"], "amount"]
    assert seen[0].startswith("2.")
    planned = stepwell("plan", "pipeline.py", "--store", "kept").stdout
    assert "environment: stepwell-legacy==0.1.0, stepwell==1.9.0" in planned
    assert "packages, made" in planned


def test_file_that_cannot_be_imported_there_is_told_before_anything_runs(project: Path) -> None:
    (project / "heavy.py").write_text("import json\nimport pytest\n")
    (project / "pipeline.py").write_text(
        "import heavy\n"
        "from stepwell import Pipeline, place, step\n"
        "@step(returns='n')\n"
        "def one() -> int:\n"
        "    return 1\n"
        f"p = Pipeline('p', [place(one(), environment={LEGACY})])\n"
    )
    refused = stepwell("run", "pipeline.py", "--store", "kept", code=2).stderr
    assert "heavy.py imports 'pytest' in line 2, which is not there" in refused
    assert not Path("kept", "records").exists()


@pytest.mark.parametrize(
    ("then", "limits", "reason"),
    [
        ("sleep", {"timeout": 8}, "longer than its timeout of 8 seconds"),
        ("die", {}, "killed by SIGKILL"),
        ("grow", {"resources": Resources(memory="3GiB")}, "ran out of memory"),
        ("raise", {}, "ValueError at"),
    ],
)
def test_step_that_ends_badly_in_its_environment_says_how(
    project: Path, then: str, limits: dict[str, Any], reason: str
) -> None:
    """(fault 52)"""
    run = legacy(then=then, **limits)
    assert (run.status, run.steps[0].state) == ("failed", "failed")
    assert reason in (run.steps[0].reason or "")
    assert "secret" not in str(run.record)


def test_interrupted_run_ends_with_its_environment(project: Path) -> None:
    """(fault 52)"""
    (project / "pipeline.py").write_text(
        "from stepwell import Pipeline, Load, place\n"
        "from stepwell_legacy import Look\n"
        f"steps = [Load(source='x.csv'), place(Look(then='sleep'), environment={LEGACY})]\n"
        "p = Pipeline('p', steps)\n"
    )
    (project / "x.csv").write_text("x\n1\n")
    with started("run", "pipeline.py", "--store", "kept") as process:
        wait_until(lambda: bool(workers_in(project)))
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
    assert not workers_in(project)
    assert (
        json.loads(stepwell("runs", "list", "--json", "--store", "kept").stdout)[0]["status"]
        == "cancelled"
    )


@pytest.mark.parametrize(
    ("requirements", "told"),
    [
        (["stepwell==2.0.0"], r"'free' has stepwell 2\.0\.0, and this is 1\.0\.0: another major"),
        (["pandas<3", "pandas>=3"], r"'free' cannot be resolved: .*pandas<3"),
        (["stepwell-nowhere"], r"'free' cannot be resolved: .*stepwell-nowhere was not found"),
        (["./gone-1.0-py3-none-any.whl"], "'free': there is no file or folder .*gone-1.0"),
    ],
)
def test_environment_that_cannot_be_is_refused_before_anything_runs(
    project: Path, requirements: list[str], told: str
) -> None:
    """(faults 38 and 40)"""
    with pytest.raises(StepwellError, match=told):
        Pipeline("p", [place(free(), environment=requirements)]).run(store="kept", observers=[])
    assert not Path("kept", "runs").exists()
    assert not Path("kept", "records").exists()


@pytest.mark.parametrize("password", ["wrong-in-every-way", ""])
def test_index_that_lets_nobody_in_is_told_without_the_password(
    project: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """(fault 34)"""
    monkeypatch.setenv("UV_INDEX_TEAM_PASSWORD", password)
    step = place(look("stepwell_legacy"), environment=["stepwell-words"])
    with pytest.raises(StepwellError, match=r"401|403|credentials") as refused:
        Pipeline("p", [step], inputs={"data": Dataset}).run(data=rows(), store="kept", observers=[])
    assert not password or password not in str(refused.value)


def test_steps_come_from_the_index_that_the_project_names_for_them(
    project: Path, team: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 33)"""
    address = team.simple.replace("://", "://team:${TEAM_PASSWORD}@")
    (project / "pyproject.toml").write_text(f'[tool.stepwell]\nindex = "{address}"\n')
    monkeypatch.setenv("TEAM_PASSWORD", team.password)
    monkeypatch.delenv("UV_INDEX_TEAM_PASSWORD")
    nodes = Pipeline("p", [place(free(), environment=["stepwell-legacy"])]).nodes
    found = prepared(nodes, Store("kept"), resolve=True)["free"].locked
    assert found.packages["stepwell-legacy"] == "0.1.0"
    lock = bytes(Store("kept").blob(found.lock)).decode()
    assert f"{team.url}/packages/stepwell_legacy-0.1.0" in lock
    assert team.password not in lock


def test_newer_versions_are_taken_when_asked_for(
    project: Path, team: PackageIndex, tmp_path: Path
) -> None:
    """Only then does the step run again (fault 47)."""
    (project / "x.csv").write_text("x\n1\n")
    pipeline = Pipeline("p", [Load(source="x.csv"), old()])
    pipeline.run(store="kept", observers=[]).raise_for_status()
    team.publish(wheel(tmp_path, "stepwell-words", "0.2.0", []))
    assert pipeline.plan(store="kept").steps[1].cached_from is not None
    changes = resolve_anew(pipeline.nodes, Store("kept"))["look"]
    assert changes["stepwell-words"] == ("0.1.0", "0.2.0")
    assert pipeline.plan(store="kept").steps[1].cached_from is None


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_making_that_is_broken_off_leaves_no_environment(
    project: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    """(fault 43)"""
    monkeypatch.setenv("STEPWELL_ENVIRONMENTS", "made")
    write_pipeline(project)
    with started("run", "pipeline.py", "--store", "kept") as process:
        wait_until(lambda: any(Path("made").glob("incoming-*/bin/python")))
        os.killpg(process.pid, sent)
        process.wait(timeout=60)
    wait_until(lambda: not processes("made/incoming-"))  # uv outlives who is killed
    assert json.loads(stepwell("environments", "list", "--json").stdout) == []
    left = list(Path("made").iterdir())
    assert (len(left), process.returncode) == ((1, -9) if sent == signal.SIGKILL else (0, 130))
    for folder in left:
        os.utime(folder, (0, 0))
    assert f"Removed {len(left)} environments" in stepwell("environments", "prune").stdout
    assert list(Path("made").iterdir()) == []


@pytest.mark.soak
def test_processes_that_make_the_same_environment_at_once_all_get_it(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_ENVIRONMENTS", "made")
    write_pipeline(project)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "stepwell", "run", "pipeline.py", "--store", "kept"],
            env=_with_packages(),
        )
        for _ in range(3)
    ]
    assert [process.wait(timeout=300) for process in running] == [0, 0, 0]
    assert len(list(Path("made").iterdir())) == 1


@pytest.mark.soak
def test_environment_is_made_again_without_network(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_ENVIRONMENTS", "made")
    write_pipeline(project)
    stepwell("run", "pipeline.py", "--store", "kept")
    assert "Removed 1 environments" in stepwell("environments", "prune", "--unused-for", "0").stdout
    monkeypatch.setenv("UV_OFFLINE", "1")
    stepwell("run", "pipeline.py", "--store", "kept", "--no-cache")


def test_trial_of_an_upgrade_takes_the_environments_that_are_resolved(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = legacy()
    steps = [{**one, "code": "0" * 64} for one in run.record["steps"]]
    pipeline = Pipeline("p", [old()], inputs={"data": Dataset})
    monkeypatch.setenv("UV_CONFIG_FILE", "there-is-none.toml")  # uv would refuse to start
    record, scratch = {**run.record, "steps": steps}, Store("scratch")
    trial = Rerun(pipeline, record, Store("kept"), scratch, sources=())
    assert [done["state"] for done in trial.steps()] == ["succeeded"]
    blobs = [path.read_bytes() for path in Path("scratch/blobs").rglob("*") if path.is_file()]
    assert any(run["seen"]["prefix"].encode() in blob for blob in blobs)


def write_pipeline(project: Path) -> None:
    """A pipeline of one step in the older environment."""
    (project / "pipeline.py").write_text(
        "from stepwell import Pipeline, place, step\n"
        "@step(returns='n')\n"
        "def one() -> int:\n"
        "    return 1\n"
        f"p = Pipeline('p', [place(one(), environment={LEGACY})])\n"
    )


def test_without_uv_it_is_said_what_to_type(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "")
    step = place(look("stepwell_legacy"), environment=["stepwell-words"])
    with pytest.raises(StepwellError, match=r"pip install 'stepwell\[packages\]'"):
        Pipeline("p", [step], inputs={"data": Dataset}).run(data=rows(), store="kept", observers=[])


def old(**fields: Any) -> Any:
    return place(look("stepwell_legacy", **fields), environment=LEGACY)


def stepwell(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """The command line, where the packages of the tests are installed."""
    command = [sys.executable, "-m", "stepwell", *arguments]
    done = subprocess.run(command, env=_with_packages(), capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "stepwell", *arguments]
    process = subprocess.Popen(
        command, env=_with_packages(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


def _with_packages() -> dict[str, str]:
    folders = [folder for folder in sys.path if Path(folder, "stepwell_legacy").exists()]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workers_in(folder: Path) -> list[Path]:
    """The workers that were started in a folder."""
    return [one for one in processes("stepwell.worker") if (one / "cwd").resolve() == folder]


def processes(text: str) -> list[Path]:
    """The running processes with a text in their command line, in /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text in (path / "cmdline").read_text():
                found.append(path)
    return found


def files_with(text: str, *folders: Path) -> list[Path]:
    """The files of a store and the descriptions of environments that hold a text."""
    store, environments = folders
    files = [*store.rglob("*"), *environments.parent.glob("*/*.*")]
    return [file for file in files if file.is_file() and text.encode() in file.read_bytes()]


def _uv(*arguments: str | Path, **variables: str) -> None:
    command = [uv.find_uv_bin(), "--quiet", *arguments]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
