"""The one check of names that become part of a path or a URL."""

from __future__ import annotations

import re

from stepwell._errors import ConfigurationError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}


def checked_name(name: object, *, what: str) -> str:
    """`name`, if it is safe as a part of a path everywhere. Raises ConfigurationError.

    Letters, digits, `.`, `_` and `-`, at most 100 of them, beginning with a letter or digit and not
    ending with a dot; no name that Windows reserves.
    """
    plain = isinstance(name, str) and _PLAIN.fullmatch(name) and not name.endswith(".")
    if isinstance(name, str) and plain and not _is_reserved(name):
        return name
    article = "an" if what[0] in "aeiou" else "a"
    raise ConfigurationError(
        f"{name!r} cannot be the name of {article} {what}.",
        hint="Use letters, digits, '.', '_' and '-', beginning with a letter or digit.",
    )


def _is_reserved(name: str) -> bool:
    return name.partition(".")[0].lower() in _RESERVED
