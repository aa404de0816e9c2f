"""What the name of a column says about its contents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stepwell_pii_scan._column_names import (
    ABOUT_AFTER,
    ABOUT_BEFORE,
    COLUMN_NAMES,
    OTHER_NAMES,
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TRANSCRIPTION = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_HEAD = 6
"""German puts the head of a compound last; a word is taken for one from this length on."""


@dataclass(frozen=True)
class NameEvidence:
    """That a column's name speaks of an entity, and whether it can mean nothing else."""

    entity: str
    certain: bool


@dataclass(frozen=True)
class _Match:
    start: int
    end: int
    phrase: str

    @property
    def evidence(self) -> NameEvidence:
        return _PHRASES[self.phrase]


def words_of(name: str) -> tuple[str, ...]:
    """The words of a column name: `kundenEMail_2` is `kunden`, `e`, `mail`."""
    composed = unicodedata.normalize("NFC", name)
    cased = composed.lower() if composed.replace("ß", "ẞ").isupper() else composed
    transcribed = "".join(c if c.isascii() else c.lower().translate(_TRANSCRIPTION) for c in cased)
    plain = unicodedata.normalize("NFKD", transcribed).encode("ascii", "ignore").decode()
    return tuple(word.lower() for word in _WORD.findall(plain))


@lru_cache(maxsize=20_000)
def evidence_of(name: str) -> tuple[NameEvidence, ...]:
    """What the name says: nothing where it only speaks about such data, as `email_opt_in` does."""
    words = words_of(name)
    kept: list[_Match] = []
    for match in sorted(_matches(words), key=lambda match: (-len(match.phrase), match.start)):
        if not any(match.start < other.end and other.start < match.end for other in kept):
            kept.append(match)
    return tuple(match.evidence for match in kept if _holds(match, words))


def _matches(words: tuple[str, ...]) -> Iterator[_Match]:
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
            phrase = _known(" ".join(words[start:end]))
            if phrase:
                yield _Match(start, end, phrase)


def _known(phrase: str) -> str | None:
    """The phrase of the lexicon that `phrase` is: itself, its plural, or a compound of it."""
    for singular in (phrase, phrase.removesuffix("s"), phrase.removesuffix("n")):
        if singular in _PHRASES:
            return singular
    heads = (phrase[cut:] for cut in range(1, len(phrase)) if " " not in phrase)
    return next((h for h in heads if h in _PHRASES and (len(h) >= _HEAD or h == "email")), None)


def _holds(match: _Match, words: tuple[str, ...]) -> bool:
    before, after = words[: match.start], words[match.end :]
    if not ABOUT_BEFORE.isdisjoint(before) or not ABOUT_AFTER.isdisjoint(after):
        return False
    if match.evidence.certain:
        return True
    whose = {words[match.start].removesuffix(match.phrase), *before[-1:]}
    return OTHER_NAMES.isdisjoint(whose)


_PHRASES = {
    phrase: NameEvidence(names.entity, certain)
    for names in COLUMN_NAMES
    for phrases, certain in ((names.ambiguous, False), (names.certain, True))
    for phrase in phrases
}
_LONGEST = max(len(phrase.split()) for phrase in _PHRASES)
