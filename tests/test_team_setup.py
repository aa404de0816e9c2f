"""A team: two projects, four processes, one store on S3 and one MLflow server on PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest

from stepwell import Decision, DecisionLog, Model, ModelDescription, Report
from stepwell.authoring import Store
from stepwell_deploy import Deploy, follow
from stepwell_deploy._registry import follow_log
from stepwell_tracking import Mlflow, sync

if TYPE_CHECKING:
    from mlflow_servers import MlflowServer
    from object_stores import ObjectStore

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, which a helper ignores too

FORMAT = '''
class Quality:
    """A model format whose models are a number."""

    name = "quality"

    def load(self, model, trusted):
        return float(model.read("quality.txt"))

    def state_digest(self, live):
        return str(live)
'''

PIPELINE = """
import json, pathlib, sys, time

from stepwell import Metric, Model, ModelDescription, Pipeline, Report, step
from stepwell_deploy import Champion, Deploy


@step
def train(*, quality: float) -> Model:
    files = {"quality.txt": str(quality).encode()}
    return Model.from_files(ModelDescription(format="quality"), files)


@step
def evaluate(model: Model, champion: Model | None) -> Report:
    metrics = [
        Metric(name="roc_auc", value=one.load(), rows=250, model_version=one.version)
        for one in (model, champion) if one is not None
    ]
    return Report(metrics=tuple(metrics))


def pipeline(name: str, quality: float) -> Pipeline:
    steps = [train(quality=quality), Champion(name=name), evaluate(), Deploy(name=name)]
    return Pipeline(f"PROJECT-{name}", steps)


if __name__ == "__main__":
    start, *runs = sys.argv[1:]
    while not pathlib.Path(start).exists():
        time.sleep(0.001)
    for one in runs:
        name, quality = one.split("=")
        run = pipeline(name, float(quality)).run()
        report = run["deploy_report"]
        messages = [finding.message for finding in report.findings]
        print(json.dumps({"id": run.id, "status": run.status, "messages": messages}))
"""


@dataclass(frozen=True)
class Project:
    """A folder with a pipeline file and settings, on a machine of its own."""

    folder: Path
    environment: dict[str, str]

    def begin(self, start: Path, *runs: str) -> subprocess.Popen[str]:
        """Start a process that makes these runs (`name=quality`) once the file `start` is there."""
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "pipeline.py", str(start), *runs],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *runs: str) -> list[dict[str, Any]]:
        """Make these runs in one process."""
        return result(self.begin(self.folder, *runs))

    def call(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of a package in the project's folder."""
        command = [sys.executable, "-W", "ignore", "-m", module, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )


def result(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    printed, _ = process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in printed.splitlines()]


@pytest.fixture(scope="module")
def formats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installed distribution that brings the model format `quality`."""
    site = tmp_path_factory.mktemp("site")
    (site / "stepwell_quality.py").write_text(FORMAT)
    metadata = site / "stepwell_quality-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: stepwell-quality\nVersion: 1\n"
    )
    points = "[stepwell.model_formats]\nquality = stepwell_quality:Quality\n"
    (metadata / "entry_points.txt").write_text(points)
    return site


@pytest.fixture
def store(
    s3: ObjectStore,
    mlflow_server: MlflowServer,
    formats: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Store:
    """A store of its own in the bucket of the team, also for what this process does."""
    monkeypatch.syspath_prepend(str(formats))
    monkeypatch.setenv("STEPWELL_STORE", f"s3://team/{tmp_path.name}")
    monkeypatch.setenv("STEPWELL_TRACKING_URI", mlflow_server.url)
    return Store(f"s3://team/{tmp_path.name}")


@pytest.fixture
def project(
    store: Store, mlflow_server: MlflowServer, formats: Path, tmp_path: Path
) -> Callable[[str], Project]:
    """Makes a project with this name, whose locks no other project's processes know of."""

    def make(name: str) -> Project:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "temporary").mkdir()
        (folder / "pipeline.py").write_text(PIPELINE.replace("PROJECT", name))
        (folder / "pyproject.toml").write_text(
            f'[tool.stepwell]\nstore = "{store.url}"\nobservers = ["mlflow"]\n'
            'tracking_uri = "http://${TEAM_MLFLOW}"\n'
        )
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STEPWELL_")}
        environment |= {"PYTHONPATH": str(formats), "TMPDIR": str(folder / "temporary")}
        environment |= {"TEAM_MLFLOW": mlflow_server.url.removeprefix("http://")}
        return Project(folder, environment)

    return make


