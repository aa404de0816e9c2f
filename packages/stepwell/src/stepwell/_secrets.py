"""Secrets: masked in everything that is written down, taken from the environment when used."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from stepwell._errors import ConfigurationError

MASK = "********"

_SECRET_WORDS = {
    "apikey",
    "authorization",
    "credential",
    "credentials",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "secret",
    "secrets",
    "token",
}
_KEYS = {"api", "access", "account", "encryption", "private", "secret", "signing", "ssh"}
_USER_INFO = re.compile(r"(?<=://)(?:[^/\s]+|[^/\s:@]+:[^@\s]+)(?=@)")
_PARAMETER = re.compile(r"(?P<name>(?:^|(?<=[?&;\s]))[\w.-]+)=(?P<value>[^&;\s]+)")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


@lru_cache(maxsize=4096)  # a record has the same few names in every step
def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret: `db_password`, `apiKey`; not `use_cls_token`."""
    words = _words(name)
    if not words or words[0] == "use":
        return False
    return words[-1] in _SECRET_WORDS or (words[-1] == "key" and bool(_KEYS & set(words[:-1])))


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def masked(value: Any, *, environment: Mapping[str, str] | None = None) -> Any:
    """JSON with every secret in it replaced: by name, in URLs, and values of secret variables.

    References such as `${TOKEN}` stay as they are.
    """
    variables = os.environ if environment is None else environment
    named = {name: v for name, v in variables.items() if is_secret_name(name) and name != "PWD"}
    secrets = {v for v in named.values() if len(v) >= 6}
    return _masked(value, sorted(secrets, key=len, reverse=True), hidden=False)


def _masked(value: Any, secrets: list[str], *, hidden: bool) -> Any:
    """`value` without secrets; `hidden` says that it stands under the name of one."""
    if isinstance(value, str):
        return _masked_text(value, secrets, hidden=hidden)
    if isinstance(value, Mapping):
        return {
            key: _masked(item, secrets, hidden=hidden or is_secret_name(str(key)))
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(item, secrets, hidden=hidden) for item in value]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return MASK if hidden and is_number else value


def _masked_text(text: str, secrets: list[str], *, hidden: bool) -> str:
    if hidden:
        return text if not text or _REFERENCE.fullmatch(text) else MASK
    for secret in secrets:
        text = text.replace(secret, MASK)
    if "://" in text:
        text = _USER_INFO.sub(lambda m: m.group() if _REFERENCE.search(m.group()) else MASK, text)
    return _PARAMETER.sub(_masked_parameter, text) if "=" in text else text


def _masked_parameter(match: re.Match[str]) -> str:
    """`name=value` in a URL or a connection string."""
    name, value = match["name"], match["value"]
    is_secret = is_secret_name(name) or _words(name)[-1:] in (["sig"], ["signature"])
    return f"{name}={MASK}" if is_secret and not _REFERENCE.search(value) else match.group()


def resolved(text: str) -> str:
    """`text` with `${NAME}` replaced by environment variables. Raises ConfigurationError."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ConfigurationError(f"The environment variable {name} is not set.")
        return os.environ[name]

    return _REFERENCE.sub(value, text)
