"""Words for messages."""

from __future__ import annotations

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def sentences(parts: Sequence[str]) -> str:
    """The parts that are not empty, one after the other."""
    return " ".join(part for part in parts if part)


def ended(text: str) -> str:
    """The text with a full stop, unless it ends already."""
    return text if text.endswith((".", "?")) else f"{text}."
