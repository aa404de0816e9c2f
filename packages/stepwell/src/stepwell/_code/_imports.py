"""Modules of the project, found and read without importing anything."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from stepwell._code._packages import is_of_project


def is_project_module(name: str) -> bool:
    """Whether a module of this name belongs to the project."""
    return any(is_of_project(_top(name), str(root)) for root in _roots(_top(name)))


def project_file_of(name: str) -> Path | None:
    """The source file of a module of the project; None if there is no such module."""
    top_level, *inner = name.split(".")
    for root in _roots(top_level):
        if not is_of_project(top_level, str(root)):
            continue
        path = root.joinpath(*inner)
        files = [path / "__init__.py", path.with_suffix(".py")] if root.is_dir() else [root]
        found = next((file for file in files if file.is_file()), None)
        if found is not None and (root.is_dir() or not inner):
            return found
    return None


def imports_of(file: Path, package: str) -> Iterator[str]:
    """The modules that a source imports anywhere, and what may be modules in them."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute_name(node.module or "", node.level, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def absolute_name(name: str, level: int, package: str) -> str:
    """The full name of what a package imports as `name`, `level` packages up."""
    try:
        return importlib.util.resolve_name("." * level + name, package) if level else name
    except ImportError:
        return name


def _top(name: str) -> str:
    return name.partition(".")[0]


def _roots(top_level: str) -> list[Path]:
    """The file of a top-level module, or the folders of a top-level package."""
    try:
        spec = find_spec(top_level)
    except (ImportError, ValueError):  # a script that is running has no spec
        file = getattr(sys.modules.get(top_level), "__file__", None)
        return [Path(file)] if file else []
    if spec is None:
        return []
    if spec.submodule_search_locations:
        return [Path(folder) for folder in spec.submodule_search_locations]
    return [Path(spec.origin)] if spec.has_location and spec.origin else []
