"""From where pip and uv would install, read from wherever it may stand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepwell import ConfigurationError
from stepwell._indexes._configuration import index_entries, patience, step_index
from stepwell._indexes._entries import IndexEntry
from stepwell._indexes._uv_configuration import sources_of
from stepwell._settings import Settings

TEAM = "https://packages.example.com/simple/"
OTHER = "https://other.example.com/simple/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of somebody who has configured nothing."""
    for name in os.environ:
        if name.startswith(("PIP_", "UV_", "STEPWELL_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "system"))
    return tmp_path / "home"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def roles(entries: list[IndexEntry]) -> list[tuple[str, str, str]]:
    return [(entry.tool, entry.role, entry.value) for entry in entries]


def test_variables_of_pip_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", TEAM)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"{OTHER} {OTHER}more/")
    monkeypatch.setenv("PIP_CONSTRAINT", "constraints.txt")
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    assert roles(index_entries(tmp_path)) == [
        ("pip", "index", TEAM),
        ("pip", "extra index", OTHER),
        ("pip", "extra index", f"{OTHER}more/"),
        ("pip", "constraints", "constraints.txt"),
    ]


def test_install_section_of_a_file_of_pip_is_stronger_than_global(
    home: Path, tmp_path: Path
) -> None:
    both = f"[global]\nindex-url = {OTHER}\nextra-index-url =\n    {OTHER}\n"
    path = written(home / ".config/pip/pip.conf", f"{both}[install]\nindex-url={TEAM}")
    entries = [e for e in index_entries(tmp_path) if str(home) in e.where]
    assert [(e.where.removeprefix(f"{path} "), e.value) for e in entries] == [
        ("[install] index-url", TEAM),
        ("[global] index-url", OTHER),
        ("[global] extra-index-url", OTHER),
    ]


def test_file_of_the_user_is_stronger_than_that_of_the_system(home: Path, tmp_path: Path) -> None:
    written(tmp_path / "system/pip/pip.conf", f"[global]\nindex-url = {OTHER}\n")
    written(home / ".pip/pip.conf", f"[global]\nindex-url = {TEAM}\n")
    assert [e.value for e in index_entries(tmp_path) if e.role == "index"] == [TEAM, OTHER]


def test_file_that_pip_is_told_stands_for_that_of_the_user(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(home / ".config/pip/pip.conf", f"[global]\nindex-url = {OTHER}\n")
    told = written(tmp_path / "told.conf", f"[global]\nindex-url = {TEAM}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(told))
    assert [e.value for e in index_entries(tmp_path) if e.role == "index"] == [TEAM]


def test_indexes_and_sources_of_uv_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", f"more={OTHER}")
    monkeypatch.setenv("UV_INDEX_STRATEGY", "unsafe-best-match")
    monkeypatch.setenv("UV_INDEX_TEAM_PASSWORD", "a b")
    written(
        tmp_path / "pyproject.toml",
        '[tool.uv.sources]\nstepwell-train = { index = "team" }\n'
        f'[[tool.uv.index]]\nname = "team"\nurl = "{TEAM}"\nexplicit = true\n',
    )
    (tmp_path / "inner").mkdir()
    more, strategy, team = (e for e in index_entries(tmp_path / "inner") if e.tool == "uv")
    assert (more.role, more.name, more.value) == ("extra index", "more", OTHER)
    assert (strategy.role, strategy.value) == ("strategy", "unsafe-best-match")
    assert (team.role, team.name, team.explicit) == ("extra index", "team", True)
    assert team.value == "https://:a%20b@packages.example.com/simple/"
    assert sources_of(tmp_path) == {"stepwell-train": "team"}


def test_uv_toml_stands_for_the_table_of_pyproject(home: Path, tmp_path: Path) -> None:
    written(tmp_path / "pyproject.toml", f'[tool.uv]\nindex-url = "{OTHER}"\n')
    written(tmp_path / "uv.toml", f'[pip]\nindex-url = "{TEAM}"\n')
    written(home / ".config/uv/uv.toml", f'extra-index-url = ["{OTHER}more/"]\n')
    assert [e.value for e in index_entries(tmp_path) if e.tool == "uv"] == [TEAM, f"{OTHER}more/"]


def test_sources_stand_in_pyproject_whatever_uv_toml_says(tmp_path: Path) -> None:
    written(tmp_path / "uv.toml", f'[[index]]\nname = "team"\nurl = "{TEAM}"\n')
    written(tmp_path / "pyproject.toml", '[tool.uv.sources]\nstepwell = { index = "team" }\n')
    assert sources_of(tmp_path) == {"stepwell": "team"}


def test_file_that_cannot_be_read_says_nothing(home: Path, tmp_path: Path) -> None:
    written(home / ".config/pip/pip.conf", "index-url without section")
    written(tmp_path / "uv.toml", "[")
    assert [e for e in index_entries(tmp_path) if str(tmp_path) in e.where] == []


def test_password_is_not_shown() -> None:
    entry = IndexEntry("pip", "index", "PIP_INDEX_URL", "https://team:hidden@example.com/simple/")
    assert entry.shown == "https://example.com/simple/"
    assert "hidden" not in repr(entry)


def test_option_then_setting_then_uv_then_pip_say_where_steps_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = Settings(root=tmp_path)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", OTHER)
    assert step_index(nothing) == OTHER
    monkeypatch.setenv("UV_DEFAULT_INDEX", TEAM)
    assert step_index(nothing) == TEAM
    monkeypatch.setenv("TOKEN", "hidden")
    told = nothing.model_copy(update={"index": "https://team:${TOKEN}@example.com/simple/"})
    assert step_index(told) == "https://team:hidden@example.com/simple/"
    assert step_index(told, OTHER) == OTHER


def test_public_index_is_never_assumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", PYPI_SIMPLE_ENDPOINT)
    with pytest.raises(ConfigurationError, match="Nothing says which package index"):
        step_index(Settings(root=tmp_path))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", TEAM)
    assert step_index(Settings(root=tmp_path)) == TEAM


def test_patience_is_that_of_uv_or_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    assert patience() == 15
    monkeypatch.setenv("PIP_TIMEOUT", "4")
    assert patience() == 4
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "2.5")
    assert patience() == 2.5
