"""Whether the file of a step can be imported in its environment: told before anything runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from stepwell._code._imports import absolute_name, is_project_module, project_file_of
from stepwell._code._packages import is_of_project
from stepwell._errors import PipelineError
from stepwell._protocol._step import Step


def check_imports(name: str, step: Step, interpreter: Path) -> None:
    """Raise PipelineError if the step's file, or one of the project that it imports, has an import
    at its top that nothing in the environment brings. A packaged step has what it requires.
    """
    module = type(step).__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    brought = _brought(interpreter)
    if file is None or brought is None or not is_of_project(module, file):
        return
    for found, line, missing in _missing(module, Path(file), brought, set()):
        raise PipelineError(
            f"Step {name!r} cannot be imported in its environment: {found.name} imports "
            f"{missing!r} in line {line}, which is not there.",
            hint="Put the step into a file of its own, import it inside the function, or list "
            "the package that brings it in environment=[...].",
        )


def _missing(
    module: str, file: Path, brought: set[str], seen: set[Path]
) -> Iterator[tuple[Path, int, str]]:
    """The imports that nothing brings: in which file, in which line, of what."""
    seen.add(file)
    for line, name in _imported_at_the_top(file, module):
        top_level = name.partition(".")[0]
        if top_level in sys.stdlib_module_names or top_level in brought:
            continue
        if not is_project_module(name):
            yield file, line, top_level
            continue
        inner = project_file_of(name)
        if inner is not None and inner not in seen:
            yield from _missing(name, inner, brought, seen)


def _imported_at_the_top(file: Path, module: str) -> Iterator[tuple[int, str]]:
    """What happens when the file is imported, come what may: nothing in a function, a `try` or an
    `if`, which may be there for this.
    """
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    try:
        body = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError, ValueError):  # whoever imports it will tell
        return
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, absolute_name(node.module or "", node.level, package)


def _brought(interpreter: Path) -> set[str] | None:
    """The top-level modules of an environment; None if only its own Python can tell."""
    names = set()
    root = interpreter.parent.parent
    for folder in (*root.glob("lib/python*/site-packages"), *root.glob("Lib/site-packages")):
        files = [folder, *_by_reference(folder)]
        names |= {name for one in files for name in _modules_in(one)}
        if any(folder.glob("__editable__*finder*")):
            return None
    return names or None


def _modules_in(folder: Path) -> Iterable[str]:
    return (entry.name.partition(".")[0] for entry in folder.iterdir()) if folder.is_dir() else ()


def _by_reference(folder: Path) -> list[Path]:
    """The folders of sources that .pth files name."""
    lines = [line for file in folder.glob("*.pth") for line in file.read_text().splitlines()]
    return [folder / line.strip() for line in lines if line.strip() and Path(line).is_absolute()]
