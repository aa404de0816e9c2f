"""Where packages come from: what uv is told in the current folder, and the index of steps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stepwell._environments._installed_from import installed, origin_of
from stepwell._environments._requirement import Wanted
from stepwell._errors import ConfigurationError
from stepwell._indexes._credentials import without_credentials
from stepwell._indexes._for_uv import INDEX, credentials_for_uv
from stepwell._indexes._uv_settings import project_settings
from stepwell._installation._names import bears_our_name
from stepwell._secrets import resolved
from stepwell._settings import settings

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


@dataclass(frozen=True)
class Origins:
    """The settings for uv of a project, and the address of its index of steps, if it has one."""

    uv: Mapping[str, Any]
    index: str | None

    def assigns(self, name: str) -> bool:
        """Whether a package of this name comes from one place only, whatever others offer."""
        return name in self._named or (self.index is not None and bears_our_name(name))

    @property
    def _named(self) -> dict[str, Any]:
        return {canonicalize_name(name): one for name, one in self.uv.get("sources", {}).items()}

    def table(self, packages: Iterable[Wanted]) -> dict[str, Any]:
        """The table `[tool.uv]` of a project that depends on these packages."""
        sources = self._named
        table = {**self.uv}
        if self.index is not None:
            of_steps = {"name": INDEX, "url": without_credentials(self.index), "explicit": True}
            table["index"] = [*self.uv.get("index", []), of_steps]
            named = {one.name for one in packages if _is_named_only(one)}
            ours = {n: {"index": INDEX} for n in named if bears_our_name(n)}
            sources = {**ours, **sources}
        places = {
            one.name: {"path": str(one.place), "editable": one.place.is_dir()}
            for one in packages
            if one.place is not None
        }
        return {**table, "sources": {**sources, **places}}

    def variables(self) -> dict[str, str]:
        """The variables with which uv gets into the index of steps."""
        if self.index is None:
            return {}
        return credentials_for_uv(self.index)


def origins() -> Origins:
    """Where packages come from in the current folder."""
    index = settings().index
    return Origins(uv_settings(Path.cwd()), resolved(index) if index is not None else None)


def uv_settings(folder: Path) -> dict[str, Any]:
    """The settings for uv that hold in a folder, as uv looks for them, with absolute paths."""
    found = project_settings(folder, _table)
    if found is None:
        return {}
    told = {k: v for k, v in found.table.items() if k not in _OF_THE_PROJECT_ITSELF}
    sources = {"sources": found.sources} if found.sources else {}
    return _absolute({**told, **sources}, found.file.parent)


def _is_named_only(one: Wanted) -> bool:
    return one.place is None and Requirement(one.text).url is None


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
