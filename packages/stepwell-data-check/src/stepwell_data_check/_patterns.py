"""Regular expressions of Python as those of Polars, which take linear time.

The two differ little. What means the same is kept, what can be said otherwise is translated, and a
pattern with anything else is left to Great Expectations, which matches with Python's own engine.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

import polars as pl

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[a-zA-Z-]+|.", re.DOTALL)
_END = r"(?:\n?\z)"  # Python's $ also matches before a newline at the very end
_POSSESSIVE = re.compile(r"(?:[*+?]|\{\d*,?\d*\})\+")


@lru_cache(maxsize=1024)
def polars_pattern(pattern: str) -> str | None:
    """The pattern for Polars that finds what `pattern` finds in Python, or None."""
    if _is_ambiguous(pattern):
        return None
    tokens = _TOKEN.findall(pattern)
    if any(token.startswith("(?") and "m" in token for token in tokens):
        return pattern if _compiles(pattern) else None
    if _POSSESSIVE.search("".join(token for token in tokens if len(token) == 1)):
        return None
    translations = {"$": _END, r"\Z": r"\z"}
    translated = "".join(translations.get(token, token) for token in tokens)
    return translated if _compiles(translated) else None


def _is_ambiguous(pattern: str) -> bool:
    """Whether Python warns that a set may come to mean what it already means in Polars."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        re.purge()
        re.compile(pattern)
    return any(issubclass(warning.category, FutureWarning) for warning in caught)


def _compiles(pattern: str) -> bool:
    try:
        pl.select(pl.lit("").str.contains(pattern))
    except pl.exceptions.ComputeError:
        return False
    return True
