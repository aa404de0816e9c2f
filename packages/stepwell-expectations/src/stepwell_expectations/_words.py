"""Words for messages, and what JSON is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`, `1,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def sentences(parts: Sequence[str]) -> str:
    """The parts that are not empty, one after the other."""
    return " ".join(part for part in parts if part)


def ended(text: str) -> str:
    """The text with a full stop, unless it ends already."""
    return text if text.endswith((".", "?")) else f"{text}."


def thawed(value: Any) -> Any:
    """`value` with lists and dictionaries, as other libraries expect them, at every depth."""
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    return [thawed(item) for item in value] if isinstance(value, list | tuple) else value
