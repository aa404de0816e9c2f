"""A request as a project for uv: a pyproject.toml with the settings of the user's own project."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from stepwell._environments._installed_from import installed, origin_of
from stepwell._environments._request import with_known_places
from stepwell._environments._requirement import Wanted
from stepwell._environments._uv import PROJECT
from stepwell._errors import ConfigurationError

_OF_THE_PROJECT_ITSELF = {
    "conflicts",
    "constraint-dependencies",
    "default-groups",
    "dependency-groups",
    "dev-dependencies",
    "environments",
    "exclude-dependencies",
    "managed",
    "override-dependencies",
    "package",
    "required-environments",
    "workspace",
}
"""Settings of uv that say what the user's project needs, and not where packages come from."""


@contextmanager
def uv_folder(packages: Iterable[Wanted], python: str) -> Iterator[Path]:
    """A folder with a project that depends on these packages, for as long as the block lasts.

    uv finds in it the indexes, sources and credentials that it would find in the current folder.
    """
    settings = uv_settings(Path.cwd())
    known = with_known_places(packages, settings.get("sources", {}))
    with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
        project = project_text(known, python, settings)
        Path(folder, "pyproject.toml").write_text(project, encoding="utf-8")
        yield Path(folder)


def uv_settings(folder: Path) -> dict[str, Any]:
    """The settings for uv that hold in a folder, as uv looks for them, with absolute paths."""
    for above in (folder, *folder.parents):
        table = _table(above / "pyproject.toml").get("tool", {}).get("uv")
        own = _table(above / "uv.toml") if (above / "uv.toml").is_file() else None
        if table is None and own is None:
            continue
        chosen = own if own is not None else table
        found = {k: v for k, v in chosen.items() if k not in _OF_THE_PROJECT_ITSELF}
        sources = (table or {}).get("sources", {})
        return _absolute({**found, "sources": sources} if sources else found, above)
    return {}


def project_text(packages: Iterable[Wanted], python: str, settings: Mapping[str, Any]) -> str:
    """The pyproject.toml of a project that depends on these packages."""
    packages = list(packages)
    places = {
        one.name: {"path": str(one.place), "editable": one.place.is_dir()}
        for one in packages
        if one.place is not None
    }
    sources = {**settings.get("sources", {}), **places}
    project = {
        "name": PROJECT,
        "version": "0",
        "requires-python": f"=={python}.*" if python.count(".") == 1 else f"=={python}",
        "dependencies": [one.text for one in packages],
    }
    tables = {"project": project, "tool": {"uv": {**settings, "sources": sources}}}
    return "".join(f"{key} = {_toml(value)}\n" for key, value in tables.items())


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}.") from None


def _absolute(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with paths that hold in every folder."""
    found = dict(settings)
    if "find-links" in found:
        found["find-links"] = [_location(one, folder) for one in found["find-links"]]
    if "index" in found:
        found["index"] = [{**one, "url": _location(one["url"], folder)} for one in found["index"]]
    if "sources" in found:
        found["sources"] = {
            name: [_source(name, one, folder) for one in (s if isinstance(s, list) else [s])]
            for name, s in found["sources"].items()
        }
    return found


def _location(text: str, folder: Path) -> str:
    return text if "://" in text else str(folder / text)


def _source(name: str, source: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "path" in source:
        return {**source, "path": str(folder / source["path"])}
    if not source.get("workspace"):
        return source
    here = installed(name)
    origin = origin_of(here) if here is not None else None
    if origin is None:
        raise ConfigurationError(
            f"{name} is of the workspace of {folder / 'pyproject.toml'}, and not installed here.",
            hint=f"Install it, or list its folder: environment=['{folder}/...'].",
        )
    return {"path": str(origin["url"]).removeprefix("file://"), "editable": True}


def _toml(value: Any) -> str:
    """A value as TOML, in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, date):  # a datetime is one, too
        return value.isoformat()
    return json.dumps(value)
