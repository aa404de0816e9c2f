"""From where `pip install` would take packages: its variables, then its files."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from stepwell._indexes._entries import IndexEntry, Role

_ROLES: dict[str, Role] = {
    "index-url": "index",
    "extra-index-url": "extra index",
    "find-links": "links",
    "no-index": "no index",
    "constraint": "constraints",
    "trusted-host": "insecure",
}
_SECTIONS = ("install", "global")
_NAME = "pip.ini" if os.name == "nt" else "pip.conf"


def pip_entries() -> list[IndexEntry]:
    """Everything that pip is told, strongest first."""
    return [*_variables(), *_of_files()]


def _variables() -> Iterator[IndexEntry]:
    for option, role in _ROLES.items():
        variable = f"PIP_{option.upper().replace('-', '_')}"
        yield from _entries(variable, role, os.environ.get(variable, ""))


def _of_files() -> Iterator[IndexEntry]:
    """What files say; `[install]` of any of them overrides `[global]` of all."""
    read = [(path, _read(path)) for path in _files() if path.is_file()]
    for section in _SECTIONS:
        for path, parser in read:
            for option, role in _ROLES.items():
                value = parser.get(section, option, fallback="")
                yield from _entries(f"{path} [{section}] {option}", role, value)


def _entries(where: str, role: Role, value: str) -> list[IndexEntry]:
    values = value.split()
    if role == "no index":
        values = [word for word in values if word.lower() in ("1", "true", "yes", "on")]
    return [IndexEntry("pip", role, where, word) for word in values]


def _read(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, UnicodeDecodeError, configparser.Error):
        return configparser.RawConfigParser()
    return parser


def _files() -> list[Path]:
    """The files that pip reads, strongest first."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    site = [Path(sys.prefix, _NAME)]
    if named and Path(named).is_file():
        return [Path(named), *site, *_of_system()]
    return [*site, *_of_user(), *_of_system()]


def _of_user() -> list[Path]:
    home = Path.home()
    if os.name == "nt":
        return [Path(os.environ.get("APPDATA", home), "pip", _NAME), home / "pip" / _NAME]
    kept = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    mac = home / "Library" / "Application Support" / "pip"
    folder = mac if sys.platform == "darwin" and mac.is_dir() else kept / "pip"
    return [folder / _NAME, home / ".pip" / _NAME]


def _of_system() -> list[Path]:
    if os.name == "nt":
        return [Path(os.environ.get("PROGRAMDATA", "C:/ProgramData"), "pip", _NAME)]
    folders = (os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    return [Path("/etc", _NAME), *(Path(folder, "pip", _NAME) for folder in folders if folder)]
