from collections.abc import Callable

import pytest
from click.testing import CliRunner

from stepwell import Run
from stepwell.authoring import Store
from stepwell_tracking._cli import cli
from stepwell_tracking._outbox import Outbox

MakeRun = Callable[..., Run]


def test_status_tells_what_waits_and_why(
    run: MakeRun, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "http://ann:word@mlflow.example")
    done = run()
    outbox = Outbox(store)
    outbox.add(done.id, done.pipeline, done.head.number)
    outbox.failed(outbox.waiting()[0], "too large")
    outbox.was_away("MLflow does not answer.")

    told = CliRunner().invoke(cli, ["status"]).output

    assert "MLflow  http://***@mlflow.example\n" in told
    assert "Away    MLflow does not answer.\n" in told
    assert f"Waiting 1 runs\n  {done.id}  credit  1 attempts: too large\n" in told


def test_status_of_a_store_elsewhere(
    store: Store, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    told = CliRunner().invoke(cli, ["status", "--store", str(elsewhere)]).output

    assert f"MLflow  sqlite:///{elsewhere}/mlflow.db\n" in told
    assert "Waiting 0 runs\n" in told
