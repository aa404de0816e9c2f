"""LIKE patterns of SQL as regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator


def like_pattern(pattern: str, escape: str | None) -> str:
    """The regular expression that finds what `pattern` does, as PostgreSQL reads it.

    Upper and lower case differ, and nothing is escaped unless `escape` is given. Raises ValueError
    for a pattern that ends in the middle of an escape.
    """
    found, characters = [], iter(pattern)
    for character in characters:
        if character == escape:
            found.append(re.escape(_escaped(characters)))
        else:
            found.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
    return rf"(?s)\A{''.join(found)}\z"


def _escaped(characters: Iterator[str]) -> str:
    following = next(characters, None)
    if following is None:
        raise ValueError("ends with its escape character")
    return following
