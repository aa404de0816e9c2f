"""Masks: what may be said of a value, and what is put into its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from string import ascii_lowercase, ascii_uppercase, digits

from stepwell_pii_scan._internet import NO_DOMAIN

_LONGEST_SHAPE = 32
_KEPT = frozenset(" .,:;@+-/()_#")
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")

PLACEHOLDER = r"^<[A-Z0-9_]+(?::[a-p]{16})?>$"
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


_WITH_ZEROS = 2


def same_format(entity: str, value: str, key: bytes, attempt: int) -> str:
    """`value` with other digits and letters, by a keyed hash; each attempt gives other ones.

    An e-mail address gets a domain that cannot exist. After some attempts a number begins with
    zeros, as hardly any number does that is given out.
    """
    stream = _stream(key, f"{attempt}:{value}", len(value))
    masked = "".join(map(_other_character, value, stream))
    if attempt >= _WITH_ZEROS:
        masked = re.sub(r"[0-9]{1,3}", lambda found: "0" * len(found[0]), masked, count=1)
    if entity != "EMAIL_ADDRESS" or "@" not in masked:
        return masked
    mailbox, _, domain = masked.rpartition("@")
    return f"{mailbox}@{domain.rpartition('.')[0]}{NO_DOMAIN}"


def _stream(key: bytes, text: str, length: int) -> bytes:
    blocks = range(-(-length // hashlib.blake2b.MAX_DIGEST_SIZE))
    return b"".join(
        hashlib.blake2b(f"{block}:{text}".encode(), key=key).digest() for block in blocks
    )


def _other_character(character: str, random: int) -> str:
    if character.isdigit():
        return digits[random % len(digits)]
    if not character.isalpha():
        return character
    letters = ascii_uppercase if character.isupper() else ascii_lowercase
    return letters[random % len(letters)]


def generalised(entity: str, value: str) -> str | None:
    """What is left of `value` when only its coarser part is kept; None if nothing may be."""
    return _COARSER[entity](value) if entity in _COARSER else None


def _year(date: str) -> str | None:
    found = re.search(r"(?<![0-9])(?:18|19|20)[0-9]{2}(?![0-9])", date)
    return found[0] if found else None


def _network(address: str) -> str:
    if ":" in address:
        return f"{':'.join(address.split(':')[:3])}:*"
    return f"{address.rpartition('.')[0]}.*"


def _domain(address: str) -> str:
    return f"*@{address.rpartition('@')[2]}"


def _area(place: str) -> str | None:
    found = re.search(r"(?<![0-9])([0-9]{2})[0-9]{3}(?![0-9])", place)
    return f"{found[1]}***" if found else None


def _country(account: str) -> str:
    return f"{account[:2].upper()}*"


_COARSER: Mapping[str, Callable[[str], str | None]] = {
    "DATE_OF_BIRTH": _year,
    "EMAIL_ADDRESS": _domain,
    "IBAN_CODE": _country,
    "IP_ADDRESS": _network,
    "LOCATION": _area,
    "POSTAL_CODE": _area,
}
"""What is coarser for which entity: year, domain, country, network, postal area."""
