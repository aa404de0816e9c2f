"""Each package, built as a wheel and installed alone into an empty environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uv

from stepwell._contract import contract_in_folder, contract_in_wheel

if TYPE_CHECKING:
    from own_packages import Package

HEAVY = {"great_expectations", "mlflow", "pandas", "scipy", "sklearn"}
LOADED_BY = "import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"


@pytest.fixture
def alone(package: Package, wheels: dict[str, Path], tmp_path: Path) -> Path:
    """The Python of an environment that has the package and what it requires, nothing else."""
    # Packages of ours may come from here only, whatever an index offers under their names.
    ours = tmp_path / "ours.txt"
    ours.write_text("".join(f"{name} @ {wheel.as_uri()}\n" for name, wheel in wheels.items()))
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    _uv("venv", "--python", sys.executable, environment)
    _uv("pip", "install", "--python", python, "--constraints", ours, package.name)
    return python


def test_package_works_alone(package: Package, alone: Path, tmp_path: Path) -> None:
    """It is imported without any heavy library, and the example of its README runs."""
    loaded = _python(alone, LOADED_BY.format(module=package.import_name), tmp_path)
    assert {name.partition(".")[0] for name in json.loads(loaded)} & HEAVY == set()
    _python(alone, package.example, tmp_path)


def test_wheel_holds_the_package_and_nothing_else(
    package: Package, wheels: dict[str, Path], root: Path
) -> None:
    """(fault 42)"""
    wheel = zipfile.ZipFile(wheels[package.name])
    described = f"{package.import_name}-{package.project['version']}.dist-info"
    assert {name.partition("/")[0] for name in wheel.namelist()} == {package.import_name, described}
    for name in wheel.namelist():
        assert str(root).encode() not in wheel.read(name)


def test_wheel_brings_the_licence_and_says_so(
    package: Package, wheels: dict[str, Path], root: Path
) -> None:
    wheel = zipfile.ZipFile(wheels[package.name])
    described = f"{package.import_name}-{package.project['version']}.dist-info"
    metadata = message_from_bytes(wheel.read(f"{described}/METADATA"))
    assert metadata.get_all("License-File") == ["LICENSE"]
    assert wheel.read(f"{described}/licenses/LICENSE") == (root / "LICENSE").read_bytes()


def test_wheel_brings_the_contract_of_its_steps(package: Package, wheels: dict[str, Path]) -> None:
    contract = contract_in_wheel(wheels[package.name])
    assert contract == contract_in_folder(package.folder)
    assert set(contract.steps) == set(package.entry_points.get("stepwell.steps", {}))


def test_the_same_source_gives_the_same_bytes(
    package: Package, wheels: dict[str, Path], tmp_path: Path
) -> None:
    """(fault 42)"""
    copy = tmp_path / "elsewhere" / package.name
    shutil.copytree(package.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(copy / "tests")
    _uv("build", "--wheel", "--out-dir", tmp_path, copy)
    wheel = wheels[package.name]
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def _uv(*arguments: str | Path) -> None:
    done = subprocess.run([uv.find_uv_bin(), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _python(python: Path, code: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [python, "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
