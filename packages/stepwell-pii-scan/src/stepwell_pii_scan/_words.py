"""Parts of messages."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_MOST = 20


def instead_of(name: str, existing: Collection[str], *, called: str) -> str:
    """What to type in the place of `name`: the nearest that exists, and what there is."""
    near = get_close_matches(name, existing, n=1)
    shown = ", ".join(sorted(existing)[:_MOST]) or "none"
    more = f" and {len(existing) - _MOST} more" if len(existing) > _MOST else ""
    meant = f"Did you mean {near[0]!r}? " if near else ""
    return f"{meant}{called}: {shown}{more}."
