"""Common given and family names: two lists, one name a line.

The names of the United States are the most frequent ones of the Census of 1990, a work of the
federal government and in the public domain. Those of Germany, Austria, Switzerland and nine more
countries of Europe are common knowledge, written down for this package and given to the public
domain (CC0). Given names that are also months, places or words are left out.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal


@cache
def names(which: Literal["given", "family"]) -> frozenset[str]:
    """The names of one list."""
    text = files(__name__).joinpath(f"{which}.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
