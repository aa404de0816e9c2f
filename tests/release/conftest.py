"""A throw-away git repository of three small packages, to try the release tool on."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from package_index import PackageIndex, running_index

ROOT = Path(__file__).resolve().parents[2]
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "A package of a test."
readme = "README.md"
requires-python = ">=3.11"
dependencies = {dependencies}

[tool.hatch.build.targets.wheel]
packages = ["src/{import_name}"]
"""
ROOT_PYPROJECT = '[dependency-groups]\ntest = ["pytest"]\n'


@dataclass(frozen=True)
class SmallRepository:
    """`stepwell-tongue` needs `stepwell-word`; `stepwell-alone` needs nothing."""

    folder: Path

    def add(self, name: str, *, needs: Iterable[str] = (), version: str = "0.1.0") -> Path:
        """Write a package with a function `say`, and a test of it."""
        folder, module = self.folder / "packages" / name, name.replace("-", "_")
        written = PYPROJECT.format(
            name=name, version=version, import_name=module, dependencies=list(needs)
        )
        core = (ROOT / "packages/stepwell/pyproject.toml").read_text(encoding="utf-8")
        towncrier = core[core.index("[tool.towncrier]") :]
        self.write(f"packages/{name}/pyproject.toml", written + "\n" + towncrier)
        self.write(f"packages/{name}/README.md", f"# {name}\n")
        self.write(
            f"packages/{name}/CHANGELOG.md",
            "# Changelog\n\n<!-- towncrier release notes start -->\n\n"
            f"## {version} (2026-01-01)\n\n- Made.\n",
        )
        self.write(f"packages/{name}/changes/.gitkeep", "")
        self.write(
            f"packages/{name}/src/{module}/__init__.py", "def say() -> str:\n    return 'a'\n"
        )
        self.write(
            f"packages/{name}/tests/test_say.py",
            f"from {module} import say\n\n\ndef test_say():\n    assert say() == 'a'\n",
        )
        return folder

    def write(self, path: str, text: str) -> None:
        """Write a file of the repository."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Change a file of the repository."""
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def read(self, path: str) -> str:
        """The text of a file of the repository."""
        return (self.folder / path).read_text(encoding="utf-8")

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")

    def git(self, *words: str) -> str:
        """What git says."""
        return self._run(["git", *words]).stdout

    def tags(self) -> list[str]:
        """The names of all tags."""
        return self.git("tag").split()

    def release(
        self, *words: str, index: PackageIndex | None = None, environment: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        """What `nox -s release -- WORDS` does."""
        given = {**(index.twine_environment if index else {}), **environment}
        tools = {"PYTHONPATH": str(ROOT / "tools")}
        command = [sys.executable, "-m", "release", *words]
        return self._run(command, environment={**given, **tools}, check=False)

    def _run(
        self,
        command: list[str],
        *,
        environment: Mapping[str, str] = {},
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **IDENTITY, **environment},
            capture_output=True,
            text=True,
            check=check,
        )


@pytest.fixture
def small(tmp_path: Path) -> SmallRepository:
    """Three packages of version 0.1.0, committed, of which nothing is published."""
    return _small_repository(tmp_path / "small")


@dataclass(frozen=True)
class Published:
    """A repository whose packages are on an index, and what the publication printed."""

    repository: SmallRepository
    index_folder: Path
    told: str

    @property
    def dist(self) -> Path:
        """Where the publication wrote what it made."""
        return self.repository.folder / "dist"

    @contextmanager
    def again(self, folder: Path) -> Iterator[tuple[SmallRepository, PackageIndex]]:
        """The same repository and index elsewhere, to go on from there."""
        shutil.copytree(self.repository.folder, folder / "small")
        shutil.copytree(self.index_folder / "packages", folder / "index" / "packages")
        with running_index(folder / "index") as index:
            yield SmallRepository(folder / "small"), index


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The first publication of three packages, made by one of the processes that run tests."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "published"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "told.txt").exists():
            (folder / "told.txt").write_text(_first_publication(folder))
    told = (folder / "told.txt").read_text()
    return Published(SmallRepository(folder / "small"), folder / "index", told)


@pytest.fixture
def again(published: Published, tmp_path: Path) -> Iterator[tuple[SmallRepository, PackageIndex]]:
    """The repository and the index after the first publication, for one test."""
    with published.again(tmp_path) as both:
        yield both


def _first_publication(folder: Path) -> str:
    shutil.rmtree(folder / "small", ignore_errors=True)
    repository = _small_repository(folder / "small")
    with running_index(folder / "index") as index:
        done = repository.release("publish", index=index)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _small_repository(folder: Path) -> SmallRepository:
    repository = SmallRepository(folder)
    repository.write("pyproject.toml", ROOT_PYPROJECT)
    repository.write(".gitignore", "dist/\n.env\n")
    repository.add("stepwell-word")
    repository.add("stepwell-tongue", needs=["stepwell-word>=0.1,<1"])
    repository.add("stepwell-alone")
    repository.git("init", "--quiet", "--initial-branch", "main")
    repository.commit()
    return repository
