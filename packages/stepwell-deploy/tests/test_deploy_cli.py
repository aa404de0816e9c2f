import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from stepwell import DecisionLog, Model, Report
from stepwell_deploy import Deploy
from stepwell_deploy._cli import cli, main


@pytest.fixture(autouse=True)
def deployed(model: Callable[[str], Model], measured: Callable[..., Report]) -> None:
    """Two champions and a challenger that was refused."""
    first, second, third = (model(word) for word in ("first", "second", "third"))
    step = Deploy(name="credit-risk", registry=False)
    better = measured({second.version: 0.8, first.version: 0.7})
    step.run(model=first, champion=None, reports=[Report(step="evaluate")])
    step.run(model=second, champion=first, reports=[better])
    step.run(model=third, champion=second, reports=[Report(step="fairness", verdict="failed")])


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def test_status_names_who_holds_which_place(log: DecisionLog) -> None:
    first, second, third = log.entries()

    lines = invoke("status", "credit-risk").output.splitlines()

    assert [line.split()[0] for line in lines] == ["champion", "previous", "challenger"]
    assert f"promoted    {second.model_version} version 2" in lines[0]
    assert f"promoted    {first.model_version} version 1" in lines[1]
    assert f"refused     {third.model_version}" in lines[2]


def test_status_before_the_first_deployment() -> None:
    assert invoke("status", "churn").output.splitlines()[0] == "champion      -  nobody"


def test_log_lists_refusals_with_their_reasons() -> None:
    told = invoke("log", "credit-risk").output

    assert "refused" in told
    assert "\n      Report 'fairness' failed.\n" in told


def test_log_as_json() -> None:
    lines = invoke("log", "credit-risk", "--json").output.splitlines()

    assert [json.loads(line)["outcome"] for line in lines] == ["promoted", "promoted", "refused"]


def test_rollback_by_hand(monkeypatch: pytest.MonkeyPatch, log: DecisionLog) -> None:
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setattr("stepwell_deploy._cli.PATIENCE", 0.01)

    told = invoke("rollback", "credit-risk", "--reason", "complaints").output

    assert told.startswith("'credit-risk' is back at version 1")
    assert "MLflow's registry lags" in told
    assert log.champion().version == 1


def test_other_store_is_another_log(tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = str(tmp_path_factory.mktemp("elsewhere"))

    assert invoke("--store", elsewhere, "log", "credit-risk").output == ""


def test_error_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["stepwell-deploy", "status", "../x"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Error: '../x' cannot be the name of a model.")
