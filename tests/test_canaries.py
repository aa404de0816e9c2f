"""What stands in cells and secrets is heard nowhere else, whatever a project does with it.

The project of `canary_project` is run as a user would, from the command line; then every byte that
any command wrote, to the terminal or into a file, is searched for what was planted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stepwell._storage._artifacts import blobs_of
from stepwell.authoring import Store

CELLS = [
    *(b"kanarienvogel", b"zwitscher", b"voliere", b"trillert", b"gelbgefieder", b"federkleid"),
    *(b"7351926", b"1931-07-23"),
]
SECRETS = [b"geheimgesang"]
ENVIRONMENT = {
    "MY_API_KEY": "geheimgesang-4",
    "SONG": "geheimgesang-5",
    "DB_PASSWORD": "geheimgesang-6",
}
AWAY = "http://vogel:geheimgesang-7@127.0.0.1:9"
SETTINGS = '[tool.stepwell]\nobservers = ["jsonl", "junit", "mlflow"]\n'


@dataclass
class Project:
    """The project, what its commands printed, and the blobs that hold data or a model."""

    folder: Path
    printed: dict[str, bytes] = field(default_factory=dict)

    def type(self, *command: str, **environment: str) -> int:
        """Run a command as from a terminal and keep what it prints; returns the exit code."""
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env={**os.environ, **ENVIRONMENT, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        self.printed[" ".join(command)] = done.stdout
        return done.returncode

    @property
    def store(self) -> Store:
        return Store(self.folder / ".stepwell")

    def data(self) -> set[Path]:
        """The blobs that hold what steps were given to keep: datasets, values, models."""
        kept = set()
        for entry in self.store.records.entries():
            for step in entry.document["steps"]:
                for output in step["outputs"].values():
                    if output["kind"] != "report" and output["fingerprint"]:
                        kept |= set(blobs_of(self.store, output["fingerprint"], output["kind"]))
        return {self.folder / f".stepwell/blobs/{name[:2]}/{name[2:]}" for name in kept}

    def channels(self) -> dict[str, bytes]:
        """Everything that was written but for the data itself, and the sources of the project."""
        held = self.data()
        sources = {"people.parquet", "late.csv", "pipelines.py", "__pycache__"}
        files = (file for file in self.folder.rglob("*") if file.is_file() and file not in held)
        named = {str(file.relative_to(self.folder)): file for file in files}
        written = {
            name: file.read_bytes()
            for name, file in named.items()
            if Path(name).parts[0] not in sources and "/artifacts/model/" not in name
        }
        return {**self.printed, **written}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after everything that fails and passes in it has happened."""
    folder = tmp_path_factory.mktemp("canaries")
    shutil.copy(Path(__file__).parent / "canary_project/pipelines.py", folder)
    (folder / "pyproject.toml").write_text(SETTINGS)
    made = Project(folder)
    assert made.type("stepwell", "run", "pipelines.py:aviary", STEPWELL_TRACKING_URI=AWAY) == 3
    assert made.type("stepwell_tracking", "status", STEPWELL_TRACKING_URI=AWAY) == 0
    assert made.type("stepwell_tracking", "sync", STEPWELL_TRACKING_URI=AWAY) == 1
    assert made.type("stepwell", "run", "pipelines.py:clumsy", "--json") == 1
    assert made.type("stepwell", "run", "pipelines.py:apart", "--workers", "2") == 1
    assert made.type("stepwell_tracking", "sync") == 0
    for command in ("runs list", "runs show", "runs show last --json", "records verify", "steps"):
        assert made.type("stepwell", *command.split()) == 0
    for command in ("plan pipelines.py:aviary --json", "store prune --dry-run"):
        assert made.type("stepwell", *command.split()) == 0
    assert made.type("stepwell_deploy", "log", "aviary", "--json") == 0
    assert made.type("stepwell", "runs", "list", "--store", "s3://me:geheimgesang-8@b/x") == 1
    return made


def heard(channels: dict[str, bytes], planted: list[bytes]) -> dict[str, list[bytes]]:
    """Which of `planted` stand in which channel."""
    found = {name: [word for word in planted if word in said] for name, said in channels.items()}
    return {name: words for name, words in found.items() if words}


def test_cells_stand_in_the_data_and_nowhere_else(project: Project) -> None:
    """(faults 27, 28)"""
    assert heard(project.channels(), CELLS) == {}
    data = {str(blob): blob.read_bytes() for blob in project.data()}
    sung = {word for words in heard(data, CELLS).values() for word in words}
    assert sung == set(CELLS) - {b"1931-07-23"}  # dates are kept as numbers


def test_secrets_stand_nowhere(project: Project) -> None:
    """(faults 25, 26)"""
    everything = project.channels() | {str(blob): blob.read_bytes() for blob in project.data()}
    assert heard(everything, SECRETS) == {}
    assert b"${SONG}" in everything[".stepwell/records/00000001.json"]


def test_every_channel_was_searched(project: Project) -> None:
    """The tests above hear nothing where nothing was said; here it is made sure that much was."""
    said = project.channels()
    assert {".jsonl", ".xml", ".db", ".log", ".json"} <= {Path(name).suffix for name in said}
    record = said[".stepwell/records/00000002.json"]
    for step in (b"quotes", b"to_numbers", b"cast_lazily", b"looks_up", b"many_classes"):
        assert b'"name":"%s"' % step in record
    assert b'"state":"failed"' in record
    assert sum(name.endswith("artifacts/record.json") for name in said) == 3


def test_models_in_mlflow_are_the_only_files_with_values(project: Project) -> None:
    artifacts = project.folder / ".stepwell/mlartifacts"
    files = {str(file): file.read_bytes() for file in artifacts.rglob("*") if file.is_file()}
    assert {Path(name).parent.name for name in heard(files, CELLS)} <= {"model"}
