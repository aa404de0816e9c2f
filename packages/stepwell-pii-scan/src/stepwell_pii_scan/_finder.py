"""Finding personal data in the texts of a column, also with an engine of the user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell_pii_scan._presidio import spans_of_analyzer
from stepwell_pii_scan._recogniser import Recogniser
from stepwell_pii_scan._search import Search, search_in
from stepwell_pii_scan._spans import Span, without_overlaps

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Finder:
    """What is looked for in every column; `analyzer` is the import path of a Presidio engine."""

    recognisers: tuple[Recogniser, ...]
    analyzer: str | None = None

    def search(self, path: str) -> Search:
        """The search of the recognisers for the column or nested field `path`."""
        return search_in(path, self.recognisers)

    def candidates(self, path: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of `frame` whose column `text` may hold something."""
        import polars as pl

        if self.analyzer:
            return frame.filter(pl.col("text").str.strip_chars() != "")
        return self.search(path).candidates(frame)

    def find(self, path: str, texts: pl.Series) -> Mapping[int, Sequence[Span]]:
        """The spans of every text that has any, by its position in `texts`."""
        found = dict(self.search(path).find(texts))
        if self.analyzer:
            for position, spans in spans_of_analyzer(self.analyzer, texts).items():
                found[position] = without_overlaps([*found.get(position, ()), *spans])
        return found
