"""Secrets: masked in everything that is written down, taken from the environment when used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from stepwell._errors import ConfigurationError

MASK = "********"

_SECRET_WORDS = {
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
}
_SECRET_PAIRS = {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key")}
_USER_INFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret: `db_password`, `apiKey`; not `use_cls_token`."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[0] == "use":
        return False
    return words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS


def masked(value: Any, *, environment: Mapping[str, str] | None = None) -> Any:
    """JSON with every secret in it replaced: by name, in URLs, and values of secret variables.

    References such as `${TOKEN}` stay as they are.
    """
    variables = os.environ if environment is None else environment
    secrets = {v for name, v in variables.items() if is_secret_name(name) and len(v) >= 6}
    return _masked(value, secrets)


def _masked(value: Any, secrets: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: MASK if is_secret_name(str(key)) and _hides(item) else _masked(item, secrets)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(item, secrets) for item in value]
    return _masked_text(value, secrets) if isinstance(value, str) else value


def _hides(item: Any) -> bool:
    """Whether this is a secret, and not empty or a reference to a variable."""
    if isinstance(item, str):
        return bool(item) and _REFERENCE.fullmatch(item) is None
    return isinstance(item, int | float) and not isinstance(item, bool)


def _masked_text(text: str, secrets: set[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _USER_INFO.sub(lambda m: m.group() if _REFERENCE.search(m.group()) else MASK, text)


def resolved(text: str) -> str:
    """`text` with `${NAME}` replaced by environment variables. Raises ConfigurationError."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ConfigurationError(f"The environment variable {name} is not set.")
        return os.environ[name]

    return _REFERENCE.sub(value, text)
