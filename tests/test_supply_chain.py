"""Installing steps from an index of one's own, while another one offers the same names."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import uv
from package_index import PackageIndex, running_index

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "stepwell-greeting"
version = "{version}"
description = "A package of a test."

[tool.hatch.build.targets.wheel]
include = ["stepwell_greeting.py"]
"""


@pytest.fixture(scope="session")
def ours(package_index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> PackageIndex:
    """The index of the team, which has version 1.2.0."""
    package_index.publish(_wheel(tmp_path_factory.mktemp("ours"), "1.2.0"))
    return package_index


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """An index on which a stranger has published version 99.0.0."""
    folder = tmp_path_factory.mktemp("public")
    with running_index(folder) as index:
        index.publish(_wheel(folder, "99.0.0"))
        yield index


def test_version_of_a_stranger_is_never_installed(
    ours: PackageIndex, public: PackageIndex, tmp_path: Path
) -> None:
    """(fault 33)"""
    done = _install(tmp_path, _first(ours, public))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "stepwell_greeting-1.2.0.dist-info").exists()


def test_index_that_refuses_gives_way_to_no_other(
    ours: PackageIndex, public: PackageIndex, tmp_path: Path
) -> None:
    """(fault 34)"""
    stranger = replace(ours, password="guessed")
    _nothing_installed(_install(tmp_path, _first(stranger, public)), tmp_path)


def test_index_that_is_down_gives_way_to_no_other(
    ours: PackageIndex, public: PackageIndex, tmp_path: Path
) -> None:
    """(fault 34)"""
    down = replace(ours, url="http://127.0.0.1:9")
    _nothing_installed(_install(tmp_path, _first(down, public)), tmp_path)


def test_wheel_that_is_not_the_locked_one_is_refused(ours: PackageIndex, tmp_path: Path) -> None:
    """Published again with other bytes, a version is found by whoever locked it (faults 36, 41)."""
    lock = tmp_path / "pylock.toml"
    (tmp_path / "wanted.txt").write_text("stepwell-greeting\n")
    made = _uv(["pip", "compile", "--quiet", "-o", lock, tmp_path / "wanted.txt"], _only(ours))
    assert made.returncode == 0, made.stderr
    with running_index(tmp_path / "later") as later:
        (tmp_path / "other").mkdir()
        later.publish(_wheel(tmp_path / "other", "1.2.0", text="GREETING = 'another'\n"))
        lock.write_text(lock.read_text().replace(ours.url, later.url))
        command = ["pip", "install", "--no-cache", "--target", tmp_path / "into", "-r", lock]
        done = _uv(command, _only(later))
    assert done.returncode != 0
    assert "Hash mismatch" in done.stderr
    assert not (tmp_path / "into" / "stepwell_greeting.py").exists()


def _first(ours: PackageIndex, public: PackageIndex) -> dict[str, str]:
    """The settings of a team: its own index is asked first, and the public one for other names."""
    return {**ours.uv_environment, "UV_DEFAULT_INDEX": public.simple_with_credentials}


def _only(index: PackageIndex) -> dict[str, str]:
    return {"UV_DEFAULT_INDEX": index.simple_with_credentials}


def _install(into: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["pip", "install", "--no-cache", "--target", into, "stepwell-greeting"]
    return _uv(command, {**settings, "UV_HTTP_RETRIES": "0"})


def _nothing_installed(done: subprocess.CompletedProcess[str], into: Path) -> None:
    assert done.returncode != 0
    assert list(into.glob("stepwell*")) == []


def _wheel(folder: Path, version: str, text: str = "GREETING = 'hello'\n") -> Path:
    (folder / "pyproject.toml").write_text(PROJECT.format(version=version))
    (folder / "stepwell_greeting.py").write_text(text)
    done = _uv(["build", "--wheel", "--out-dir", folder, folder], {})
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def _uv(
    arguments: list[str | Path], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [uv.find_uv_bin(), *arguments]
    given = {**os.environ, **environment}
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)
