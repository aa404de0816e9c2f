"""Releases that were not made together: a step with an old core, an old step with the next core."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from package_index import PackageIndex
from release._history import History
from release._packages import packages_in
from release._trees import Trees

if TYPE_CHECKING:
    from small_repositories import SmallRepository

MODULE = "packages/{}/src/{}/__init__.py"


@pytest.fixture
def family(small: SmallRepository, empty_index: PackageIndex, tmp_path: Path) -> SmallRepository:
    """A core of version 1.0.0 and a step that needs it, both published."""
    small.git("rm", "-rq", "packages/stepwell-word", "packages/stepwell-tongue")
    small.add("stepwell", version="1.0.0")
    small.add("stepwell-alone", needs=["stepwell>=1.0,<2"])
    _say(small, "stepwell-alone", "from stepwell import say")
    small.commit()
    trees = Trees(History(small.folder), tmp_path / "work")
    for package in packages_in(small.folder).values():
        empty_index.publish(trees.wheel(package, "HEAD"))
        small.git("tag", package.tag)
    return small


def test_floor_that_is_too_low_is_found_and_so_is_a_break(
    family: SmallRepository, empty_index: PackageIndex
) -> None:
    """The step uses what only the core of this commit has; that core has lost what was released."""
    _say(family, "stepwell-alone", "from stepwell import shout as say")
    _say(family, "stepwell", "def shout():\n    return 'a'")
    family.commit()
    lowest = family.release("compatibility", "lowest", index=empty_index)
    assert lowest.returncode == 1
    assert "failed: stepwell-alone 0.1.0: its tests failed" in lowest.stdout
    assert "cannot import name 'shout'" in lowest.stdout
    candidate = family.release("compatibility", "candidate", "stepwell-alone", index=empty_index)
    assert candidate.returncode == 1
    assert "cannot import name 'say'" in candidate.stdout


def test_releases_that_fit_are_told_with_the_core_that_was_tried(
    family: SmallRepository, empty_index: PackageIndex
) -> None:
    """Tests that are newer than a release do not judge it."""
    family.replace("packages/stepwell/pyproject.toml", '"1.0.0"', '"1.1.0"')
    family.replace("packages/stepwell-alone/tests/test_say.py", "'a'", "say()")
    family.commit()
    lowest = family.release("compatibility", "lowest", "stepwell-alone", index=empty_index)
    assert lowest.stdout == "stepwell-alone 0.1.0 works with stepwell 1.0.0\n"
    family.write("packages/stepwell-alone/tests/test_say.py", "def test_new():\n    assert False\n")
    family.commit()
    candidate = family.release("compatibility", "candidate", index=empty_index)
    assert "stepwell-alone 0.1.0 works with stepwell 1.1.0" in candidate.stdout


def _say(repository: SmallRepository, name: str, text: str) -> None:
    repository.write(MODULE.format(name, name.replace("-", "_")), f"{text}\n")
