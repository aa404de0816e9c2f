"""What users write passes mypy's strict mode, and what is wrong does not; without a plugin."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

USERS_FILE = """
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from stepwell import Dataset, Load, Model, Pipeline, Report, Run, Step, Target, place, step


@dataclass(frozen=True)
class Trained:
    model: Model
    report: Report


class Train(Step):
    target: str | None = Field(default=None, description="The target.")
    keep: Sequence[str] = Field(default=(), description="Columns to keep.")
    limits: Mapping[str, float] = Field(default={}, description="Limits.")

    def run(self, *, data: Dataset, champion: Model | None = None) -> Trained:
        raise NotImplementedError


@step(roles={"band": "protected", "y": [Target(favourable=1), "personal"]})
def band(data: Dataset, *, cut: int = 25) -> Dataset:
    return data


@step
def plain(data: Dataset) -> Dataset:
    return data


pipeline = Pipeline(
    "credit",
    [
        Load(source="a.csv", roles={"y": "target", "sex": ["protected"]}),
        band(cut=30),
        plain(),
        place(Train(target="y", keep=["sex"], limits={"gap": 0.1}), name="second"),
    ],
    inputs={"other": Dataset},
)
run: Run = pipeline.run(store=False, other=None)
reports: dict[str, Report] = run.reports
Train(target=3)  # wrong
Train(targt="y")  # wrong
Train("y")  # wrong
Train(keep=[1])  # wrong
"""


def test_mypy_strict_accepts_what_is_right_and_finds_what_is_wrong(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy comes with the dependency group `types`")
    file = tmp_path / "project.py"
    file.write_text(USERS_FILE)
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [int(line) for line in re.findall(r"project\.py:(\d+): error", done.stdout)]
    wrong = [n for n, line in enumerate(USERS_FILE.splitlines(), 1) if "# wrong" in line]
    assert found == wrong, done.stdout + done.stderr
