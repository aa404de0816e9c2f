"""Which packages a change asks to be tested."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from touched_packages import changed_files, dependencies, touched

NEEDS = {
    "stepwell": frozenset[str](),
    "stepwell-sklearn": frozenset({"stepwell"}),
    "stepwell-train": frozenset({"stepwell", "stepwell-sklearn"}),
    "stepwell-fairness": frozenset({"stepwell"}),
}


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("packages/stepwell-fairness/src/stepwell_fairness/_counts.py", ["stepwell-fairness"]),
        ("packages/stepwell-sklearn/README.md", ["stepwell-sklearn", "stepwell-train"]),
        ("packages/stepwell/src/stepwell/_step.py", sorted(NEEDS)),
        ("packages/stepwell-gone/pyproject.toml", []),
        ("pyproject.toml", sorted(NEEDS)),
        (".github/workflows/check.yml", sorted(NEEDS)),
        ("tools/touched_packages.py", sorted(NEEDS)),
        ("docs/concepts.md", []),
        ("examples/credit/demo.py", []),
        ("README.md", []),
    ],
)
def test_a_file_touches_its_package_and_those_that_need_it(file: str, expected: list[str]) -> None:
    assert touched([file], NEEDS) == expected


def test_several_files_touch_each_of_their_packages() -> None:
    files = ["packages/stepwell-fairness/README.md", "packages/stepwell-train/README.md"]
    assert touched(files, NEEDS) == ["stepwell-fairness", "stepwell-train"]


def test_dependencies_are_those_in_the_folder(root: Path) -> None:
    found = dependencies(root / "packages")
    assert found["stepwell"] == frozenset()
    assert "stepwell" in found["stepwell-deploy"]
    assert "polars" not in found["stepwell-evaluate"]


def test_changes_are_counted_from_where_the_branch_left_its_base(tmp_path: Path) -> None:
    _git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    _commit(tmp_path, "shared")
    _git(tmp_path, "checkout", "--quiet", "-b", "change")
    _commit(tmp_path, "ours ä")
    _git(tmp_path, "checkout", "--quiet", "main")
    _commit(tmp_path, "theirs")
    _git(tmp_path, "checkout", "--quiet", "change")

    assert changed_files(tmp_path, base="main") == ["ours ä"]


def test_an_unknown_base_is_told_apart_from_no_change(tmp_path: Path) -> None:
    _git(tmp_path, "init", "--quiet")
    _commit(tmp_path, "first")
    assert changed_files(tmp_path, base="0" * 40) is None
    assert changed_files(tmp_path, base="HEAD") == []


def _commit(repository: Path, file: str) -> None:
    (repository / file).touch()
    _git(repository, "add", file)
    _git(repository, "commit", "--quiet", "-m", file)


def _git(repository: Path, *arguments: str) -> None:
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", *author, *arguments], cwd=repository, check=True)
