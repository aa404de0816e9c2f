"""Masks: what may be said of a value, and what is put into its place."""

from __future__ import annotations

import hashlib

_LONGEST_SHAPE = 32
_KEPT = frozenset(" .,:;@+-/()_#")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")

PLACEHOLDER = r"^<[A-Z_]+(?::[a-p]{16})?>$"
"""Matches a cell that is nothing but a placeholder."""


def shape_of(value: str) -> str:
    """`value` with every letter as `x` or `X` and every digit as `9`, cut after 32 characters."""
    shape = "".join(_shape_of_character(character) for character in value[:_LONGEST_SHAPE])
    return f"{shape}…" if len(value) > _LONGEST_SHAPE else shape


def _shape_of_character(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return character if character in _KEPT else "?"


def placeholder(entity: str, value: str = "", key: bytes | None = None) -> str:
    """What replaces `value`: the entity's name, with a key also a pseudonym of the value.

    The pseudonym is 64 bits of a keyed hash in letters only: digits could look like a number that
    somebody might be identified by.
    """
    if key is None:
        return f"<{entity}>"
    digest = hashlib.blake2b(value.encode(), key=key, digest_size=8)
    return f"<{entity}:{digest.hexdigest().translate(_LETTERS)}>"
