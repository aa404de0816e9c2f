"""The environments of this machine: made in a folder aside, used once they are whole, removed.

FOLDER/KEY/               a virtual environment, with environment.json in it
FOLDER/incoming-…         one that is being made, or was when its process was killed
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepwell._digest import canonical_json, digest_json
from stepwell._environments._lock import Locked
from stepwell._environments._origins import origins
from stepwell._environments._request import Request
from stepwell._environments._uv import run_uv
from stepwell._environments._uv_project import uv_folder
from stepwell._settings import settings
from stepwell._storage._store import Store
from stepwell._uv import python_in

_INCOMING = "incoming-"
_DESCRIPTION = "environment.json"
_GRACE = 3600.0
"""Seconds after which what is being made was given up: its process was killed."""


@dataclass(frozen=True)
class Made:
    """An environment of this machine: where, what is in it, when it was last used."""

    folder: Path
    requirements: tuple[str, ...]
    packages: dict[str, str | None]
    python: str
    used: float

    @property
    def size(self) -> int:
        """Its files in bytes; most of them are shared with uv's cache."""
        return sum(file.lstat().st_size for file in self.folder.rglob("*"))


def is_made(request: Request, found: Locked) -> bool:
    """Whether an environment is there, and its Python still installed."""
    return python_in(_folder_of(request, found)).exists()


def interpreter_in(request: Request, found: Locked, store: Store, step: str) -> Path:
    """The Python of an environment, which is made unless it is there. Raises StepwellError."""
    folder = _folder_of(request, found)
    python = python_in(folder)
    if not python.exists():
        _make(folder, request, found, bytes(store.blob(found.lock)), step)
    with suppress(OSError):  # a read-only folder of environments can be used, too
        os.utime(folder / _DESCRIPTION)
    return python


def environments_folder() -> Path:
    """Where environments are kept: the setting, else in the user's folder for caches."""
    chosen = settings().environments
    return Path(chosen) if chosen is not None else _cache_folder() / "stepwell" / "environments"


def environments() -> Iterator[Made]:
    """The environments of this machine, by key."""
    for folder in _folders(environments_folder()):
        if not folder.name.startswith(_INCOMING):
            with suppress(OSError, ValueError, KeyError, TypeError):
                yield _made(folder)


def remove_unused(seconds: float, *, dry_run: bool) -> list[Path]:
    """Remove the environments that nobody has used for so long, and what was left half-made."""
    limits = {True: _GRACE, False: seconds}
    old = [
        folder
        for folder in _folders(environments_folder())
        if time.time() - _used(folder) >= limits[folder.name.startswith(_INCOMING)]
    ]
    for folder in [] if dry_run else old:
        _remove(folder)
    return old


def _make(folder: Path, request: Request, found: Locked, lock: bytes, step: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = folder.parent / f"{_INCOMING}{secrets.token_hex(8)}"
    try:
        new = ("venv", "--relocatable", "--no-project", "--python", request.interpreter)
        run_uv(*new, aside, step=step, doing="made", folder=folder.parent)
        told = origins()
        with uv_folder((), request.python, told) as project:
            (project / "pylock.toml").write_bytes(lock)
            sync = ("pip", "sync", "--python", python_in(aside), "pylock.toml")
            variables = {"UV_COMPILE_BYTECODE": _compiled(), **told.variables()}
            run_uv(*sync, step=step, doing="made", folder=project, variables=variables)
        (aside / _DESCRIPTION).write_bytes(canonical_json(_description(request, found)))
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _compiled() -> str:
    """Whether byte code is compiled now, and not by the imports of later runs; as uv is told."""
    return os.environ.get("UV_COMPILE_BYTECODE", "1")


def _put_in_place(aside: Path, folder: Path) -> None:
    """Give an environment its name, unless another process has made it meanwhile."""
    if folder.exists() and not python_in(folder).exists():  # its Python was uninstalled
        _remove(folder)
    try:
        aside.rename(folder)
    except OSError:
        if not python_in(folder).exists():
            raise


def _remove(folder: Path) -> None:
    """Remove an environment: at once for whoever looks for it, then file by file."""
    aside = folder.parent / f"{_INCOMING}{secrets.token_hex(8)}"
    with suppress(OSError):  # another process removes it
        folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _folder_of(request: Request, found: Locked) -> Path:
    python = request.chosen_python or [sys.base_prefix, sys.version]
    return environments_folder() / digest_json([found.content, found.local, python])[:32]


def _description(request: Request, found: Locked) -> dict[str, Any]:
    return {
        "requirements": sorted(one.text for one in request.packages),
        "packages": found.packages,
        "python": found.python,
    }


def _made(folder: Path) -> Made:
    said = json.loads((folder / _DESCRIPTION).read_bytes())
    return Made(
        folder, tuple(said["requirements"]), dict(said["packages"]), said["python"], _used(folder)
    )


def _used(folder: Path) -> float:
    """When an environment was last used; of one that is not whole, when it was last written to."""
    for file in (folder / _DESCRIPTION, folder):
        with suppress(OSError):
            return file.stat().st_mtime
    return time.time()


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(entry for entry in parent.iterdir() if entry.is_dir())
    except FileNotFoundError:
        return []


def _cache_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
