from pathlib import Path

import pytest

from stepwell import ConfigurationError
from stepwell.authoring import Store
from stepwell_tracking import tracking_uri, without_credentials
from stepwell_tracking._address import artifact_location


def test_default_is_a_database_in_the_store(store: Store) -> None:
    assert tracking_uri(store) == f"sqlite:///{store.url}/mlflow.db"
    assert artifact_location(tracking_uri(store), store) == f"file://{store.url}/mlartifacts"


def test_setting_counts_before_the_variable_of_mlflow(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://of-mlflow")
    of_mlflow = tracking_uri(store)
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "http://of-stepwell")

    assert (of_mlflow, tracking_uri(store)) == ("http://of-mlflow", "http://of-stepwell")


def test_relative_database_counts_from_the_project(
    store: Store, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text("[tool.stepwell]\ntracking_uri = 'sqlite:///ml/a.db'\n")
    (project / "elsewhere").mkdir()
    monkeypatch.chdir(project / "elsewhere")

    assert tracking_uri(store) == f"sqlite:///{project}/ml/a.db"


def test_password_stands_in_a_variable(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """(fault 26)"""
    monkeypatch.setenv("STEPWELL_TRACKING_URI", "https://team:${MLFLOW_PASSWORD}@mlflow.example")
    with pytest.raises(ConfigurationError, match="MLFLOW_PASSWORD is not set"):
        tracking_uri(store)
    monkeypatch.setenv("MLFLOW_PASSWORD", "word")

    assert tracking_uri(store) == "https://team:word@mlflow.example"


def test_object_store_needs_a_setting() -> None:
    with pytest.raises(ConfigurationError, match="Set tracking_uri in") as raised:
        tracking_uri(Store("memory://someone:password@bucket"))

    assert "password" not in str(raised.value)


def test_server_decides_where_its_artifacts_are(store: Store) -> None:
    assert artifact_location("https://mlflow.example", store) is None


def test_artifacts_of_an_object_store_lie_in_it() -> None:
    store = Store("memory://bucket/stepwell")

    assert artifact_location("postgresql://db", store) == "memory://bucket/stepwell/mlartifacts"


def test_passwords_are_not_told() -> None:
    """(fault 25)"""
    text = "no answer from https://ann:pass@host/api and postgresql://bob:word@db"

    assert (
        without_credentials(text) == "no answer from https://***@host/api and postgresql://***@db"
    )
