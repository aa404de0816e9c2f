"""Text for people's terminals."""

from __future__ import annotations

MOST = 400
_END = 150


def inert(text: str, *, most: int = MOST) -> str:
    """`text` as one line without control characters, of more than `most` characters its two ends.

    Names of columns come with the data: one that holds escape sequences must not steer a terminal,
    and a long one must not push what to do about it, which stands last, out of sight.
    """
    if len(text) > most:
        text = f"{text[: most - _END]} … {text[-_END:]}"
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
