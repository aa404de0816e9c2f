"""What new projects and packages may be called, and that a folder is made whole or not at all."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.version import Version

from stepwell import ConfigurationError
from stepwell._cli import stepwell as command_line
from stepwell._code._packages import version_of
from stepwell._new._names import checked_project, checked_step
from stepwell._new._template import make_folder

VALID = ["churn", "loan-screening", "churn-2026", "a" * 50]
REFUSED = {
    "": "cannot be the name of a project. Use lower-case",
    "Loan_Screening": "Did you mean 'loan-screening'",
    "loan--screening": "Did you mean 'loan-screening'",
    "2026-churn": "the first begins with a letter",
    "a" * 51: "at most 50 characters",
    "../loans": "Did you mean 'loans'",
    "loans\n": "Did you mean 'loans'",
    "kredit-prüfung": "cannot be the name",
    "nul": "cannot be the name",
    "json": "Python itself has that word. Say more, such as 'json-model'",
    "lambda": "Python itself has that word",
    "stepwell": "packages of Stepwell are",
    "stepwell-churn": "is made by: stepwell new step NAME",
    "polars": "the package polars, which is installed, is",
    "dateutil": "the package python-dateutil, which is installed, is",
}
REFUSED_STEPS = {
    "Fill Gaps": "cannot be the name of a step. Did you mean 'fill-gaps'",
    "FillGaps": "Did you mean 'fill-gaps'",
    "stepwell_fill_gaps": "cannot be the name of a step",
    "fill-2nd": "every part begins with a letter",
    "a" * 31: "at most 30 characters",
    "load": "stepwell, which is installed, has a step 'load' already",
    "train": "A package stepwell-train exists already",
    "none": "its class None would hide another",
    "dataset": "its class Dataset would hide another",
    "field": "its class Field would hide another",
    "exception": "its class Exception would hide another",
}


@pytest.mark.parametrize("name", VALID)
def test_valid_name_of_a_project(name: str) -> None:
    assert checked_project(name) == name


@pytest.mark.parametrize(("name", "told"), REFUSED.items())
def test_project_that_cannot_be_called_so(name: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        checked_project(name)


@pytest.mark.parametrize("given", ["fill-gaps", "stepwell-fill-gaps"])
def test_step_in_every_spelling(given: str) -> None:
    names = checked_step(given)
    assert (names.step, names.package) == ("fill-gaps", "stepwell-fill-gaps")
    assert (names.module, names.class_name) == ("fill_gaps", "FillGaps")


@pytest.mark.parametrize(("name", "told"), REFUSED_STEPS.items())
def test_step_that_cannot_be_called_so(name: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        checked_step(name)


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(command_line, ["new", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_project_is_made_and_says_what_to_type_next(tmp_path: Path) -> None:
    said = run("project", "churn", "--into", tmp_path)
    assert f"  cd {tmp_path / 'churn'}\n  uv venv\n" in said
    project = tomllib.loads((tmp_path / "churn" / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "churn"
    core = Version(version_of("stepwell") or "")
    assert f"stepwell[packages]>={core},<{core.major + 1}" in project["dependencies"]


def test_step_is_made_with_todays_date(tmp_path: Path) -> None:
    run("step", "fill-gaps", "--into", tmp_path)
    package = tmp_path / "stepwell-fill-gaps"
    assert (package / "src/stepwell_fill_gaps/_fill_gaps.py").exists()
    today = datetime.now(UTC).date()
    assert f"## 0.1.0 ({today})" in (package / "CHANGELOG.md").read_text("utf-8")


def test_nothing_of_the_template_is_left(tmp_path: Path) -> None:
    run("project", "churn", "--into", tmp_path)
    run("step", "fill-gaps", "--into", tmp_path)
    for file in filter(Path.is_file, tmp_path.rglob("*")):
        told = file.read_bytes() + str(file.relative_to(tmp_path)).encode()
        assert not re.search(rb"new.(project|step)", told, re.IGNORECASE)


def test_what_tools_leave_beside_a_template_is_not_copied(tmp_path: Path) -> None:
    run("project", "churn", "--into", tmp_path)
    names = {path.name for path in (tmp_path / "churn").rglob("*")}
    assert {".gitignore", ".dockerignore", ".github"} <= names
    assert not names & {"__pycache__", ".ruff_cache", ".pytest_cache"}


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "churn").mkdir()
    run("project", "churn", "--into", tmp_path)
    assert (tmp_path / "churn" / "README.md").exists()


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_what_is_there_stays(there: str, tmp_path: Path) -> None:
    folder = tmp_path / "churn"
    if there == "folder":
        folder.mkdir()
        (folder / "mine.txt").touch()
    elif there == "file":
        folder.touch()
    else:
        folder.symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ConfigurationError, match=r"already\. Choose another name"):
        make_folder(folder, "project", {"new-project": "churn"})
    assert sorted(tmp_path.rglob("*")) == before


def test_folder_that_cannot_be_finished_is_not_begun(tmp_path: Path) -> None:
    too_long = {"german_credit": "x" * 300}
    with pytest.raises(ConfigurationError, match="cannot be made: File name too long"):
        make_folder(tmp_path / "churn", "project", too_long)
    assert list(tmp_path.iterdir()) == []


def test_missing_parent_is_told(tmp_path: Path) -> None:
    arguments = ["new", "step", "fill-gaps", "--into", str(tmp_path / "missing")]
    error = CliRunner().invoke(command_line, arguments).exception
    assert isinstance(error, ConfigurationError)
    assert "Make it first, or leave out --into." in str(error)
