"""Judging a candidate: what of it is valid, what speaks for and against it, what it overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stepwell_pii_scan._recogniser import Recogniser

_REACH = 64
"""How far, in characters, a candidate is taken apart: longer than anything with a check digit."""
_LISTED = 6
"""From how many digits on a number beside a comma is a number of its own."""
_CONTEXT_BEFORE = 40
_CONTEXT_AFTER = 16
_NOTHING, _SUSPECT, _CERTAIN = range(3)
_ALONE = {"nothing": _NOTHING, "suspect": _SUSPECT, "certain": _CERTAIN}


_OTHER_NUMBER = re.compile(r"[0-9](?:[ ./()-]{0,3}[0-9]){5,}")
_INTRODUCES = re.compile(r"[:=]")
"""Words before a colon speak of what comes after it."""
_AND = frozenset(("and", "or", "und", "oder", "et", "ou", "y", "o", "e"))


class Span(NamedTuple):
    """Where in a text an entity stands, and whether it is certain or only suspect."""

    start: int
    end: int
    entity: str
    certain: bool = True
    rank: int = 0
    """Of two spans of the same length, the one with the higher rank gives its name."""


@dataclass(frozen=True)
class Judge:
    """The judge of one recogniser's candidates in a column whose name may speak for or against."""

    recogniser: Recogniser
    named: bool = False
    doubted: bool = False

    def spans(self, text: str, start: int, end: int) -> list[Span]:
        """The valid ones among the candidate, its beginnings, and what it has swallowed."""
        found = list(self._taken_apart(text, start, end))
        if not found and self.recogniser.checked and self._is_spoken_for(text, start, end):
            return self._failed(text, start, end)
        return found

    def _taken_apart(self, text: str, start: int, end: int) -> Iterator[Span]:
        at: tuple[int, int] | None = (start, end)
        while at:
            stop, level = self._valid_end(text, *at)
            if level:
                yield self._span(text, at[0], stop, level)
            if stop == end or not self.recogniser.cuts:
                break
            onwards = stop if level else at[0] + 1
            at = _next_candidate(self.recogniser, text, max(onwards, end - _REACH), end)

    def _failed(self, text: str, start: int, end: int) -> list[Span]:
        """A suspect where the check fails beside a word that says what it should be."""
        glue = self.recogniser.glue
        alone = not _continues_before(glue, text, start) and not _continues_after(glue, text, end)
        against = self.doubted or self._is_spoken_against(text, start)
        return [self._span(text, start, end, _SUSPECT)] if alone and not against else []

    def _span(self, text: str, start: int, end: int, level: int) -> Span:
        rank = int(self.recogniser.alone != "nothing")
        if self.recogniser.checked:
            rank = 3 if self._is_spoken_for(text, start, end) else 2
        return Span(start, end, self.recogniser.entity, level == _CERTAIN, rank)

    def _valid_end(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Where a valid match ends, and its level; level 0 if none does."""
        if _continues_before(self.recogniser.glue, text, start):
            return -1, _NOTHING
        level = self._level(text, start, end)
        if level or not self.recogniser.cuts:
            return end, level
        for cut in _cuts(self.recogniser, text, start, end):
            level = self._level(text, start, cut)
            if level:
                return cut, level
        return -1, _NOTHING

    def _level(self, text: str, start: int, end: int) -> int:
        recogniser = self.recogniser
        if _continues_after(recogniser.glue, text, end) or not recogniser.valid(text[start:end]):
            return _NOTHING
        alone = _ALONE[recogniser.alone]
        level = alone
        if level < _CERTAIN and self._is_spoken_for(text, start, end):
            level = _CERTAIN
        if level and (self.doubted or self._is_spoken_against(text, start)):
            level -= 1 if recogniser.checked else 2
        return max(level, _NOTHING)

    def _is_spoken_for(self, text: str, start: int, end: int) -> bool:
        if self.named or not self.recogniser.context:
            return self.named
        nearby = self.recogniser.python_context
        before = text[max(0, start - _CONTEXT_BEFORE) : start].lower()
        if nearby.search(_own_words(before)):
            return True
        after = text[end : end + _CONTEXT_AFTER].lower()
        return _INTRODUCES.search(after) is None and nearby.search(after) is not None

    def _is_spoken_against(self, text: str, start: int) -> bool:
        if not self.recogniser.contradiction:
            return False
        before = text[max(0, start - _CONTEXT_BEFORE) : start].lower()
        return self.recogniser.python_contradiction.search(before) is not None


def _own_words(before: str) -> str:
    """What stands before a match, without what belongs to another number before it.

    In a list, words belong to all of its numbers.
    """
    start = len(before)
    for number in reversed(list(_OTHER_NUMBER.finditer(before))):
        between = before[number.end() : start]
        if not _AND.issuperset("".join(c if c.isalpha() else " " for c in between).split()):
            return before[number.end() :]
        start = number.start()
    return before


def without_overlaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """One span for those that overlap: it covers them all, and is called like the best of them.

    What is certain is better than what is suspect, then the longer one, then the one that a word
    speaks for, then the one with a check digit. A suspect that overlaps something certain is no
    finding.
    """
    if len(spans) == 1:
        return tuple(spans)
    certain = _merged([span for span in spans if span.certain])
    suspect = (
        span
        for span in spans
        if not span.certain and not any(s.start < span.end and span.start < s.end for s in certain)
    )
    return tuple(sorted([*certain, *_merged(list(suspect))]))


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    best: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if best is None or span.start >= merged[-1].end:
            merged.append(span)
            best = span
            continue
        best = max(best, span, key=lambda span: (span.rank > 0, span.end - span.start, span.rank))
        last = merged[-1]
        merged[-1] = best._replace(start=last.start, end=max(last.end, span.end))
    return merged


def _cuts(recogniser: Recogniser, text: str, start: int, end: int) -> Iterator[int]:
    """Where the match can end earlier, at a separator, and still be one."""
    pattern = recogniser.python_pattern
    for cut in range(end - 1, max(start, end - _REACH), -1):
        separates = not text[cut].isalnum() and text[cut - 1].isalnum()
        if separates and pattern.fullmatch(text, start, cut):
            yield cut


def _next_candidate(
    recogniser: Recogniser, text: str, start: int, end: int
) -> tuple[int, int] | None:
    if start >= end:
        return None
    match = recogniser.python_pattern.search(text, start, end + _REACH)
    return match.span() if match and match.start() < end else None


def _continues_before(glue: str, text: str, start: int) -> bool:
    """Whether `glue` joins the match to a digit before it: then it is part of a longer number."""
    if start < 2 or text[start - 1] not in glue or not text[start - 2].isdigit():
        return False
    return text[start - 1] != "," or not _is_listed(text[max(0, start - 1 - _LISTED) : start - 1])


def _continues_after(glue: str, text: str, end: int) -> bool:
    """The same for what comes after it."""
    if end + 1 >= len(text) or text[end] not in glue or not text[end + 1].isdigit():
        return False
    return text[end] != "," or not _is_listed(text[end + 1 : end + 1 + _LISTED])


def _is_listed(neighbour: str) -> bool:
    """Whether it is a long number too, so that the comma between them makes no decimal number."""
    return len(neighbour) == _LISTED and neighbour.isdigit()
