"""Parts of messages."""

from __future__ import annotations

from collections.abc import Collection

from stepwell.authoring import did_you_mean

_MOST = 20


def instead_of(name: str, existing: Collection[str], *, called: str) -> str:
    """What to type in the place of `name`: the nearest that exists, and what there is."""
    near = did_you_mean(name, existing)
    shown = ", ".join(sorted(existing)[:_MOST]) or "none"
    more = f" and {len(existing) - _MOST} more" if len(existing) > _MOST else ""
    return f"{near} {called}: {shown}{more}.".strip()
