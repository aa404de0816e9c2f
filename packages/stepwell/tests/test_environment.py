"""What can be asked of an environment, and what uv is told; the environments themselves are tried
in the tests that cross packages.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from stepwell import Environment, Pipeline, PipelineError, Placed, place, step
from stepwell._environments._lock import Locked
from stepwell._environments._origins import uv_settings
from stepwell._environments._prepared import prepared
from stepwell._environments._request import request_of
from stepwell._workers._project_path import project_path_elsewhere
from stepwell.authoring import Store


@step(returns="number")
def one() -> int:
    """Need nothing."""
    return 1


TWO = "from stepwell import step\n@step(returns='n')\ndef two() -> int:\n    return 2\n"

BAD = [
    ("pandas<3", r"not 'pandas<3'\. Write environment=\[\"pandas<3\"\]"),
    (["pandas<<3"], "'pandas<<3' is no requirement; write 'name', 'name<3'"),
    ([""], "'' is no requirement"),
    (["-e ."], "'-e .' is no requirement"),
    (["x @ https://me:secret-word@host/x.whl"], "of 'x' holds credentials: leave them to uv"),
    (["x @ git+https://secret-word@host/x"], "of 'x' holds credentials"),
    (3, "not one of type int"),
]


@pytest.mark.parametrize(("given", "told"), BAD)
def test_what_is_no_environment_is_refused_when_it_is_written(given: object, told: str) -> None:
    with pytest.raises(PipelineError, match=told) as refused:
        place(one(), environment=given)  # type: ignore[arg-type]  # that is the case
    assert "secret-word" not in str(refused.value)


def test_python_is_a_version() -> None:
    with pytest.raises(ValueError, match=r"such as '3\.12'"):
        Environment(python="python3")


def asked(placed: Placed, store: str = "kept") -> dict[str, str]:
    """The packages of the request for a placed step, and where those of this machine are."""
    assert placed.environment is not None
    request = request_of(placed.name, placed.step, placed.environment, store=store)
    return {package.text: str(package.place or "") for package in request.packages}


def test_core_comes_from_where_it_is_installed_from() -> None:
    packages = Path(__file__).resolve().parents[2]
    found = asked(place(one(), environment=["pandas<3"]))
    assert found == {"pandas<3": "", "stepwell": str(packages / "stepwell")}


def test_core_of_an_index_has_the_same_major_version() -> None:
    found = asked(place(one(), environment=["stepwell==1.7.0"]))
    assert found == {"stepwell==1.7.0": ""}


def test_store_in_an_object_store_brings_its_file_system() -> None:
    found = asked(place(one(), environment=["pandas<3"]), store="s3://team/store")
    assert set(found) == {"pandas<3", "stepwell", "s3fs"}


def test_step_of_a_package_brings_its_package_with_the_extra_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = tmp_path / "stepwell_extra-0.3.0.dist-info"
    described.mkdir()
    text = "Metadata-Version: 2.1\nName: stepwell-extra\nVersion: 0.3.0\nProvides-Extra: run\n"
    (described / "METADATA").write_text(text)
    (described / "RECORD").write_text("stepwell_extra.py,,\n")
    (tmp_path / "stepwell_extra.py").write_text(TWO)
    monkeypatch.syspath_prepend(str(tmp_path))
    import stepwell_extra  # type: ignore[import-not-found]  # written above

    two = stepwell_extra.two()
    assert set(asked(place(two, environment="own"))) == {"stepwell-extra[run]==0.3.0", "stepwell"}
    named = asked(place(two, environment=["stepwell-extra<0.3"]))
    assert set(named) == {"stepwell-extra<0.3", "stepwell"}


def test_own_says_nothing_for_a_function_of_a_project() -> None:
    with pytest.raises(PipelineError, match=r'List it: environment=\["pandas<3"\]'):
        asked(place(one(), environment="own"))


PROJECT = """
[project]
name = "words"
version = "0.1.0"
dependencies = ["packaging"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
"""


def test_folder_is_resolved_again_when_its_project_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """(fault 47)"""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words" / "words").mkdir(parents=True)
    source = tmp_path / "words" / "words" / "__init__.py"
    source.write_text("WORDS = 1\n")
    (tmp_path / "words" / "pyproject.toml").write_text(PROJECT)
    first, key = resolved()
    assert (first.packages["words"], resolved()) == ("0.1.0", (first, key))
    source.write_text("WORDS = 2\n")
    assert resolved()[0] == first
    assert resolved()[1] != key
    (tmp_path / "words" / "pyproject.toml").write_text(PROJECT.replace("0.1.0", "0.2.0"))
    assert resolved()[0].packages["words"] == "0.2.0"


def resolved() -> tuple[Locked, str]:
    nodes = Pipeline("p", [place(one(), environment=["./words"])]).nodes
    found = prepared(nodes, Store("kept"), resolve=True)["one"]
    return found.locked, found.key


def test_versions_of_here_are_preferred(tmp_path: Path) -> None:
    nodes = Pipeline("p", [place(one(), environment=["packaging"])]).nodes
    packages = prepared(nodes, Store(tmp_path), resolve=True)["one"].locked.packages
    here = {name: metadata.version(name) for name in ("packaging", "polars", "pydantic")}
    assert {name: packages[name] for name in here} == here


def test_damaged_lock_is_made_again(tmp_path: Path) -> None:
    """(fault 48)"""
    nodes = Pipeline("p", [place(one(), environment=["packaging"])]).nodes
    first = prepared(nodes, Store(tmp_path), resolve=True)["one"]
    (entry,) = (tmp_path / "environments").iterdir()
    entry.write_text(entry.read_text().replace('"packaging":"', '"packaging":"9'))
    assert prepared(nodes, Store(tmp_path), resolve=False) == {}
    assert prepared(nodes, Store(tmp_path), resolve=True)["one"].key == first.key


def test_uv_is_told_where_packages_come_from_and_not_what_the_project_needs(
    tmp_path: Path,
) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        "[tool.uv]\n"
        'find-links = ["wheels"]\n'
        'constraint-dependencies = ["pandas>=3"]\n'
        "[tool.uv.sources]\n"
        'words = { path = "words", editable = true }\n'
    )
    assert uv_settings(tmp_path / "inner") == {
        "find-links": [str(tmp_path / "wheels")],
        "sources": {"words": [{"path": str(tmp_path / "words"), "editable": True}]},
    }


def test_other_environment_sees_the_project_and_nothing_that_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere.py").write_text(TWO)
    monkeypatch.syspath_prepend(str(tmp_path))
    import elsewhere  # type: ignore[import-not-found]  # written above

    folders = project_path_elsewhere(elsewhere.two())
    assert folders[0] == str(tmp_path)
    assert not any("site-packages" in folder or sys.prefix in folder for folder in folders)
    assert not any(folder.endswith("stepwell/src") for folder in folders)
