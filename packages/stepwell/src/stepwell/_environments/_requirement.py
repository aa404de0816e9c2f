"""A requirement as somebody wrote it: of an index, of a URL, or of a file or folder."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from stepwell._secrets import masked

_ARCHIVES = (".whl", ".tar.gz", ".zip")
_WITH_EXTRAS = re.compile(r"(?P<path>.*?)(?P<extras>\[[\w.,\s-]+\])?")


@dataclass(frozen=True)
class Wanted:
    """A package that an environment is to have.

    `text` says which versions; with a `place`, it comes from that file or folder of this machine.
    """

    name: str
    text: str
    place: Path | None = None


def check(text: str) -> None:
    """Raise ValueError for what is no requirement, or holds credentials; looks at no file."""
    if _is_path(text):
        return
    requirement = _parsed(text)
    url = urlsplit(requirement.url or "")
    if url.password or (url.username and url.scheme.rpartition("+")[2] in ("http", "https")):
        raise ValueError(
            f"the requirement of {requirement.name!r} holds credentials: leave them to uv, in "
            "UV_INDEX_<NAME>_PASSWORD, in .netrc or in a keyring"
        )


def wanted(text: str) -> Wanted:
    """The package that a requirement asks for. Raises ValueError if its file is not there."""
    if _is_path(text):
        found = _WITH_EXTRAS.fullmatch(text.strip())
        assert found is not None  # it takes any text
        path = Path(found["path"]).expanduser().absolute()
        name = _name_in(path)
        return Wanted(name, f"{name}{found['extras'] or ''}", path)
    requirement = _parsed(text)
    name = canonicalize_name(requirement.name)
    if requirement.url is None or not requirement.url.startswith("file:"):
        return Wanted(name, str(requirement))
    path = Path(unquote(urlsplit(requirement.url).path))
    if not path.exists():
        raise ValueError(f"{requirement.name} comes from {path}, where there is nothing")
    requirement.url = None
    return Wanted(name, str(requirement), path)


def _is_path(text: str) -> bool:
    before = text.partition(";")[0].strip()
    has_path = before.endswith(_ARCHIVES) or before.startswith((".", "~")) or os.sep in before
    return has_path and "@" not in before


def _parsed(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement:
        raise ValueError(
            f"{masked(text)!r} is no requirement; write 'name', 'name<3', 'name @ URL' or a path "
            "such as './name-1.0-py3-none-any.whl'"
        ) from None


def _name_in(path: Path) -> str:
    """The name of the package in a wheel, a source distribution or a folder."""
    if not path.exists():
        raise ValueError(f"there is no file or folder {path}")
    if path.is_dir():
        return _name_in_folder(path)
    try:
        if path.suffix == ".whl":
            return parse_wheel_filename(path.name)[0]
        return parse_sdist_filename(path.name)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        raise ValueError(f"{path.name} is not named as a wheel or a source distribution") from None


def _name_in_folder(folder: Path) -> str:
    name = project_of(folder).get("name")
    if not isinstance(name, str):
        raise ValueError(f"{folder} has no pyproject.toml that names a project")
    return canonicalize_name(name)


def project_of(folder: Path) -> dict[str, object]:
    """The table `[project]` of a folder; empty if there is none."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            table = tomllib.load(file).get("project", {})
    except (OSError, ValueError):
        return {}
    return table if isinstance(table, dict) else {}
