"""The rules of the repository find what breaks them, and only that."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from check_repository import breaches_of

MODULE = "packages/stepwell-train/src/stepwell_train/_train.py"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (MODULE, "x = f()  # type: ignore\n", ":1: an ignore without code or reason"),
        (MODULE, "\nx = f()  # type: ignore[misc]\n", ":2: an ignore without code or reason"),
        (MODULE, "import os  # noqa: F401\n", ":1: an ignore without code or reason"),
        (MODULE, "import os  # noqa\n", ":1: an ignore without code or reason"),
        (MODULE, "x = 1  # pragma: no cover\n", ":1: an ignore without code or reason"),
        (MODULE, "x = 1\n" * 351, ":1: 351 lines; a module has at most 350"),
        (MODULE, "# TODO: name it\n", ":1: 'TODO' is left over"),
        ("README.md", "See /home/ada/data.\n", ":1: '/home/a' is left over"),
        ("packages/stepwell/changes/12.feature.md", "New.\n", ":1: call it <number>."),
        ("packages/stepwell/changes/new-step.added.md", "New.\n", ":1: call it <number>."),
        ("packages/stepwell/changes/12.added.md", "\n", ":1: say in a sentence"),
    ],
)
def test_breach_is_named_with_its_line(file: str, text: str, expected: str) -> None:
    (breach,) = breaches_of(PurePosixPath(file), text)
    assert breach.startswith(f"{file}{expected}")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (MODULE, "x = f()  # type: ignore[misc]  # the stubs are wrong\n"),
        (MODULE, "import os  # noqa: F401 - exported\n"),
        (MODULE, "x = 1\n" * 350),
        ("tests/test_long.py", "x = 1\n" * 351),
        ("tests/test_wrong.py", "x = f()  # type: ignore[arg-type]\n"),
        ("docs/errors.md", "`# type: ignore`\n"),
        ("packages/stepwell/changes/.gitkeep", ""),
        ("packages/stepwell/changes/12.added.md", "A new step.\n"),
        ("packages/stepwell/changes/+word.fixed.md", "A word was wrong.\n"),
    ],
)
def test_what_keeps_the_rules_is_let_through(file: str, text: str) -> None:
    assert breaches_of(PurePosixPath(file), text) == []
