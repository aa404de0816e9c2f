"""Text for people's terminals."""

from __future__ import annotations

MOST = 400


def inert(text: str) -> str:
    """`text` as one line without control characters, cut after 400 characters.

    Names of columns come with the data: one that holds escape sequences must not steer a terminal.
    """
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: MOST + 1])
    return f"{shown[:MOST]}…" if len(text) > MOST else shown
