"""Recognisers in buckets: those that one cheap look at a text rules out together.

One alternation of all patterns is far slower than a few: its automaton outgrows the cache of the
linear-time engine. So is one look for each pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from stepwell_pii_scan._recogniser import Recogniser

if TYPE_CHECKING:
    import polars as pl

_LEVELS = (6, 1, 0)
"""Numbers of digits, one of which a text must have near one another for a bucket to matter."""
_LONGEST = 4_000
"""How long the alternation of a bucket may be."""


@dataclass(frozen=True)
class Bucket:
    """Recognisers that need at least `digits` digits, and a word nearby or none."""

    recognisers: tuple[Recogniser, ...]
    digits: int
    in_context: bool

    def matching(self, rows: Rows) -> pl.DataFrame:
        """The rows that some recogniser of the bucket matches."""
        import polars as pl

        frame = rows.worth_it(self.digits, self.words)
        if frame.is_empty():
            return frame
        return frame.filter(pl.col("text").str.contains(self._pattern))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of which a text must hold one, if the bucket needs context."""
        if not self.in_context:
            return ()
        return tuple(sorted({word for one in self.recognisers for word in one.context}))

    @cached_property
    def _pattern(self) -> str:
        return "|".join(f"(?:{recogniser.linear_pattern})" for recogniser in self.recognisers)


@lru_cache(maxsize=1_000)
def buckets_of(
    recognisers: tuple[Recogniser, ...], in_context: frozenset[Recogniser]
) -> tuple[Bucket, ...]:
    """All recognisers in buckets; those `in_context` need a word nearby."""

    def key(recogniser: Recogniser) -> tuple[bool, int]:
        return recogniser in in_context, _level(recogniser)

    grouped = groupby(sorted(recognisers, key=key), key)
    return tuple(
        Bucket(part, level, needs_words)
        for (needs_words, level), group in grouped
        for part in _parts(group)
    )


def _level(recogniser: Recogniser) -> int:
    return next(level for level in _LEVELS if recogniser.digits >= level)


def _parts(recognisers: Iterable[Recogniser]) -> Iterator[tuple[Recogniser, ...]]:
    part: list[Recogniser] = []
    length = 0
    for recogniser in recognisers:
        if part and length + len(recogniser.pattern) > _LONGEST:
            yield tuple(part)
            part, length = [], 0
        part.append(recogniser)
        length += len(recogniser.pattern)
    yield tuple(part)


class Rows:
    """Numbered texts, and those of them that are worth a closer look."""

    def __init__(self, texts: pl.Series) -> None:
        import polars as pl

        numbered = {"position": pl.int_range(len(texts), eager=True), "text": texts}
        self._kept: dict[tuple[int, tuple[str, ...]], pl.DataFrame]
        self._kept = {(0, ()): pl.DataFrame(numbered)}

    def worth_it(self, digits: int, words: tuple[str, ...]) -> pl.DataFrame:
        """The rows with so many digits near one another and, if there are any, with a word."""
        if (digits, words) not in self._kept:
            self._kept[digits, words] = self._filtered(digits, words)
        return self._kept[digits, words]

    def _filtered(self, digits: int, words: tuple[str, ...]) -> pl.DataFrame:
        fewer = next((level for level in _LEVELS if level < digits), 0)
        more = self.worth_it(digits, ()) if words else self.worth_it(fewer, ())
        if more.is_empty():
            return more
        return more.filter(_holds_any(words) if words else has_digits(digits))


def has_digits(digits: int) -> pl.Expr:
    """Whether there are so many digits in a text, each near the one before."""
    import polars as pl

    return pl.col("text").str.contains(rf"[0-9](?:[^0-9]{{0,3}}[0-9]){{{digits - 1}}}")


def _holds_any(words: Sequence[str]) -> pl.Expr:
    """Whether any of the words, whose letters beyond ASCII may be capital ones, is in the text."""
    import polars as pl

    both = {form for word in words for form in (word, word.upper())}
    return pl.col("text").str.contains_any(sorted(both), ascii_case_insensitive=True)
