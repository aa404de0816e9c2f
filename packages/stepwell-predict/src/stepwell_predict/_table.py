"""The table of predictions: every row, scored by each model, those of a model below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import Dataset, progress
from stepwell_predict._identity import Names, hashes, repeated
from stepwell_predict._schema import ACTUAL
from stepwell_predict._scorer import Scorer

if TYPE_CHECKING:
    import polars as pl

    from stepwell_predict._identity import Hashes


@dataclass(frozen=True)
class Table:
    """Rows and those who score them; `identifying` are the columns that tell rows apart."""

    rows: Dataset
    target: str | None
    identifying: tuple[str, ...]
    scorers: Sequence[Scorer]
    batch_rows: int

    def now(self) -> pl.DataFrame:
        """The whole table; the columns of the rows are not copied."""
        import polars as pl

        frame = self.rows.to_polars()
        found = hashes(frame, self.identifying)
        names = Names(repeated(found)).of(found)
        kept = frame.rename(self._renaming)
        scored = [kept.hstack(self._predicted(scorer, frame, names)) for scorer in self.scorers]
        return pl.concat(scored, rechunk=False)

    def later(self) -> pl.LazyFrame:
        """The same table, scored batch by batch whenever it is read, in bounded memory."""
        from polars.io.plugins import register_io_source

        equal = repeated(self._every_hash())

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, most: int | None, _: int | None
        ) -> Iterator[pl.DataFrame]:
            left = most
            for batch in self._batches(equal):
                part = batch if left is None else batch.head(left)
                left = None if left is None else left - len(part)
                part = part if predicate is None else part.filter(predicate)
                yield part if columns is None else part.select(columns)
                if left == 0:
                    return

        return register_io_source(read, schema=self._schema)

    @property
    def _renaming(self) -> dict[str, str]:
        return {} if self.target is None else {self.target: ACTUAL}

    @property
    def _schema(self) -> pl.Schema:
        import polars as pl

        renamed = (self._renaming.get(name, name) for name in self.rows.columns)
        kept = dict(zip(renamed, self.rows.schema.dtypes(), strict=True))
        return pl.Schema({**kept, **self.scorers[0].schema})

    def _predicted(self, scorer: Scorer, frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
        import polars as pl

        batches = []
        for start in range(0, max(len(frame), 1), self.batch_rows):
            batch = frame.slice(start, self.batch_rows)
            batches.append(scorer.predicted(batch, names[start : start + self.batch_rows]))
            done = start + len(batch)
            progress(done, len(frame), f"rows scored by model {scorer.model.version}")
        return pl.concat(batches, rechunk=True)

    def _batches(self, equal: frozenset[int]) -> Iterator[pl.DataFrame]:
        for scorer in self.scorers:
            names = Names(equal)
            for batch in self._rows(self.rows.lazy()):
                named = names.of(hashes(batch, self.identifying))
                yield batch.rename(self._renaming).hstack(scorer.predicted(batch, named))

    def _every_hash(self) -> Hashes:
        import numpy as np

        chosen = self.rows.lazy().select(self.identifying)
        parts = [hashes(batch, self.identifying) for batch in self._rows(chosen)]
        return np.concatenate(parts)

    def _rows(self, lazy: pl.LazyFrame) -> Iterator[pl.DataFrame]:
        return iter(lazy.collect_batches(chunk_size=self.batch_rows, maintain_order=True))
