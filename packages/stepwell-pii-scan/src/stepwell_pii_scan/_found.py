"""What was found, as counts that add up over batches and partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Evidence = Literal[
    "partition",
    "contents",
    "suspect",
    "name",
    "ambiguous name",
    "declared",
    "declared special",
    "categories",
    "unreadable",
]

FIRST_ROWS = 5
SHAPES = 3

PERSONAL = "PERSONAL"
"""The entity of a column that is declared personal, or special, and not recognised as another."""
UNREADABLE = "UNREADABLE"
"""The entity of cells that could not be scanned."""


@dataclass(frozen=True)
class Count:
    """That an entity was found in a column, on what evidence, and how often.

    Evidence `partition` stands for no finding: its `rows` are all rows of one partition, its
    `values` those of them that were scanned.
    """

    evidence: Evidence
    column: str = ""
    entity: str = ""
    rows: int = 0
    values: int = 0
    first_rows: tuple[int, ...] = ()
    shapes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def plus(self, other: Count) -> Count:
        """Both counts together; `other` is of later rows."""
        return replace(
            self,
            rows=self.rows + other.rows,
            values=self.values + other.values,
            first_rows=(*self.first_rows, *other.first_rows)[:FIRST_ROWS],
            shapes=tuple(sorted({*self.shapes, *other.shapes})[:SHAPES]),
            paths=tuple(sorted({*self.paths, *other.paths})),
        )


def schema() -> dict[str, Any]:
    """The columns of a table of counts."""
    import polars as pl

    return {
        "evidence": pl.String,
        "column": pl.String,
        "entity": pl.String,
        "rows": pl.Int64,
        "values": pl.Int64,
        "first_rows": pl.List(pl.Int64),
        "shapes": pl.List(pl.String),
        "paths": pl.List(pl.String),
    }


def as_table(counts: Iterable[Count]) -> pl.DataFrame:
    """The counts as a table."""
    import polars as pl

    rows = [{**vars(c), **{n: list(getattr(c, n)) for n in _LISTS}} for c in counts]
    return pl.DataFrame(rows, schema=schema())


_LISTS = ("first_rows", "shapes", "paths")


def summed(table: pl.DataFrame) -> tuple[Count, Sequence[Count]]:
    """All rows, and one count for each column, entity and evidence, over all partitions.

    Row numbers go on from one partition to the next.
    """
    every = Count("partition")
    found: dict[tuple[str, str, str], Count] = {}
    for count in _counts_in(table):
        if count.evidence == "partition":
            before, every = every.rows, every.plus(count)
            continue
        key = count.column, count.entity, count.evidence
        moved = replace(count, first_rows=tuple(before + row for row in count.first_rows))
        found[key] = found[key].plus(moved) if key in found else moved
    return every, tuple(found.values())


def _counts_in(table: pl.DataFrame) -> Iterator[Count]:
    for row in table.iter_rows(named=True):
        yield Count(**{**row, **{name: tuple(row[name]) for name in _LISTS}})


@dataclass(frozen=True)
class Found:
    """One entity in one column, with the counts of all evidence for it."""

    column: str
    entity: str
    counts: Mapping[Evidence, Count]

    @property
    def certain(self) -> bool:
        """Whether more speaks for it than suspects, or a name that may mean something else."""
        return not set(self.counts) <= {"ambiguous name", "suspect"}

    @property
    def rows(self) -> int:
        """How many rows are concerned: for a column known by name, all that are filled."""
        return max(count.rows for count in self.counts.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """The column, or the fields nested in it."""
        return tuple(sorted({path for count in self.counts.values() for path in count.paths}))

    def whole_paths(self, *, decided: bool) -> tuple[str, ...]:
        """The fields that are known by name or role, so that any cell of them is personal.

        A name that may mean something else counts, too, where somebody has `decided`.
        """
        telling = BY_NAME if decided else BY_NAME - {"ambiguous name"}
        known = (count for evidence, count in self.counts.items() if evidence in telling)
        return tuple(sorted({path for count in known for path in count.paths}))


BY_NAME: frozenset[Evidence] = frozenset({"name", "ambiguous name", "declared", "declared special"})
"""Evidence that does not look at what the cells hold."""


def found_in(counts: Iterable[Count]) -> tuple[Found, ...]:
    """The counts by column and entity, in the order in which they were found.

    That a column is declared personal is evidence for whatever is found in it, and a finding of
    its own only where nothing else is.
    """
    by_column: dict[str, dict[str, dict[Evidence, Count]]] = {}
    for count in counts:
        entities = by_column.setdefault(count.column, {})
        entities.setdefault(count.entity, {})[count.evidence] = count
    for entities in by_column.values():
        recognised = [entity for entity in entities if entity not in (PERSONAL, UNREADABLE)]
        if PERSONAL in entities and recognised:
            declared = entities.pop(PERSONAL)
            for entity in recognised:
                entities[entity] |= declared
    return tuple(
        Found(column, entity, evidence)
        for column, entities in by_column.items()
        for entity, evidence in entities.items()
    )
