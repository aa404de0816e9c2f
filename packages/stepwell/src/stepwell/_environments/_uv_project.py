"""A request as a project for uv: a pyproject.toml with the settings of the user's own project."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from stepwell._environments._origins import Origins
from stepwell._environments._requirement import Wanted
from stepwell._environments._uv import PROJECT


@contextmanager
def uv_folder(packages: Iterable[Wanted], python: str, origins: Origins) -> Iterator[Path]:
    """A folder with a project that depends on these packages, for as long as the block lasts.

    uv finds in it the indexes and sources that it would find in the current folder.
    """
    with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
        text = project_text(list(packages), python, origins)
        Path(folder, "pyproject.toml").write_text(text, encoding="utf-8")
        yield Path(folder)


def project_text(packages: list[Wanted], python: str, origins: Origins) -> str:
    """The pyproject.toml of a project that depends on these packages."""
    project = {
        "name": PROJECT,
        "version": "0",
        "requires-python": f"=={python}.*" if python.count(".") == 1 else f"=={python}",
        "dependencies": [one.text for one in packages],
    }
    tables = {"project": project, "tool": {"uv": origins.table(packages)}}
    return "".join(f"{key} = {_toml(value)}\n" for key, value in tables.items())


def _toml(value: Any) -> str:
    """A value as TOML, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return json.dumps(value)
