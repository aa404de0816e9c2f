"""Packages of this repository, published to an index as they are in the newest commit."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from package_index import PackageIndex
from release._history import History
from release._packages import packages_in
from release._trees import Trees

if TYPE_CHECKING:
    from small_repositories import SmallRepository

NAMES = ["stepwell", "stepwell-sklearn"]


@pytest.fixture
def clone(root: Path, tmp_path: Path, small: SmallRepository) -> SmallRepository:
    """A clone of this repository, whose versions are not published yet."""
    shutil.rmtree(small.folder)
    subprocess.run(["git", "clone", "--quiet", root, small.folder], check=True)
    for tag in small.tags():
        small.git("tag", "--delete", tag)
    return small


def test_two_of_our_packages_are_published_and_installed(
    clone: SmallRepository, empty_index: PackageIndex, tmp_path: Path
) -> None:
    """Their tests run elsewhere: they were built by the job without credentials."""
    packages = packages_in(clone.folder)
    trees = Trees(History(clone.folder), tmp_path / "work")
    for name in NAMES:
        trees.built(packages[name], clone.folder / "dist")
    words = ["publish", *NAMES, "--built", "dist", "--no-demo"]
    done = clone.release(*words, index=empty_index)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(clone.tags()) == {packages[name].tag for name in NAMES}
    pins = clone.read("dist/constraints.txt")
    assert all(f"{name}=={packages[name].version}\n" in pins for name in NAMES)
    assert "polars==" in pins


@pytest.mark.soak
def test_our_packages_are_built_and_proved_from_their_wheels(
    clone: SmallRepository, empty_index: PackageIndex
) -> None:
    """Tests, the conformance kit, and the demo with the newest of everything."""
    done = clone.release(
        "publish", index=empty_index, environment={"PYTEST_ADDOPTS": f"-n {os.cpu_count()}"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(clone.tags()) == len(packages_in(clone.folder))
    assert (clone.folder / "dist" / "constraints.txt").exists()
