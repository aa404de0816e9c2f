"""Chains: numbered JSON entries, each with the digest of the one before.

An entry is written by exclusive create, so writers need no lock and the chain cannot fork; an edit,
a deletion or a reordering breaks a digest. That the end was cut off shows against an anchor: the
head that was noted elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stepwell._digest import canonical_json, digest
from stepwell._errors import CorruptedError, DecisionConflict, StoreError
from stepwell._json import read_object
from stepwell._storage._files import Files

START = "0" * 64
_ATTEMPTS = 10_000
_ENTRY = re.compile(r"(?!0{8}\.)(0[0-9]{7}|[1-9][0-9]{7,})\.json")


@dataclass(frozen=True)
class Entry:
    """An entry of a chain: its number (from 1), its digest and its document."""

    number: int
    digest: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Head:
    """The end of a chain, to be noted elsewhere: how many entries, and the last one's digest."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """The head that `str` wrote. Raises StoreError."""
        number, _, found = text.partition(":")
        if not re.fullmatch("[0-9]+", number) or not re.fullmatch("[0-9a-f]{64}", found):
            raise StoreError(
                f"{text!r} is no head of a chain.",
                hint="A head looks like 12:3f9a… (number:digest).",
            )
        return cls(int(number), found)


class Chain:
    """The entries in a folder of the store."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self.folder = folder

    def numbers(self) -> list[int]:
        """The numbers of the entries that are there, ascending."""
        names = self._files.names(self.folder)
        return sorted(int(name[:-5]) for name in names if _ENTRY.fullmatch(name))

    def read(self, number: int) -> Entry:
        """One entry. Raises StoreError if there is none, CorruptedError if it is no entry."""
        try:
            content = self._files.read(self._name(number))
        except FileNotFoundError:
            raise StoreError(f"Entry {number} of {self.folder} is missing.") from None
        return Entry(number, digest(content), _parsed(content, f"{self.folder}, entry {number}"))

    def head(self) -> Head:
        """The number and digest of the last entry; number 0 for an empty chain."""
        numbers = self.numbers()
        return Head(numbers[-1], self.read(numbers[-1]).digest) if numbers else Head(0, START)

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        return (self.read(number) for number in self.numbers())

    def newest_first(self) -> Iterator[Entry]:
        """All entries, newest first."""
        return (self.read(number) for number in reversed(self.numbers()))

    def append(
        self, document: dict[str, Any], *, after: int | None = None, head: Head | None = None
    ) -> Entry:
        """Write the next entry.

        With `after`, only if that is still the last number: else DecisionConflict is raised. A
        `head` that was read before is tried first; the chain is read if others have written since.
        """
        for attempt in range(_ATTEMPTS):
            head = head if head is not None and attempt == 0 else self.head()
            if after is not None and head.number != after:
                raise self._conflict(after, head)
            content = canonical_json(
                {**document, "number": head.number + 1, "previous": head.digest}
            )
            if self._files.create(self._name(head.number + 1), content):
                return Entry(head.number + 1, digest(content), json.loads(content))
        raise StoreError(
            f"{self.folder} is written by so many others that no entry could be added."
        )

    def _conflict(self, after: int, head: Head) -> DecisionConflict:
        return DecisionConflict(
            f"{self.folder} has {head.number} entries; the decision was made after entry {after}.",
            hint="Somebody else was first: read the log and compare again.",
        )

    def verify(self, anchor: Head | None = None) -> Head:
        """Check every entry against the one before; returns the head.

        Raises CorruptedError that names the first entry that is missing or was changed, and for a
        chain that is shorter than, or differs from, `anchor`.
        """
        last = Head(0, START)
        for number in self.numbers():
            if number != last.number + 1:
                raise CorruptedError(f"Entry {last.number + 1} of {self.folder} is missing.")
            entry = self.read(number)
            self._check(entry, last)
            if anchor is not None and anchor.number == number and anchor.digest != entry.digest:
                raise CorruptedError(
                    f"Entry {number} of {self.folder} is not the one of the anchor."
                )
            last = Head(number, entry.digest)
        if anchor is not None and anchor.number > last.number:
            raise CorruptedError(
                f"{self.folder} has {last.number} entries; the anchor says that it had "
                f"{anchor.number}: its end was cut off."
            )
        return last

    def _check(self, entry: Entry, before: Head) -> None:
        if entry.document.get("number") != entry.number:
            raise CorruptedError(
                f"Entry {entry.number} of {self.folder} was changed: it is not the one that was "
                "written under this number."
            )
        if entry.document.get("previous") != before.digest:
            wrong = entry.number if self._is_denied(entry) or before.number == 0 else before.number
            raise CorruptedError(
                f"Entry {wrong} of {self.folder} was changed: the chain breaks between entries "
                f"{before.number} and {entry.number}."
            )

    def _is_denied(self, entry: Entry) -> bool:
        """Whether the entry after this one names another digest than it has."""
        try:
            return self.read(entry.number + 1).document.get("previous") != entry.digest
        except StoreError:
            return False

    def _name(self, number: int) -> str:
        return f"{self.folder}/{number:08d}.json"


def _parsed(content: bytes, where: str) -> dict[str, Any]:
    try:
        return read_object(content)
    except ValueError:
        raise CorruptedError(f"{where} is not valid JSON: it was changed or damaged.") from None
