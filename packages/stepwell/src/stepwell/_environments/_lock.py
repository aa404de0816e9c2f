"""A lock: every package of an environment, by version and hash, as uv has resolved it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from pydantic import BaseModel, ConfigDict

from stepwell._digest import digest_file, digest_json
from stepwell._environments._installed_from import origin_of
from stepwell._environments._origins import Origins, origins
from stepwell._environments._request import Request, with_known_places
from stepwell._environments._requirement import Wanted, project_of
from stepwell._environments._uv import run_uv
from stepwell._environments._uv_project import uv_folder
from stepwell._errors import EnvironmentUnavailable, listed
from stepwell._uv import lock_of

_COMPILE = ("pip", "compile", "pyproject.toml", "--format", "pylock.toml", "--generate-hashes")
_BARE = ("--no-header", "--no-annotate", "--output-file", "pylock.toml")
_MOST_ROUNDS = 5
_NO_SOURCES = {"__pycache__", "build", "dist", "node_modules"}
_DESCRIBING = ("pyproject.toml", "setup.cfg", "setup.py")


class Locked(BaseModel):
    """What has been resolved for a request.

    `packages` are names and versions (of a folder that says none: null), `content` stands for all
    files of them, `lock` is the digest of uv's own lock, `folders` come as they are, and `local`
    are the digests of what was read on this machine.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    python: str
    packages: dict[str, str | None]
    content: str
    lock: str
    folders: tuple[str, ...]
    local: dict[str, str]

    def key(self) -> str:
        """What stands for the environment in the cache: equal for equal packages, wherever made."""
        sources = {Path(folder).name: _digest_of_sources(Path(folder)) for folder in self.folders}
        return digest_json([self.content, sources])

    def is_up_to_date(self) -> bool:
        """Whether the files and folders of this machine are still as they were read."""
        return all(_digest_of_place(Path(place)) == found for place, found in self.local.items())


def resolved(request: Request, step: str, *, before: bytes | None, here: bool = True) -> bytes:
    """The lock of a request, as a pylock.toml. Raises EnvironmentUnavailable.

    Versions are those of the lock `before`, else, unless `here` is false, those that are installed
    here, as far as they fit.
    """
    told = origins()
    packages = with_known_places(request.packages, told.assigns)
    if before is None and here:
        before = _versions_here(request).encode()
    for _ in range(_MOST_ROUNDS):
        before = _resolved(request, packages, told, step, before)
        named = {one.name for one in packages}
        found = [one["name"] for one in _packages_in(before)]
        strangers = [name for name in found if name not in named and told.assigns(name)]
        if not strangers:
            return before
        packages += [Wanted(name, name) for name in strangers]
    raise EnvironmentUnavailable(
        f"The environment of step {step!r} cannot be resolved: {listed(strangers)} would come from "
        "another index than the one that they are assigned to.",
        hint="List them in its requirements.",
    )


def _resolved(
    request: Request, packages: list[Wanted], told: Origins, step: str, before: bytes | None
) -> bytes:
    """What uv makes of these packages. uv heeds an assigned index only for what is asked for by
    name, so that the caller has to ask again for what turns out to be required.
    """
    with uv_folder(packages, request.python, told) as folder:
        if before is not None:
            (folder / "pylock.toml").write_bytes(before)
        python = ("--python", request.interpreter)
        command = (*_COMPILE, *_BARE, *python)
        run_uv(*command, step=step, doing="resolved", folder=folder, variables=told.variables())
        return (folder / "pylock.toml").read_bytes()


def _packages_in(content: bytes) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = tomllib.loads(content.decode()).get("packages", [])
    return packages


def described(request: Request, content: bytes, digest: str) -> Locked:
    """What a pylock.toml says."""
    packages = _packages_in(content)
    folders = [one["directory"]["path"] for one in packages if "directory" in one]
    files = [one["archive"]["path"] for one in packages if "path" in one.get("archive", {})]
    asked = [str(one.place) for one in request.packages if one.place is not None]
    local = {*folders, *files, *asked}
    return Locked(
        python=request.python,
        packages={one["name"]: _version_of(one) for one in packages},
        content=digest_json([request.python, [_facts(one) for one in packages]]),
        lock=digest,
        folders=tuple(folders),
        local={place: _digest_of_place(Path(place)) for place in sorted(local)},
    )


def _versions_here(request: Request) -> str:
    """A lock with the versions that are installed here, which uv prefers where they fit."""
    asked = {one.name for one in request.packages if one.place is not None}
    found = {
        canonicalize_name(one.name): one.version
        for one in metadata.distributions()
        if one.metadata["Name"] and origin_of(one) is None
    }
    return lock_of({name: found[name] for name in sorted(found.keys() - asked)})


def _version_of(package: dict[str, Any]) -> str | None:
    if "version" in package or "directory" not in package:
        return package.get("version")
    version = project_of(Path(package["directory"]["path"])).get("version")
    return version if isinstance(version, str) else None


def _facts(package: dict[str, Any]) -> list[Any]:
    """What a package is, whatever it was fetched from."""
    hashes = sorted(file["hashes"].get("sha256", "") for file in _files(package))
    commit = package.get("vcs", {}).get("commit-id")
    return [package["name"], package.get("version"), hashes, commit]


def _files(package: dict[str, Any]) -> Sequence[dict[str, Any]]:
    single = [package[key] for key in ("sdist", "archive") if key in package]
    return [*package.get("wheels", []), *single]


def _digest_of_place(place: Path) -> str:
    """The digest of a file, or of what describes the project in a folder."""
    if place.is_dir():
        return digest_json([_digest_if_there(place / name) for name in _DESCRIBING])
    return _digest_if_there(place) or ""


def _digest_if_there(file: Path) -> str | None:
    return digest_file(file) if file.is_file() else None


def _digest_of_sources(folder: Path) -> str:
    """The digest of the Python files in a folder, and of what describes the project."""
    files = sorted(_sources(folder))
    return digest_json([[str(file.relative_to(folder)), digest_file(file)] for file in files])


def _sources(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.name in _NO_SOURCES:
            continue
        if entry.is_dir() and not entry.is_symlink() and not (entry / "pyvenv.cfg").exists():
            yield from _sources(entry)
        elif entry.is_file() and (entry.suffix == ".py" or entry.name in _DESCRIBING):
            yield entry
