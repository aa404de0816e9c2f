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
from typing import TYPE_CHECKING

from stepwell import DataError
from stepwell_pii_scan._buckets import Bucket, Rows, buckets_of
from stepwell_pii_scan._names import evidence_of, words_of
from stepwell_pii_scan._recogniser import Recogniser
from stepwell_pii_scan._spans import Judge, Span, without_overlaps

if TYPE_CHECKING:
    import polars as pl

_MARK = "\x1a"
_MANY_DIGITS = 18


@dataclass(frozen=True)
class Search:
    """A search for what `recognisers` know in a column.

    Its name is the context of those that are `named`, and contradicts those that are `doubted`.
    """

    recognisers: tuple[Recogniser, ...]
    named: frozenset[Recogniser] = frozenset()
    doubted: frozenset[Recogniser] = frozenset()

    def candidates(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of `frame` whose column `text` may hold something; what may not is far more."""
        import polars as pl

        rows = Rows(frame["text"])
        matching = [bucket.matching(rows)["position"] for bucket in self._buckets]
        positions = pl.concat(matching).unique().sort()
        return frame[positions] if len(positions) else frame.clear()

    @cached_property
    def _buckets(self) -> tuple[Bucket, ...]:
        return buckets_of(
            self.recognisers, frozenset(filter(self._needs_context, self.recognisers))
        )

    def _needs_context(self, recogniser: Recogniser) -> bool:
        return recogniser.alone == "nothing" and recogniser not in self.named

    @cached_property
    def least_number(self) -> int:
        """No number below this one is found."""
        active = [r for r in self.recognisers if not self._needs_context(r)]
        lengths = [r.fewest_digits for r in active if r.fewest_digits is not None]
        return int(10 ** (min(lengths, default=_MANY_DIGITS) - 1))

    def find(self, texts: pl.Series) -> Mapping[int, Sequence[Span]]:
        """The spans of every text that has any, by its position in `texts`."""
        rows = Rows(texts.str.replace_all(_MARK, " ", literal=True))
        found: defaultdict[int, list[Span]] = defaultdict(list)
        for bucket in self._buckets:
            matching = bucket.matching(rows)
            for recogniser in bucket.recognisers if matching.height else ():
                self._find_in(matching, recogniser, found)
        return {position: without_overlaps(spans) for position, spans in found.items() if spans}

    def _find_in(
        self, frame: pl.DataFrame, recogniser: Recogniser, found: dict[int, list[Span]]
    ) -> None:
        judge = Judge(recogniser, recogniser in self.named, recogniser in self.doubted)
        with _without_values(recogniser):
            for position, text, start, end in _located(frame, recogniser.linear_pattern):
                found[position] += judge.spans(text, start, end)


def _located(frame: pl.DataFrame, pattern: str) -> Iterator[tuple[int, str, int, int]]:
    """Every match: the position of its text, the text, and where in it the match stands."""
    import polars as pl

    text = pl.col("text")
    matching = frame.filter(text.str.contains(pattern))
    marked = text.str.replace_all(pattern, f"{_MARK}${{0}}{_MARK}")
    for position, whole, pieces in matching.with_columns(marked=marked).iter_rows():
        start = 0
        for number, piece in enumerate(pieces.split(_MARK)):
            if number % 2:
                yield position, whole, start, start + len(piece)
            start += len(piece)


@lru_cache(maxsize=20_000)
def search_in(path: str, recognisers: tuple[Recogniser, ...]) -> Search:
    """The search for the column or nested field `path`, whose name can be the context."""
    entities = {evidence.entity for evidence in evidence_of(path)}
    words = " ".join(words_of(path))
    named = (r for r in recognisers if r.context and (r.entity in entities or _told(r, words)))
    doubted = (r for r in recognisers if r.contradiction and r.python_contradiction.search(words))
    return Search(recognisers, frozenset(named), frozenset(doubted))


def _told(recogniser: Recogniser, words: str) -> bool:
    return recogniser.python_context.search(words) is not None


@contextmanager
def _without_values(recogniser: Recogniser) -> Iterator[None]:
    """Turn an error of a validator, which may quote what it was given, into one that does not."""
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        raise DataError(f"A recogniser of {recogniser.entity} fails ({kind}).") from None
