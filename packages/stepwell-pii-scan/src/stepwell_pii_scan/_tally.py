"""Counting what a table holds, batch by batch as it streams by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from stepwell import Dataset
from stepwell_pii_scan._cells import Cells, cells_of, fields_of, kind_of, texts_of
from stepwell_pii_scan._finder import Finder
from stepwell_pii_scan._found import (
    FIRST_ROWS,
    PERSONAL,
    SHAPES,
    UNREADABLE,
    Count,
    Evidence,
    as_table,
    schema,
    summed,
)
from stepwell_pii_scan._names import evidence_of
from stepwell_pii_scan._placeholders import PLACEHOLDER, shape_of
from stepwell_pii_scan._sample import in_sample
from stepwell_pii_scan._search import Search
from stepwell_pii_scan._spans import Span

if TYPE_CHECKING:
    import polars as pl

Declared = Mapping[str, Evidence]
"""Columns whose role says what they are: `declared` personal, or `declared special`."""

_TEXTS_WITH_SHAPES = 50
"""The shapes of so many values are a fair sample of how they are written."""

_NUMBER = "\x00row"
"""The column with the numbers of the rows over all batches, of which a sample is drawn."""


def tally(
    frame: pl.LazyFrame,
    *,
    columns: Collection[str],
    finder: Finder,
    declared: Declared | None = None,
    sample: float | None = None,
) -> pl.DataFrame:
    """The counts of all that is found in `columns`, as a table; `declared` ones are personal.

    Of a `sample` of the rows, a share of them all, if it is given.
    """
    declared = declared or {}
    types = Dataset.of(frame).schema
    worth_it = [c for c in types if c in columns and (c in declared or _can_hold(c, types[c]))]
    count = partial(_counts_of_batch, finder=finder, declared=declared, sample=sample)
    selected = frame.select(worth_it or list(types)[:1])
    if sample is not None:
        selected = selected.with_row_index(_NUMBER)
    found = selected.map_batches(
        count, schema=schema(), streamable=True, validate_output_schema=False
    )
    every, counts = summed(Dataset.of(found).to_polars())
    categories = (c for name in worth_it for c in _in_categories(name, types[name], finder))
    return as_table([every, *counts, *categories])


def _can_hold(column: str, dtype: pl.DataType) -> bool:
    return any(_can_be_found(path, inner) for path, inner in fields_of(column, dtype))


def _can_be_found(path: str, dtype: pl.DataType) -> bool:
    kind = kind_of(dtype)
    if kind == "nothing":
        return False
    if kind == "time" or (kind == "number" and _is_small(dtype)):
        return bool(evidence_of(path))
    return True


def _is_small(dtype: pl.DataType) -> bool:
    """Whether the numbers have too few digits to identify anybody."""
    import polars as pl

    return dtype in (pl.Int8, pl.UInt8, pl.Int16, pl.UInt16)


@dataclass(frozen=True)
class _Hits:
    """The rows of one entity in one column or nested field: a row stands there for every value."""

    evidence: Evidence
    entity: str
    path: str
    rows: pl.Series
    shapes: Collection[str] = ()


def _counts_of_batch(
    batch: pl.DataFrame, *, finder: Finder, declared: Declared, sample: float | None
) -> pl.DataFrame:
    import polars as pl

    rows = pl.int_range(batch.height, eager=True)
    every = batch.height
    if sample is not None:
        kept = in_sample(batch.drop_in_place(_NUMBER), sample)
        rows, batch = rows.filter(kept), batch.filter(kept)
    counts = [Count("partition", rows=every, values=batch.height)]
    for column in batch:
        hits: defaultdict[tuple[Evidence, str], list[_Hits]] = defaultdict(list)
        for hit in _hits_in(rows, column, finder, declared=declared.get(column.name)):
            hits[hit.evidence, hit.entity].append(hit)
        counts += [_count(column.name, same) for same in hits.values()]
    return as_table(counts)


def _count(column: str, hits: Sequence[_Hits]) -> Count:
    """The count of hits in the fields of one column; a row with several of them is one row."""
    import polars as pl

    rows = pl.concat([hit.rows for hit in hits])
    distinct = rows.unique().sort()
    return Count(
        hits[0].evidence,
        column,
        hits[0].entity,
        rows=len(distinct),
        values=len(rows),
        first_rows=tuple(distinct.head(FIRST_ROWS)),
        shapes=tuple(sorted({shape for hit in hits for shape in hit.shapes})[:SHAPES]),
        paths=tuple(sorted({hit.path for hit in hits})),
    )


def _hits_in(
    rows: pl.Series, column: pl.Series, finder: Finder, *, declared: Evidence | None
) -> Iterator[_Hits]:
    for cells in cells_of(rows, column):
        if cells.frame.is_empty():
            continue
        yield from _by_name(cells, declared=declared)
        yield from _by_contents(cells, finder)


def _by_name(cells: Cells, *, declared: Evidence | None) -> Iterator[_Hits]:
    import polars as pl

    named = () if cells.kind == "nothing" else evidence_of(cells.path)
    if not named and declared is None:
        return
    written = cells.frame
    if cells.kind == "text":
        text = pl.col("cell").cast(pl.String).str.strip_chars()
        written = written.filter((text != "") & ~text.str.contains(PLACEHOLDER))
    if written.is_empty():
        return
    if declared is not None:
        yield _Hits(declared, PERSONAL, cells.path, written["row"])
    for evidence in named:
        how: Evidence = "name" if evidence.certain else "ambiguous name"
        yield _Hits(how, evidence.entity, cells.path, written["row"])


def _by_contents(cells: Cells, finder: Finder) -> Iterator[_Hits]:
    import polars as pl

    if cells.kind in ("time", "nothing"):
        return
    texts = _texts(cells, finder.search(cells.path))
    if cells.kind == "bytes" and texts["text"].null_count():
        failed = texts.filter(pl.col("text").is_null())
        yield _Hits("unreadable", UNREADABLE, cells.path, failed["row"])
    if texts.is_empty():
        return
    candidates = finder.candidates(cells.path, texts)
    if candidates.is_empty():
        return
    distinct = candidates.group_by("text", maintain_order=True).agg("row")
    yield from _hits_of(cells.path, distinct, finder.find(cells.path, distinct["text"]))


def _texts(cells: Cells, search: Search) -> pl.DataFrame:
    import polars as pl

    frame = cells.frame
    if cells.kind == "number":
        frame = frame.filter(pl.col("cell") >= search.least_number)
    return frame.select("row", text=texts_of(frame["cell"]))


def _hits_of(
    path: str, distinct: pl.DataFrame, found: Mapping[int, Sequence[Span]]
) -> Iterator[_Hits]:
    """The hits of each entity in the distinct texts, whose rows are listed beside them."""
    texts: defaultdict[tuple[Evidence, str], list[int]] = defaultdict(list)
    shapes: defaultdict[tuple[Evidence, str], set[str]] = defaultdict(set)
    for position, spans in found.items():
        for span in spans:
            kind = _evidence_of(span), span.entity
            texts[kind].append(position)
            if len(texts[kind]) <= _TEXTS_WITH_SHAPES:
                value = distinct["text"][position][span.start : span.end]
                shapes[kind].add(shape_of(value))
    for evidence, entity in sorted(texts, key=lambda kind: kind[1]):
        rows = distinct["row"].gather(texts[evidence, entity]).explode()
        yield _Hits(evidence, entity, path, rows, shapes[evidence, entity])


def _evidence_of(span: Span) -> Evidence:
    return "contents" if span.certain else "suspect"


def _in_categories(column: str, dtype: pl.DataType, finder: Finder) -> Iterator[Count]:
    """What stands in the categories of an enum, whether any row uses them or not."""
    import polars as pl

    for path, inner in fields_of(column, dtype):
        if not isinstance(inner, pl.Enum):
            continue
        for spans in finder.find(path, inner.categories).values():
            for span in filter(_is_certain, spans):
                yield Count("categories", column, span.entity, values=1, paths=(path,))


def _is_certain(span: Span) -> bool:
    return span.certain
