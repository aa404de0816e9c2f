"""Where in a project's files a field of a step is set."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def where_set(step: str, field: str, file: Path) -> str:
    """The place at which a call of `step` names `field`: `pipelines/train.py:12`.

    The file is looked at, then those beside it; without a place in any of them it is the file.
    """
    others = sorted(path for path in file.parent.glob("*.py") if path != file)
    for path in (file, *others):
        for line in _lines(step, field, path):
            return f"{path}:{line}"
    return str(file)


def _lines(step: str, field: str, path: Path) -> Iterator[int]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == step:
            yield from (word.value.lineno for word in node.keywords if word.arg == field)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
