"""Which installed distribution a module comes from, and what it depends on."""

from __future__ import annotations

import importlib.metadata as metadata
import json
import re
import sys
import sysconfig
from functools import cache
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path

from stepwell._digest import digest_file, digest_json

_KNOWN = {
    "dateutil": "python-dateutil",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Modules of other names than their distributions: to ask all distributions takes its time."""

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def distribution_of(top_level: str) -> Distribution | None:
    """The distribution that brings the top-level module; None for code of the project."""
    for guess in (top_level.replace("_", "-"), _KNOWN.get(top_level, top_level)):
        try:
            guessed = metadata.distribution(guess)
        except metadata.PackageNotFoundError:
            continue
        if _brings(guessed, top_level):
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
def package_digest(distribution: str, top_level: str) -> str:
    """The digest of an installed package's own files, and the versions of what it requires."""
    found = metadata.distribution(distribution)
    recorded = None if is_editable(found) else found.read_text("RECORD")
    own = _sources(top_level) if recorded is None else _recorded(recorded)
    return digest_json([distribution, found.version, own, declared_versions(distribution)])


def _recorded(record: str) -> list[str]:
    """The lines of a RECORD about the package itself: not about what an installer adds to it."""
    return sorted(
        line
        for line in record.splitlines()
        if ".dist-info/" not in line and "__pycache__/" not in line and not line.startswith("..")
    )


def _sources(top_level: str) -> list[list[str]]:
    """The files of a package that is installed by reference to its sources."""
    spec = find_spec(top_level)
    if spec is None or not spec.submodule_search_locations:
        return [[top_level, digest_file(Path(spec.origin))]] if spec and spec.origin else []
    return [
        [file.relative_to(folder).as_posix(), digest_file(file)]
        for folder in map(Path, spec.submodule_search_locations)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".pyc"
    ]


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


def is_of_project(module: str | None, file: str | None) -> bool:
    """Whether code is the user's own: that of a package of Stepwell is not, be it editable."""
    if module is None or module == "__main__":
        return True
    top_level = module.partition(".")[0]
    if top_level.startswith("stepwell") and distribution_of(top_level) is not None:
        return False
    return is_project_file(file)


@cache
def project_root(file: str | None) -> str | None:
    """The folder that a file's project lies in: with a pyproject.toml, else the file's own."""
    if file is None or not Path(file).is_file():
        return None
    folders = Path(file).absolute().parents
    return str(next((f for f in folders if (f / "pyproject.toml").is_file()), folders[0]))
