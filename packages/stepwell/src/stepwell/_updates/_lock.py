"""The lock of a project, `pylock.toml` (PEP 751): every package by version and hash."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.utils import NormalizedName, canonicalize_name

from stepwell._errors import PackageError

FILE = "pylock.toml"


@dataclass(frozen=True)
class Locked:
    """A package of a lock: its version, and the SHA-256 of each file that may be installed."""

    name: NormalizedName
    version: str
    digests: frozenset[str]
    has_all_hashes: bool


def read_lock(path: Path) -> dict[NormalizedName, Locked]:
    """What a lock would install here, by name. Raises PackageError for what is no lock."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = [_locked(entry) for entry in document["packages"] if _applies(entry)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidMarker) as error:
        raise PackageError(
            f"{path} cannot be read as a lock ({type(error).__name__}).",
            hint="Write it anew: stepwell upgrade --write.",
        ) from None
    return {entry.name: entry for entry in entries}


def write_lock(path: Path, text: str) -> None:
    """Replace the lock as a whole: whoever is interrupted leaves the old one."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _applies(entry: Mapping[str, Any]) -> bool:
    marker = entry.get("marker")
    return marker is None or Marker(marker).evaluate()


def _locked(entry: Mapping[str, Any]) -> Locked:
    files = [*entry.get("wheels", ()), *filter(None, [entry.get("sdist"), entry.get("archive")])]
    digests = [file.get("hashes", {}).get("sha256") for file in files]
    return Locked(
        name=canonicalize_name(entry["name"]),
        version=str(entry.get("version", "")),
        digests=frozenset(filter(None, digests)),
        has_all_hashes=bool(files) and all(digests),
    )
