"""uv: where it is, and what it says when it fails."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from stepwell._errors import EnvironmentUnavailable
from stepwell._secrets import masked

_SETTLED = ["--quiet", "--no-progress", "--color", "never"]
_LABEL = re.compile(r"^\s*(error|cause|hint): ", re.MULTILINE)
_BY_UV = "No solution found when resolving dependencies: "

PROJECT = "step-environment"
"""How uv is told that what has the requirements is called; no package has the name."""


def run_uv(
    *arguments: str | Path,
    step: str,
    doing: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run uv in a folder. Raises EnvironmentUnavailable, which says in uv's words what is wrong."""
    command = [_binary(step), *map(str, arguments), *_SETTLED]
    inherited = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**inherited, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise EnvironmentUnavailable(
            f"The environment of step {step!r} cannot be {doing}: {_told(done.stderr)}",
        )


def _binary(step: str) -> str:
    """The program: of the package uv, else the one on the path."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise EnvironmentUnavailable(
            f"Step {step!r} has an environment of its own, which uv makes, and there is no uv.",
            hint="Install it: pip install 'stepwell[packages]'.",
        )
    return found


def _told(text: str) -> str:
    """What uv wrote, in one paragraph and without secrets."""
    _, *said = _LABEL.split(text) if _LABEL.search(text) else ["", "error", text]
    told = ""
    for label, part in zip(said[::2], said[1::2], strict=True):
        words = " ".join(part.split()).rstrip(".")
        told += {"error": "", "cause": ": "}.get(label, ". ") + words
    told = told.removeprefix(_BY_UV).replace(PROJECT, "the environment")
    return f"{masked(told) or 'uv does not say why'}."
