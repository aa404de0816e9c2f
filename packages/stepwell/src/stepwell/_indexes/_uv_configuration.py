"""From where uv would take packages: its variables, then settings of project, user, system."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from stepwell._indexes._entries import IndexEntry, Role
from stepwell._indexes._uv_settings import project_settings

_VARIABLES: dict[str, Role] = {
    "UV_DEFAULT_INDEX": "index",
    "UV_INDEX_URL": "index",
    "UV_INDEX": "extra index",
    "UV_EXTRA_INDEX_URL": "extra index",
    "UV_FIND_LINKS": "links",
    "UV_NO_INDEX": "no index",
    "UV_INDEX_STRATEGY": "strategy",
    "UV_CONSTRAINT": "constraints",
    "UV_INSECURE_HOST": "insecure",
}
_OPTIONS: dict[str, Role] = {
    "index-url": "index",
    "extra-index-url": "extra index",
    "find-links": "links",
    "no-index": "no index",
    "index-strategy": "strategy",
    "allow-insecure-host": "insecure",
}


def uv_entries(folder: Path) -> list[IndexEntry]:
    """Everything that uv is told in `folder`, strongest first."""
    return [*_variables(), *(entry for file in _files(folder) for entry in _of_file(*file))]


def sources_of(folder: Path) -> dict[str, str]:
    """Which package of `[tool.uv.sources]` is assigned to which index by name."""
    found = {}
    settings = project_settings(folder, _toml)
    for package, source in (settings.sources if settings else {}).items():
        for one in source if isinstance(source, list) else [source]:
            if isinstance(one, dict) and isinstance(one.get("index"), str):
                found[str(package)] = one["index"]
    return found


def _variables() -> Iterator[IndexEntry]:
    for variable, role in _VARIABLES.items():
        for word in os.environ.get(variable, "").split():
            name, equals, url = word.partition("=")
            is_named = equals and "://" not in name and "://" in url
            if role == "no index" and word.lower() not in ("1", "true", "yes", "on"):
                continue
            yield _entry(role, variable, url if is_named else word, name if is_named else None)


def _of_file(where: str, table: Mapping[str, Any]) -> Iterator[IndexEntry]:
    """What a table of settings says, and its table for `uv pip`, which is stronger there."""
    pip = table.get("pip")
    if isinstance(pip, dict):
        yield from _of_options(f"{where}.pip" if where.endswith("[tool.uv]") else where, pip)
    for index in _tables(table.get("index")):
        name = str(index["name"]) if index.get("name") else None
        role: Role = "index" if index.get("default") is True else "extra index"
        explicit = index.get("explicit") is True
        shown = f"{where} index {name}" if name else f"{where} index"
        yield _entry(role, shown, str(index.get("url", "")), name, explicit=explicit)
    yield from _of_options(where, table)


def _tables(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _of_options(where: str, table: Mapping[str, Any]) -> Iterator[IndexEntry]:
    for option, role in _OPTIONS.items():
        value = table.get(option)
        if value is None or value is False:
            continue
        for one in value if isinstance(value, list) else [value]:
            yield _entry(role, f"{where} {option}", str(one))


def _entry(
    role: Role, where: str, value: str, name: str | None = None, *, explicit: bool = False
) -> IndexEntry:
    return IndexEntry("uv", role, where, _with_credentials(value, name), name, explicit)


def _with_credentials(url: str, name: str | None) -> str:
    """The address of a named index with user and password of its variables, as uv fills them in."""
    if name is None or "://" not in url or "@" in urlsplit(url).netloc:
        return url
    prefix = "UV_INDEX_" + "".join(c if c.isalnum() else "_" for c in name).upper()
    user, password = (os.environ.get(f"{prefix}_{part}") for part in ("USERNAME", "PASSWORD"))
    if user is None and password is None:
        return url
    parts = urlsplit(url)
    told = f"{quote(user or '', safe='')}:{quote(password or '', safe='')}"
    return urlunsplit(parts._replace(netloc=f"{told}@{parts.netloc}"))


def _files(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of settings that uv reads, strongest first."""
    if os.environ.get("UV_NO_CONFIG", "").lower() in ("1", "true"):
        return
    if named := os.environ.get("UV_CONFIG_FILE"):
        yield named, _toml(Path(named))
        return
    if found := project_settings(folder, _toml):
        is_table = found.file.name == "pyproject.toml"
        yield f"{found.file} [tool.uv]" if is_table else str(found.file), found.table
    for path in _of_user_and_system():
        yield str(path), _toml(path)


def _of_user_and_system() -> Iterator[Path]:
    if os.name == "nt":
        user, system = os.environ.get("APPDATA", ""), os.environ.get("PROGRAMDATA", "")
        folders = [Path(folder) for folder in (user, system) if folder]
    else:
        user = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
        systems = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
        folders = [Path(user), *map(Path, filter(None, systems)), Path("/etc")]
    yield from (path for folder in folders if (path := folder / "uv" / "uv.toml").is_file())


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
