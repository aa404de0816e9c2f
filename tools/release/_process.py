"""Running the tools that do the work: git, uv, twine, towncrier, pytest."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import uv

from release._errors import ReleaseError

_LAST_LINES = 30
# What would let a process see more than its environment, take packages of ours from another index
# than ours, or build other bytes.
_NOT_HANDED_ON = (
    "PYTHONHOME",
    "PYTHONPATH",
    "SOURCE_DATE_EPOCH",
    "UV_CONSTRAINT",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX_STRATEGY",
    "VIRTUAL_ENV",
)
_DO_NOT_SHOW = ("TWINE_PASSWORD", "UV_INDEX_STEPWELL_PASSWORD")


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What the command printed. Raises ReleaseError, which says `what` failed and why."""
    own = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    variables = {**own, **(environment or {}), "NO_COLOR": "1"}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        told = _without_passwords(f"{done.stdout}\n{done.stderr}", variables)
        lines = [line for line in told.splitlines() if line.strip()][-_LAST_LINES:]
        raise ReleaseError("\n    ".join([f"{what} failed:", *lines]))
    return done.stdout


def uv_command(*words: str | Path) -> list[str | Path]:
    """A command of the uv that is installed beside this tool."""
    return [uv.find_uv_bin(), "--quiet", "--no-progress", *words]


def _without_passwords(text: str, variables: Mapping[str, str]) -> str:
    for name in _DO_NOT_SHOW:
        if variables.get(name):
            text = text.replace(variables[name], "***")
    return text
