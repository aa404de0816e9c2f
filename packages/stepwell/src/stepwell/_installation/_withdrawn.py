"""Releases that nobody should use any more, as the package's later releases tell.

An index inside a company can neither yank nor delete without harm. What a package withdraws
therefore stands in `withdrawn.toml` inside of it, beside `contract.json`, and every release after
the withdrawn one brings it along: who looks at the newest wheel learns of all of them.

    [[withdrawn]]
    version = "0.3.0"
    reason = "Split put a row into both sides if its identifier was empty."
    replacement = "0.3.1"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from packaging.version import InvalidVersion, Version

from stepwell._errors import ConfigurationError

FILE = "withdrawn.toml"
_KEYS = ("version", "reason", "replacement")
_EXAMPLE = '[[withdrawn]], version = "0.3.0", reason = "…", replacement = "0.3.1"'


@dataclass(frozen=True)
class Withdrawal:
    """A version that should be replaced, why, and by which version of the same package."""

    version: str
    reason: str
    replacement: str


def withdrawals(text: str, *, where: str | PurePath) -> tuple[Withdrawal, ...]:
    """What the text of a `withdrawn.toml` withdraws; `where` it stands is named in errors."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{where}: {error}.", hint=f"Write {_EXAMPLE}.") from None
    entries = content.get("withdrawn", [])
    if set(content) - {"withdrawn"} or not isinstance(entries, list):
        raise ConfigurationError(
            f"{where}: there is something else than tables [[withdrawn]].",
            hint=f"Write {_EXAMPLE}.",
        )
    return tuple(_withdrawal(entry, f"{where}, entry {at}") for at, entry in enumerate(entries, 1))


def withdrawal_of(version: str, known: tuple[Withdrawal, ...]) -> Withdrawal | None:
    """How a version was withdrawn, if it was."""
    wanted = Version(version)
    return next((one for one in known if Version(one.version) == wanted), None)


def _withdrawal(entry: Any, where: str) -> Withdrawal:
    keys = set(entry) if isinstance(entry, dict) else set()
    if keys != set(_KEYS) or not all(isinstance(entry[key], str) and entry[key] for key in _KEYS):
        raise ConfigurationError(
            f"{where}: it needs the texts {', '.join(_KEYS)}, and nothing else.",
            hint=f"Write {_EXAMPLE}.",
        )
    for key in ("version", "replacement"):
        try:
            Version(entry[key])
        except InvalidVersion:
            raise ConfigurationError(
                f"{where}: {key} is no version.", hint=f"Write {_EXAMPLE}."
            ) from None
    return Withdrawal(**entry)
