import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from stepwell import Model, Pipeline, Report, Run, step
from stepwell.authoring import Store
from stepwell_deploy import Champion, Deploy, follow
from stepwell_tracking import Mlflow, sync
from stepwell_tracking._outbox import Outbox

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own, which a helper ignores too

MakeModel = Callable[[str], Model]
PASSED = Report(step="evaluate", verdict="passed")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An MLflow that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        port = server.getsockname()[1]
        monkeypatch.setenv("STEPWELL_TRACKING_URI", f"http://ann:word@127.0.0.1:{port}")
        yield


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real MLflow server on this machine."""
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    options = ["--port", str(port), "--workers", "1", "--backend-store-uri", "sqlite:///m.db"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *options, "--artifacts-destination", "files"],
        cwd=folder,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/health", process)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the MLflow server did not start"
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the MLflow server did not answer within a minute")


def test_decision_stands_when_mlflow_hangs(model: MakeModel, hanging: None) -> None:
    began = time.monotonic()

    done = Deploy(name="credit-risk", registry_patience=1.0).run(
        model=model("first"), champion=None, reports=[PASSED]
    )

    [registry] = [one for one in done.report.findings if one.check == "registry"]
    assert time.monotonic() - began < 5
    assert done.decision.outcome == "promoted"
    assert done.report.verdict == registry.verdict == "warned"
    assert registry.message == (
        "MLflow's registry lags behind the decision log of 'credit-risk', which holds: "
        "MLflow took longer than 1 seconds. The next Deploy catches up, or: "
        "stepwell-deploy follow credit-risk"
    )


def test_decision_stands_when_mlflow_is_away(
    model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 25)"""
    monkeypatch.setenv("STEPWELL_TRACKING_URI", f"http://ann:word@127.0.0.1:{free_port()}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")

    done = Deploy(name="credit-risk").run(model=model("first"), champion=None, reports=[PASSED])

    text = done.report.model_dump_json()
    assert done.decision.outcome == "promoted"
    assert "does not answer" in text
    assert "ann" not in text


def test_decision_stands_where_mlflow_has_no_place(
    model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_STORE", "memory://deploy")

    done = Deploy(name="credit-risk").run(model=model("first"), champion=None, reports=[PASSED])

    assert done.decision.outcome == "promoted"
    assert "Set tracking_uri in [tool.stepwell]" in done.report.findings[-1].message


def test_rerun_asks_nobody_once_the_registry_has_followed(
    model: MakeModel, mlflow_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, deploy = model("first"), Deploy(name="credit-risk")
    followed = deploy.run(model=first, champion=None, reports=[PASSED])
    monkeypatch.setattr(subprocess, "run", None)

    again = deploy.run(model=first, champion=first, reports=[PASSED])

    assert followed.report.verdict == again.report.verdict == "passed"
    assert again.decision.outcome == "already_champion"


def test_follow_mends_what_deploy_could_not(
    model: MakeModel, mlflow_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "http://127.0.0.1:9")
    Deploy(name="credit-risk", registry_patience=0.01).run(
        model=model("first"), champion=None, reports=[PASSED]
    )
    monkeypatch.delenv("STEPWELL_TRACKING_URI")

    report = follow("credit-risk")

    assert report.summary == "MLflow's registry agrees with the decision log of 'credit-risk'."
    mlflow = Mlflow.connect(mlflow_store)
    assert mlflow.client.get_registered_model("credit-risk").aliases == {"champion": 1}


def test_two_that_follow_at_once_register_one_version(
    model: MakeModel, mlflow_store: Store
) -> None:
    """(fault 53)"""
    deploy = Deploy(name="credit-risk", registry=False)
    deploy.run(model=model("first"), champion=None, reports=[PASSED])

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(partial(follow, patience=300), ["credit-risk"] * 2))

    assert [report.verdict for report in reports] == ["passed", "passed"]
    versions = Mlflow.connect(mlflow_store).client.search_model_versions("name = 'credit-risk'")
    assert len(versions) == 1


def test_deploying_over_http_and_tracking_share_one_run_in_mlflow(
    model: MakeModel, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", server)

    @step
    def train(*, word: str) -> Model:
        return model(word)

    @step
    def evaluate(model: Model) -> Report:
        return Report(verdict="passed")

    def run(word: str) -> Run:
        steps = [train(word=word), Champion(name="credit"), evaluate(), Deploy(name="credit")]
        return Pipeline("training", steps).run(observers=[])

    done = run("first")
    Outbox(done.store).add(done.id, done.pipeline, done.head.number)
    synced = sync(done.store)

    mlflow = Mlflow.connect(done.store)
    champion = mlflow.client.get_model_version_by_alias("credit", "champion")
    [arrived] = mlflow.client.search_runs([mlflow.experiment("training")])
    downloaded = mlflow.client.download_artifacts(champion.run_id, "model", str(tmp_path))
    assert done["deploy_report"].verdict == "passed"
    assert synced.sent == [done.id]
    assert arrived.info.run_id == champion.run_id
    assert arrived.info.status == "FINISHED"
    assert arrived.data.params["train.word"] == "first"
    assert Model.open(downloaded).fingerprint == done["model"].fingerprint
