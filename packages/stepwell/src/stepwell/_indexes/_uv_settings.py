"""Where uv finds the settings of a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ProjectSettings:
    """The settings in `file`: a `uv.toml`, else the `[tool.uv]` of a `pyproject.toml`.

    `sources` are those of the `pyproject.toml` in any case: a `uv.toml` has none.
    """

    file: Path
    table: Mapping[str, Any]
    sources: Mapping[str, Any]


def project_settings(
    folder: Path, read: Callable[[Path], Mapping[str, Any]]
) -> ProjectSettings | None:
    """The nearest settings in `folder` or above; `read` says what is in a TOML file."""
    for above in (folder, *folder.parents):
        table = read(above / "pyproject.toml").get("tool", {}).get("uv")
        sources = table.get("sources", {}) if isinstance(table, dict) else {}
        if (above / "uv.toml").is_file():
            return ProjectSettings(above / "uv.toml", read(above / "uv.toml"), sources)
        if isinstance(table, dict):
            return ProjectSettings(above / "pyproject.toml", table, sources)
    return None
