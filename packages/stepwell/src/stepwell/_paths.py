"""The one rule for names that become part of a path, and the one proof that a path stays inside."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable

from stepwell._errors import ConfigurationError, StoreError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SEPARATING = frozenset('/\\:*?"<>|')
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 255


def is_plain(part: str) -> bool:
    """Whether a name may be chosen for anything: safe in paths and URLs of every system.

    Letters, digits, `.`, `_` and `-`, at most 100 of them, beginning with a letter or digit and not
    ending with a dot; no name that Windows reserves.
    """
    return bool(_PLAIN.fullmatch(part)) and not part.endswith(".") and not _is_reserved(part)


def is_portable(part: str) -> bool:
    """Whether a file that a step made can have this name in one folder of every system.

    Looser than `is_plain`: also spaces, accents and leading dots, but nothing that separates, or
    looks like what separates, and nothing that cannot be seen.
    """
    looks = unicodedata.normalize("NFKC", part)
    return (
        part.isprintable()
        and 0 < len(os.fsencode(part)) <= _LONGEST
        and not _SEPARATING & set(looks)
        and not part.startswith(" ")
        and not looks.endswith((" ", "."))
        and not _is_reserved(looks)
    )


def checked_name(name: object, *, what: str) -> str:
    """`name`, if it `is_plain`. Raises ConfigurationError."""
    if isinstance(name, str) and is_plain(name):
        return name
    article = "an" if what[0] in "aeiou" else "a"
    raise ConfigurationError(
        f"{name!r} cannot be the name of {article} {what}.",
        hint="Use letters, digits, '.', '_' and '-', beginning with a letter or digit.",
    )


def checked_path(path: str, *, rule: Callable[[str], bool] = is_plain) -> list[str]:
    """The parts of a relative path, if every one of them is a name. Raises StoreError."""
    parts = path.split("/")
    if not all(map(rule, parts)):
        raise StoreError(f"{path!r} is no path inside a folder of Stepwell.")
    return parts


def inside(folder: str, path: str, *, rule: Callable[[str], bool] = is_plain) -> str:
    """Where the file `path` of `folder` is: the one way into the file system.

    Raises StoreError unless it is proven that it stays inside: every part is a name, and no
    folder on the way is a link.
    """
    *folders, last = checked_path(path, rule=rule)
    place = folder
    for name in folders:
        place = os.path.join(place, name)
        if os.path.islink(place):
            raise StoreError(f"A symbolic link leads {path!r} out of the folder {folder}.")
    return os.path.join(place, last)


def twins(names: Iterable[str]) -> list[str]:
    """The first two names that are the same for some file systems: but for case or Unicode form."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            return [other, name]
    return []


def _is_reserved(name: str) -> bool:
    return name.partition(".")[0].rstrip(" ").lower() in _RESERVED
