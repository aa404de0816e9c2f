"""uv: where it is, what it is to prefer, and what it says when it fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stepwell._errors import PackageError
from stepwell._secrets import masked
from stepwell._workers._process_groups import end_group

_SETTLED = ["--quiet", "--no-progress", "--color", "never"]
_DRAWN = re.compile(r"^\s*(?:×|├─▶|╰─▶|│)\s*", re.MULTILINE)  # noqa: RUF001 - uv draws with it
_UNSAFE = "--index-strategy"
_LABEL = re.compile(r"^\s*(error|cause|hint): ", re.MULTILINE)


def run_uv(
    *arguments: str | Path, folder: Path, variables: Mapping[str, str] | None = None
) -> str | None:
    """Run uv in `folder`: None if it did what it was told, else what it complains of.

    It is told of indexes and credentials by variables, which no list of processes shows. Raises
    PackageError if there is no uv.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    process = subprocess.Popen(
        [_program(), *map(str, arguments), *_SETTLED],
        cwd=folder,
        env={**inherited, **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with process:
        try:
            _, complaint = process.communicate()
        except BaseException:
            end_group(process)  # with what compiles byte code, which would write on
            raise
    return None if process.returncode == 0 else _told(complaint)


def python_in(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def lock_of(versions: Mapping[str, str]) -> str:
    """A `pylock.toml` that only says versions, which uv prefers where they fit."""
    entries = "".join(
        f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\n'
        for name, version in versions.items()
    )
    return f'lock-version = "1.0"\ncreated-by = "stepwell"\n{entries}'


def _program() -> str:
    """The program: of the package uv, else the one on the path."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise PackageError(
            "This needs uv, which is not here.", hint="Type: pip install 'stepwell[packages]'."
        )
    return found


def _told(text: str) -> str:
    """What uv wrote, in one paragraph, without secrets and without advice that is unsafe."""
    text = _DRAWN.sub("", text)
    _, *said = _LABEL.split(text) if _LABEL.search(text) else ["", "error", text]
    told = ""
    for label, part in zip(said[::2], said[1::2], strict=True):
        if label == "hint" and _UNSAFE in part:  # doctor would call it an error
            continue
        words = " ".join(part.split()).rstrip(".")
        told += {"error": "", "cause": ": "}.get(label, ". ") + words
    return f"{masked(told) or 'uv does not say why'}."
