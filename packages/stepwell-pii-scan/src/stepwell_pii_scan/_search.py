"""Where personal data stands in texts.

The linear-time engine of Polars finds the candidates, over all texts at once. Only they are looked
at in Python, and each costs a bounded effort, whatever stands around it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from stepwell import DataError
from stepwell_pii_scan._names import evidence_of, words_of
from stepwell_pii_scan._recogniser import Recogniser
from stepwell_pii_scan._recognisers import recognisers_for

if TYPE_CHECKING:
    import polars as pl

_MARK = "\x1a"
_REACH = 64
"""How far, in characters, a candidate is taken apart: longer than anything with a check digit."""
_LISTED = 6
"""From how many digits on a number beside a comma is a number of its own."""
_CONTEXT_BEFORE = 40
_CONTEXT_AFTER = 16


class Span(NamedTuple):
    """Where in a text an entity stands."""

    start: int
    end: int
    entity: str


@dataclass(frozen=True)
class Search:
    """A search for what `recognisers` know; those in `in_context` need a telling word nearby."""

    recognisers: tuple[Recogniser, ...]
    in_context: frozenset[Recogniser]

    def candidates(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of `frame` whose column `text` may hold something; what may not is far more."""
        import polars as pl

        text = pl.col("text")
        matching = frame.filter(text.str.contains(self._pattern))
        if matching.is_empty() or not self.in_context:
            return matching
        return matching.filter(text.str.contains(self._pattern_or_context))

    @cached_property
    def _pattern(self) -> str:
        return _alternation([r.linear_pattern for r in self.recognisers])

    @cached_property
    def _pattern_or_context(self) -> str:
        """What a recogniser that needs no context matches, or any context."""
        return _alternation(
            [
                *(r.linear_pattern for r in self.recognisers if r not in self.in_context),
                *(r.linear_context for r in self.in_context),
            ]
        )

    @property
    def least_number(self) -> int:
        """No number below this one is found: all have eleven digits, in their context six."""
        in_their_context = any(r.context and r not in self.in_context for r in self.recognisers)
        return 10**5 if in_their_context else 10**10

    def find(self, texts: pl.Series) -> Mapping[int, Sequence[Span]]:
        """The valid spans of every text that has any, by its position in `texts`."""
        import polars as pl

        searchable = pl.col("text").str.replace_all(_MARK, " ", literal=True)
        frame = pl.DataFrame({"position": pl.int_range(len(texts), eager=True), "text": texts})
        frame = frame.with_columns(searchable)
        found: defaultdict[int, list[Span]] = defaultdict(list)
        for recogniser in self.recognisers:
            with _without_values(recogniser):
                for position, text, start, end in self._located(frame, recogniser):
                    found[position] += self._valid_spans(recogniser, text, start, end)
        return {position: _without_overlaps(spans) for position, spans in found.items() if spans}

    def _located(
        self, frame: pl.DataFrame, recogniser: Recogniser
    ) -> Iterator[tuple[int, str, int, int]]:
        import polars as pl

        if recogniser in self.in_context:
            frame = frame.filter(pl.col("text").str.contains(recogniser.linear_context))
        marked = pl.col("text").str.replace_all(recogniser.linear_pattern, f"{_MARK}${{0}}{_MARK}")
        matching = frame.filter(pl.col("text").str.contains(recogniser.linear_pattern))
        for position, text, pieces in matching.with_columns(marked=marked).iter_rows():
            start = 0
            for number, piece in enumerate(pieces.split(_MARK)):
                if number % 2:
                    yield position, text, start, start + len(piece)
                start += len(piece)

    def _valid_spans(self, recogniser: Recogniser, text: str, start: int, end: int) -> list[Span]:
        """The valid ones among the candidate, its beginnings, and what it has swallowed."""
        found = []
        at: tuple[int, int] | None = (start, end)
        while at:
            stop = self._valid_end(recogniser, text, *at)
            if stop is not None:
                found.append(Span(at[0], stop, recogniser.entity))
            if stop == end:
                break
            onwards = at[0] + 1 if stop is None else stop
            at = _next_candidate(recogniser, text, max(onwards, end - _REACH), end)
        return found

    def _valid_end(self, recogniser: Recogniser, text: str, start: int, end: int) -> int | None:
        if _continues_before(recogniser.glue, text, start):
            return None
        if self._is_valid(recogniser, text, start, end):
            return end
        cuts = _cuts(recogniser, text, start, end)
        return next((cut for cut in cuts if self._is_valid(recogniser, text, start, cut)), None)

    def _is_valid(self, recogniser: Recogniser, text: str, start: int, end: int) -> bool:
        if _continues_after(recogniser.glue, text, end):
            return False
        return recogniser.valid(text[start:end]) and self._fits_in(recogniser, text, start, end)

    def _fits_in(self, recogniser: Recogniser, text: str, start: int, end: int) -> bool:
        """Whether the words around the match speak for it, and none against it."""
        if not recogniser.context and not recogniser.contradiction:
            return True
        before = text[max(0, start - _CONTEXT_BEFORE) : start].lower()
        if recogniser.contradiction and recogniser.python_contradiction.search(before):
            return False
        if recogniser not in self.in_context:
            return True
        after = text[end : end + _CONTEXT_AFTER].lower()
        nearby = recogniser.python_context
        return nearby.search(before) is not None or nearby.search(after) is not None


@lru_cache(maxsize=20_000)
def search_in(path: str, regions: tuple[str, ...]) -> Search:
    """The search for the column or nested field `path`, whose name can be the context."""
    recognisers = recognisers_for(regions)
    named = {evidence.entity for evidence in evidence_of(path)}
    words = " ".join(words_of(path))
    in_context = frozenset(
        recogniser
        for recogniser in recognisers
        if recogniser.context
        and recogniser.entity not in named
        and recogniser.python_context.search(words) is None
    )
    return Search(recognisers, in_context)


@contextmanager
def _without_values(recogniser: Recogniser) -> Iterator[None]:
    """Turn an error of a validator, which may quote what it was given, into one that does not."""
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        raise DataError(f"A recogniser of {recogniser.entity} fails ({kind}).") from None


def _alternation(patterns: Sequence[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


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


def _without_overlaps(spans: Sequence[Span]) -> tuple[Span, ...]:
    """One span for those that overlap: it covers them all and is called like the longest."""
    if len(spans) == 1:
        return tuple(spans)
    merged: list[Span] = []
    longest = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        length = span.end - span.start
        if not merged or span.start >= merged[-1].end:
            merged.append(span)
            longest = length
            continue
        last = merged[-1]
        entity = span.entity if length > longest else last.entity
        longest = max(longest, length)
        merged[-1] = Span(last.start, max(last.end, span.end), entity)
    return tuple(merged)
