"""Who one is to a package index, found as pip finds it, and never shown."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit, urlunsplit

Credentials = tuple[str, str]
"""A user and a password; a token stands in one of them."""

_SECONDS = 20


def without_credentials(url: str) -> str:
    """`url` as it may be shown: without user, password, query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def first_credentials(url: str) -> Credentials | None:
    """Those in the address, else of the netrc file; for a user without password, of the keyring.

    If that has none, the user may be a token, which goes without a password.
    """
    from requests.utils import get_netrc_auth

    parts = urlsplit(url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if password:
        return user, password
    if noted := get_netrc_auth(without_credentials(url)):
        return noted
    return (kept_credentials(url) or (user, "")) if user else None


def kept_credentials(url: str) -> Credentials | None:
    """Those of the keyring, which is asked for the address of the index, then for its host."""
    shown, user = without_credentials(url), urlsplit(url).username
    for service in (shown, urlsplit(shown).netloc):
        if found := _from_module(service, user) or _from_command(service, user):
            return found
    return None


def _from_module(service: str, user: str | None) -> Credentials | None:
    if find_spec("keyring") is None:
        return None
    try:
        import keyring

        found = keyring.get_credential(service, user)
    except Exception:  # whatever a backend of the keyring does
        return None
    return (found.username, found.password) if found else None


def _from_command(service: str, user: str | None) -> Credentials | None:
    """What a keyring outside of this environment knows; it has to be told the user."""
    command = shutil.which("keyring")
    if command is None or user is None:
        return None
    try:
        done = subprocess.run(
            [command, "get", service, user],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    password = done.stdout.rstrip("\r\n")
    return (user, password) if done.returncode == 0 and password else None
