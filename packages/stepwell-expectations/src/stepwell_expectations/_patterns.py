"""Regular expressions of Python as those of Polars, which take linear time.

The two differ little. What means the same is kept, what can be said otherwise is translated, and a
pattern with anything else is left to Great Expectations, which matches with Python's own engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import polars as pl

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[a-zA-Z-]+|.", re.DOTALL)
_POSSESSIVE = re.compile(r"(?:[*+?]|\{\d*,?\d*\})\+")

_TRANSLATIONS: Mapping[str, str] = {
    "$": r"(?:\n?\z)",  # in Python also before a newline at the very end
    r"\Z": r"\z",
    r"\w": r"[\p{L}\p{N}_]",
    r"\W": r"[^\p{L}\p{N}_]",
    r"\s": r"[\s\x1c-\x1f]",
    r"\S": r"[^\s\x1c-\x1f]",
}


@lru_cache(maxsize=1024)
def polars_pattern(pattern: str) -> str | None:
    """The pattern for Polars that finds what `pattern` finds in Python, or None."""
    tokens = _TOKEN.findall(pattern)
    if any(map(_is_ambiguous_set, tokens)) or _is_possessive(tokens):
        return None
    by_line = any(token.startswith("(?") and "m" in token for token in tokens)
    kept = {"$"} if by_line else set()  # where $ matches at each line, both do so alike
    translated = "".join(token if token in kept else _translated(token) for token in tokens)
    return translated if _compiles(translated) else None


def _translated(token: str) -> str:
    if not token.startswith("[") or len(token) == 1:
        return _TRANSLATIONS.get(token, token)
    return re.sub(r"\\.", lambda escape: _TRANSLATIONS.get(escape[0], escape[0]), token)


def _is_ambiguous_set(token: str) -> bool:
    """Whether `token` is a set in which Polars would see nested sets or their operators."""
    inner = token[1:]
    return token.startswith("[") and any(sign in inner for sign in ("[", "--", "&&", "~~"))


def _is_possessive(tokens: list[str]) -> bool:
    """Whether a quantifier never gives back what it has matched, which Polars does not know."""
    signs = "".join(token if len(token) == 1 else "x" for token in tokens)
    return _POSSESSIVE.search(signs) is not None


def _compiles(pattern: str) -> bool:
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.ComputeError:
        return False
    return True
