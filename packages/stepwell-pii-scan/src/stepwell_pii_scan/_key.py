"""The key of pseudonyms, which is never part of a configuration, only a reference to it."""

from __future__ import annotations

import hashlib
import os
import re

from stepwell import ConfigurationError

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHORTEST = 16


def is_reference(text: str) -> bool:
    """Whether `text` is `${NAME}`, the name of an environment variable."""
    return _REFERENCE.fullmatch(text) is not None


def fingerprint_of(reference: str) -> str | None:
    """What tells one key from another and does not give it away; None if it is not set."""
    secret = os.environ.get(_name_in(reference))
    if not secret:
        return None
    return hashlib.blake2b(b"fingerprint", key=_derived(secret), digest_size=8).hexdigest()


def key_from(reference: str) -> bytes:
    """The key for keyed hashes from the environment variable that `reference` names.

    Raises ConfigurationError if it is not set, or too short to withstand guessing.
    """
    name = _name_in(reference)
    secret = os.environ.get(name, "")
    if len(secret) < _SHORTEST:
        found = f"has only {len(secret)} characters" if secret else "is not set"
        raise ConfigurationError(
            f"PiiScan, field 'secret_key': the environment variable {name} {found}.",
            hint=f"Set it to a random secret of at least {_SHORTEST} characters.",
        )
    return _derived(secret)


def _name_in(reference: str) -> str:
    return reference[2:-1]


def _derived(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode()).digest()