def registered(mlflow: Mlflow, name: str) -> tuple[list[str], dict[str, str]]:
    """The fingerprints of all versions, and those to which the aliases point."""
    versions = {
        int(version.version): version.tags["stepwell.fingerprint"]
        for version in mlflow.client.search_model_versions(f"name = '{name}'")
    }
    aliases = mlflow.client.get_registered_model(name).aliases
    made = [fingerprint for _, fingerprint in sorted(versions.items())]
    return made, {alias: versions[int(version)] for alias, version in aliases.items()}


def test_four_processes_of_two_projects_deploy_at_once_while_the_server_falls_and_rises(
    project: Callable[[str], Project], store: Store, mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    north, south, start = project("north"), project("south"), tmp_path / "start"
    processes = [
        north.begin(start, "shared=0.61", "north=0.71"),
        north.begin(start, "shared=0.62"),
        south.begin(start, "shared=0.63", "south=0.72"),
        south.begin(start, "shared=0.64"),
    ]
    start.touch()
    while not store.records.numbers():
        time.sleep(0.1)
    mlflow_server.stop()
    mlflow_server.start()
    runs = {run["id"]: run for process in processes for run in result(process)}
    assert [follow(name, patience=300).verdict for name in ("shared", "north", "south")] == [
        "passed"
    ] * 3
    while sync(store).failed:
        pass  # another process was sending the same run

    assert store.records.verify().number == len(runs) == 6
    assert {run["status"] for run in runs.values()} <= {"succeeded", "blocked"}
    assert not [run for run in runs.values() if "as no decision says" in str(run["messages"])]
    mlflow = Mlflow.connect(store)
    decided: list[str | None] = []
    for name in ("shared", "north", "south"):
        log = DecisionLog(store, name)
        log.verify()
        entries = log.entries()
        promoted = [decision for decision in entries if decision.outcome == "promoted"]
        versions, aliases = registered(mlflow, name)
        decided += [decision.run_id for decision in entries]
        assert [decision.version for decision in promoted] == [*range(1, len(promoted) + 1)]
        assert log.champion() == promoted[-1]
        assert aliases["champion"] == promoted[-1].model
        assert aliases.get("previous") == (promoted[-2].model if promoted[1:] else None)
        assert len(versions) == len(set(versions))
        assert set(versions) >= {decision.model for decision in promoted}
    assert sorted(decided, key=str) == sorted(runs)
    assert tracked(
        mlflow, ["north-shared", "north-north", "south-shared", "south-south"]
    ) == sorted(runs)


def tracked(mlflow: Mlflow, pipelines: list[str]) -> list[str]:
    """The Stepwell ids of all complete runs in MLflow."""
    found = mlflow.client.search_runs([mlflow.experiment(name) for name in pipelines])
    assert {run.data.tags.get("stepwell.complete") for run in found} == {"true"}
    return sorted(run.data.tags["stepwell.run_id"] for run in found)


def test_runs_go_on_while_the_server_is_away_and_arrive_when_it_is_back(
    project: Callable[[str], Project], store: Store, mlflow_server: MlflowServer
) -> None:
    away = project("away")
    mlflow_server.stop()
    try:
        runs = away.run("ahead=0.6", "ahead=0.7")
        waiting = away.call("stepwell_tracking", "status").stdout
    finally:
        mlflow_server.start()

    assert [run["status"] for run in runs] == ["succeeded", "succeeded"]
    assert all("MLflow's registry lags behind" in run["messages"][-1] for run in runs)
    assert "Waiting 2 runs" in waiting
    assert away.call("stepwell_tracking", "sync").stdout == "2 runs sent.\n"
    assert away.call("stepwell_deploy", "follow", "ahead").returncode == 0
    promoted = [decision.model for decision in DecisionLog(store, "ahead").entries()]
    mlflow = Mlflow.connect(store)
    assert registered(mlflow, "ahead") == (
        promoted,
        {"champion": promoted[1], "previous": promoted[0]},
    )
    assert tracked(mlflow, ["away-ahead"]) == sorted(run["id"] for run in runs)


def test_documented_server_is_the_one_of_these_tests(mlflow_server: MlflowServer) -> None:
    page = (Path(__file__).parents[1] / "docs" / "team-setup.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"^\$ mlflow (server .*)$", page, re.MULTILINE)
    started = mlflow_server.command[mlflow_server.command.index("server") :]

    assert [word for word in shlex.split(shown) if word.startswith("--")] == [
        word for word in started if word.startswith("--")
    ]


def deploy(name: str, store: Store) -> tuple[Decision, Mlflow]:
    """Deploy a first model, in this process, and let MLflow follow."""
    model = Model.from_files(ModelDescription(format="quality"), {"quality.txt": b"0.6"})
    passed = Report(step="evaluate", verdict="passed")
    step, mlflow = Deploy(name=name, registry=False), Mlflow.connect(store)
    decision = step.run(model=model, champion=None, reports=[passed]).decision
    follow_log(DecisionLog(store, name), mlflow)
    return decision, mlflow


def test_alias_moved_by_hand_is_reported_and_put_back(store: Store) -> None:
    first, mlflow = deploy("moved", store)
    stranger = mlflow.client.create_run(mlflow.experiment("notebook")).info.run_id
    mlflow.client.create_model_version("moved", f"runs:/{stranger}/model", stranger)
    mlflow.client.set_registered_model_alias("moved", "champion", "2")

    report = follow("moved", patience=300)

    assert [finding.message for finding in report.findings] == [
        "MLflow's alias 'champion' of 'moved' stood at version 2, as no decision says; it was put "
        "back to version 1.",
        "MLflow's registry agrees with the decision log of 'moved'.",
    ]
    champion = mlflow.client.get_model_version_by_alias("moved", "champion")
    assert champion.tags["stepwell.fingerprint"] == first.model
    assert mlflow.client.get_model_version("moved", "2").tags == {}


def test_registry_that_is_newer_than_the_log_is_reported_and_left_intact(store: Store) -> None:
    """(fault 82)"""
    first, mlflow = deploy("newer", store)
    run = mlflow.client.get_model_version("newer", "1").run_id
    tags = {"stepwell.decision": "7", "stepwell.fingerprint": "f" * 64, "stepwell.new": "{}"}
    mlflow.client.create_model_version("newer", f"runs:/{run}/model", run, tags=tags)
    mlflow.client.set_registered_model_alias("newer", "champion", "2")

    report = follow("newer", patience=300)

    assert report.summary == (
        "MLflow's registry knows decision 7 of 'newer', and the log ends with 1: it may be an "
        "older copy. Nothing was changed. Restore the log; to go on without, delete the later "
        "versions in MLflow."
    )
    assert mlflow.client.get_model_version_by_alias("newer", "champion").tags == tags
    assert registered(mlflow, "newer")[0] == [first.model, "f" * 64]


@contextmanager
def from_the_future(url: str) -> Iterator[str]:
    """The server at `url`, as a newer version of it might answer: with fields nobody knows."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kind = self.headers.get("Content-Type", "application/octet-stream")
            request = Request(f"{url}{self.path}", content or None, method=self.command)
            request.add_header("Content-Type", kind)
            with urlopen(request) as response:
                body, kind = response.read(), response.headers.get("Content-Type", "")
            if kind == "application/json":
                body = json.dumps(json.loads(body, object_hook=newer)).encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # as it is called

        def log_message(self, *_: object) -> None:
            """Nothing."""

    def newer(answered: dict[str, Any]) -> dict[str, Any]:
        return {**answered, "from_the_future": {"stages": ["canary"], "since": 4.0}}

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_server_of_a_newer_version_is_followed_all_the_same(
    store: Store, mlflow_server: MlflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, mlflow = deploy("future", store)
    with from_the_future(mlflow_server.url) as url:
        monkeypatch.setenv("STEPWELL_TRACKING_URI", url)
        report = follow("future", patience=300)

    assert report.summary == "MLflow's registry agrees with the decision log of 'future'."
    assert registered(mlflow, "future") == ([first.model], {"champion": first.model})
