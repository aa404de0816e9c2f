import logging
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepwell import Pipeline, Run, step
from stepwell.authoring import Event, RunFinished, Store
from stepwell_tracking import MlflowTracking
from stepwell_tracking._outbox import Outbox

MakeRun = Callable[..., Run]


@step
def number() -> int:
    return 1


@pytest.fixture
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def hanging_port() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield int(server.getsockname()[1])


def until(condition: Callable[[], object], *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def finish(done: Run) -> float:
    """Tell the observer that a run has ended; returns the seconds that it took."""
    began = time.perf_counter()
    MlflowTracking().on_event(RunFinished(done))
    return time.perf_counter() - began


def test_run_does_not_wait_for_a_server_that_is_away(
    run: MakeRun, store: Store, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", f"http://ann:word@127.0.0.1:{closed_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    done = run()

    seconds = finish(done)

    assert seconds < 0.5
    outbox = Outbox(store)
    until(outbox.pause)
    assert outbox.has(done.id)
    assert "http://***@127.0.0.1" in outbox.pause().error
    assert "ann:word" not in Path(store.url, "tracking.log").read_text()


def test_run_does_not_wait_for_a_server_that_hangs(
    run: MakeRun, store: Store, hanging_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", f"http://127.0.0.1:{hanging_port}")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    done = run()

    seconds = finish(done)

    assert seconds < 0.5
    until(Outbox(store).pause)
    assert Outbox(store).has(done.id)


def test_server_that_was_away_is_left_alone_for_a_while(
    run: MakeRun, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: started.append(a))
    Outbox(store).was_away("refused")
    done = run()

    finish(done)

    assert Outbox(store).has(done.id)
    assert started == []


def test_run_of_a_pipeline_arrives_by_itself(
    mlflow_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_OBSERVERS", "mlflow")

    done = Pipeline("credit", [number()]).run(store=mlflow_store)

    log = Path(mlflow_store.url, "tracking.log")
    until(lambda: log.exists() and f"Run {done.id} was sent." in log.read_text())
    assert Outbox(mlflow_store).waiting() == []


def test_run_without_a_store_is_told_and_not_sent(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = Pipeline("credit", [number()]).run(store=False, observers=[])

    with caplog.at_level(logging.WARNING):
        finish(done)

    assert "has no store" in caplog.text
    assert list(project.iterdir()) == []


def test_run_that_is_killed_after_its_end_is_sent_all_the_same(store: Store) -> None:
    """(fault 43)"""

    class Killed(BaseException):
        """The process is gone before anybody hears of the end."""

    class Killer:
        def on_event(self, event: Event) -> None:
            if isinstance(event, RunFinished):
                raise Killed

    observers = [Killer(), MlflowTracking(store=store)]
    with pytest.raises(Killed):
        Pipeline("credit", [number()]).run(store=store, observers=observers)
    [waiting] = Outbox(store).waiting()
    assert (waiting.pipeline, waiting.record) == ("credit", 1)
