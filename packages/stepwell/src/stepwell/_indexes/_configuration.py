"""The index of a project's steps: as the project says, else as uv and pip are told."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from stepwell._errors import ConfigurationError
from stepwell._indexes._entries import IndexEntry
from stepwell._indexes._extra import require_extra
from stepwell._indexes._pip_configuration import pip_entries
from stepwell._indexes._server import PATIENCE
from stepwell._indexes._uv_configuration import uv_entries
from stepwell._secrets import resolved
from stepwell._settings import Settings


def index_entries(folder: Path) -> list[IndexEntry]:
    """Everything that uv and pip are told in `folder` about where packages come from."""
    return [*uv_entries(folder), *pip_entries()]


def step_index(settings: Settings, option: str | None = None) -> str:
    """The address of the index of steps, with credentials if they are known.

    The option, else the setting `index`, else the first index of uv, else of pip, that is not the
    public one. That one has to be named. Raises ConfigurationError if there is none.
    """
    if told := option or settings.index:
        return resolved(told)
    require_extra()
    for entry in index_entries(settings.root):
        if entry.role in ("index", "extra index") and _is_private(entry.value):
            return entry.value
    raise ConfigurationError(
        "Nothing says which package index has your steps.",
        hint='Name it: --index URL, or index = "https://HOST/simple/" in [tool.stepwell] of '
        "pyproject.toml.",
    )


def is_public(url: str) -> bool:
    """Whether an address is that of the index which everybody may publish to."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return urlsplit(url).hostname == urlsplit(PYPI_SIMPLE_ENDPOINT).hostname


def _is_private(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https") and not is_public(url)


def patience() -> float:
    """Seconds to wait for an index: as uv or pip is told, else 15."""
    for variable in ("UV_HTTP_TIMEOUT", "PIP_TIMEOUT", "PIP_DEFAULT_TIMEOUT"):
        try:
            return max(0.1, float(os.environ.get(variable, "")))
        except ValueError:
            continue
    return PATIENCE
