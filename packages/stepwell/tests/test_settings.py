"""Settings of a project: pyproject.toml, then variables; wrong ones are explained."""

from pathlib import Path

import pytest

from stepwell import ConfigurationError, Pipeline, settings, step


def project(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert (found.store, found.root) == (str(tmp_path / ".stepwell"), tmp_path)
    assert (found.observers, found.tracking_uri) == ((), None)


def test_file_of_a_folder_above_holds(tmp_path: Path) -> None:
    project(tmp_path, '[tool.stepwell]\nstore = "kept"\ntracking-uri = "http://host"\n')
    (tmp_path / "deep/er").mkdir(parents=True)
    found = settings(tmp_path / "deep/er")
    assert (found.store, found.root) == (str(tmp_path / "kept"), tmp_path)
    assert found.tracking_uri == "http://host"


def test_nearest_file_with_settings_holds(tmp_path: Path) -> None:
    project(tmp_path, '[tool.stepwell]\nstore = "outer"\n')
    project(tmp_path / "a", "# not here: [tool.stepwell]\n[tool.stepwell-other]\nx = 1\n")
    assert settings(tmp_path / "a").store == str(tmp_path / "outer")
    project(tmp_path / "a/b", "[tool.stepwell]\n")
    assert settings(tmp_path / "a/b").store == str(tmp_path / "a/b/.stepwell")


def test_variables_override_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '[tool.stepwell]\nstore = "kept"\nobservers = ["junit"]\n')
    monkeypatch.setenv("STEPWELL_STORE", "memory://elsewhere")
    monkeypatch.setenv("STEPWELL_OBSERVERS", "console, jsonl,")
    found = settings(tmp_path)
    assert (found.store, found.observers) == ("memory://elsewhere", ("console", "jsonl"))


def test_empty_variable_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '[tool.stepwell]\nstore = "kept"\n')
    monkeypatch.setenv("STEPWELL_STORE", "")
    assert settings(tmp_path).store == str(tmp_path / "kept")


@pytest.mark.parametrize("store", ["s3://bucket/x", "memory://x", "/absolute"])
def test_url_or_absolute_path_of_the_store_stays(tmp_path: Path, store: str) -> None:
    project(tmp_path, f'[tool.stepwell]\nstore = "{store}"\n')
    assert settings(tmp_path).store == store


def test_store_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project(tmp_path, '[tool.stepwell]\nstore = "~/kept"\n')
    assert settings(tmp_path).store == str(tmp_path / "home/kept")


WRONG = {
    "misspelt": (
        '[tool.stepwell]\nstroe = "x"\n',
        "[tool.stepwell] has a setting 'stroe' that does not exist. Did you mean 'store'? "
        "Settings: store, observers, tracking_uri, index, environments.",
    ),
    "not to be set": ('[tool.stepwell]\nroot = "x"\n', "has a setting 'root' that does not exist"),
    "wrong type": (
        "[tool.stepwell]\nstore = 3\n",
        "[tool.stepwell] store: Input should be a valid",
    ),
    "no list": ('[tool.stepwell]\nobservers = "a"\n', "[tool.stepwell] observers: Input should be"),
    "no table": ("[tool]\nstepwell = 3 # tool.stepwell\n", "[tool.stepwell] is to be a table."),
    "no TOML": ("[tool.stepwell\n", "is not valid TOML"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG.keys())
def test_wrong_settings_are_explained(tmp_path: Path, text: str, message: str) -> None:
    project(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path)
    assert message in str(caught.value)


def test_unknown_observer_is_explained_before_anything_runs(tmp_path: Path) -> None:
    project(tmp_path, '[tool.stepwell]\nobservers = ["consol"]\n')
    ran = []

    @step
    def runs() -> None:
        ran.append(1)

    with pytest.raises(ConfigurationError, match=r"observer 'consol'.*Did you mean 'console'\?"):
        Pipeline("p", [runs()]).run()
    assert ran == []
