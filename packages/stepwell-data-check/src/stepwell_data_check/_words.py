"""Words for messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def did_you_mean(name: str, existing: Iterable[str]) -> str:
    """A sentence that proposes the nearest of `existing`, else an empty string."""
    near = get_close_matches(name, list(existing), n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[str], *, most: int = 12) -> str:
    """`names`, comma separated, cut after `most`."""
    every = list(names)
    shown = ", ".join(every[:most]) or "none"
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def sentences(parts: Sequence[str]) -> str:
    """The parts that are not empty, one after the other."""
    return " ".join(part for part in parts if part)
