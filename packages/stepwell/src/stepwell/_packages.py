"""Which installed distribution a module comes from, and what it depends on."""

from __future__ import annotations

import importlib.metadata as metadata
import json
import re
import sys
import sysconfig
from functools import cache
from importlib.metadata import Distribution
from pathlib import Path

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def distribution_of(top_level: str) -> Distribution | None:
    """The distribution that brings the top-level module; None for code of the project."""
    try:
        guessed = metadata.distribution(top_level.replace("_", "-"))
    except metadata.PackageNotFoundError:
        guessed = None
    if guessed is not None and _brings(guessed, top_level):
        return guessed
    names = metadata.packages_distributions().get(top_level)
    return metadata.distribution(names[0]) if names else None


def _brings(distribution: Distribution, top_level: str) -> bool:
    if is_editable(distribution):
        return True
    record = distribution.read_text("RECORD") or ""
    return f"{top_level}/" in record or f"{top_level}.py" in record


def is_editable(distribution: Distribution) -> bool:
    """Whether the distribution is installed by reference to a source folder."""
    text = distribution.read_text("direct_url.json")
    return bool(text) and bool(json.loads(text or "{}").get("dir_info", {}).get("editable"))


@cache
def declared_versions(name: str) -> dict[str, str]:
    """The installed versions of the libraries that a distribution requires (extras left out)."""
    versions = {}
    for requirement in metadata.distribution(name).requires or ():
        if "extra ==" in requirement or "extra==" in requirement:
            continue
        library = _NAME.match(requirement)
        version = version_of(library.group()) if library else None
        if library and version:
            versions[library.group().lower()] = version
    return dict(sorted(versions.items()))


@cache
def version_of(distribution: str) -> str | None:
    """The installed version of a distribution; None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


@cache
def _library_folders() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    return tuple(
        Path(paths[key]).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")
    )


@cache
def is_project_file(file: str | None) -> bool:
    """Whether a module file is code of the user's: neither installed nor of Python itself."""
    if not file or file.startswith("<"):
        return False
    path = Path(file).resolve()
    if path.is_relative_to(Path(sys.prefix).resolve() / "lib"):
        return False
    return not any(path.is_relative_to(folder) for folder in _library_folders())
