"""Challenger and champion on the same rows: counts by what both predicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stepwell_fairness._columns import PREDICTION, Columns
from stepwell_fairness._counts import Count, Group, count, counted, group_of, rows_of
from stepwell_fairness._definitions import Rate
from stepwell_fairness._intervals import Estimate, Pairs
from stepwell_fairness._labels import Labels

if TYPE_CHECKING:
    import polars as pl

CHAMPION, ROW, REPEATED = "__champion__", "__row__", "__repeated__"
UNEQUAL = "__unequal__"

PairCell = tuple[bool | None, bool, bool]


@dataclass(frozen=True)
class Versions:
    """The two models that are compared."""

    challenger: str
    champion: str


@dataclass
class PairedConfusion:
    """The rows of a group by (actual, challenger's prediction, champion's prediction)."""

    cells: dict[PairCell, Count] = field(default_factory=lambda: defaultdict(Count))

    def size(self, rate: Rate) -> int:
        """How many rows `rate` is a share of, for both models."""
        return self._total(rate, (True, False), (True, False)).rows

    def change(self, rate: Rate, z: float) -> Estimate | None:
        """The challenger's rate minus the champion's; None without any row."""
        among = self._total(rate, (True, False), (True, False))
        if among.weight <= 0:
            return None
        both, first_only, second_only, neither = (
            self._total(rate, (challenger,), (champion,)).weight / among.weight
            for challenger in (True, False)
            for champion in (True, False)
        )
        effective = among.weight**2 / among.squares
        return Pairs(both, first_only, second_only, neither, effective).change(z)

    def _total(self, rate: Rate, challenger: Sequence[bool], champion: Sequence[bool]) -> Count:
        """The rows among which the rate is taken, by whether they count for either model."""
        wanted = (
            found
            for (actual, first, second), found in self.cells.items()
            if rate.is_among((actual, first))
            and rate.counted((actual, first)) in challenger
            and rate.counted((actual, second)) in champion
        )
        return sum(wanted, Count())


def count_pairs(frame: pl.LazyFrame, columns: Columns, versions: Versions) -> pl.DataFrame:
    """The counts of rows that both models scored, by what each of them predicted.

    Rows belong together by `prediction_id`: it is `<model version>-<row>` where `Predict` made it,
    any other id stands for the row itself. `UNEQUAL` marks pairs whose label or group differs, and
    rows that repeat their id.
    """
    import polars as pl

    fixed = [*columns.groups, columns.actual]
    compared = [PREDICTION, *fixed, *([columns.seen] if columns.seen is not None else [])]
    theirs = _rows_of(frame, columns, versions.champion).select(
        ROW, REPEATED, *(pl.col(column).alias(CHAMPION + column) for column in compared)
    )
    ours = _rows_of(frame, columns, versions.challenger)
    pairs = ours.join(theirs, on=ROW, suffix=CHAMPION)
    unequal = [pl.col(column).ne_missing(pl.col(CHAMPION + column)) for column in fixed]
    repeated = [pl.col(REPEATED), pl.col(REPEATED + CHAMPION)]
    pairs = pairs.with_columns(pl.any_horizontal(*unequal, *repeated).alias(UNEQUAL))
    if columns.seen is not None:
        seen_by_either = pl.any_horizontal(columns.seen, CHAMPION + columns.seen)
        pairs = pairs.with_columns(seen_by_either.alias(columns.seen))
    return count(pairs, columns, further=(CHAMPION + PREDICTION, UNEQUAL))


def _rows_of(frame: pl.LazyFrame, columns: Columns, version: str) -> pl.LazyFrame:
    import polars as pl

    assert columns.version is not None  # two versions are told apart by it
    assert columns.row is not None  # without it, the caller does not ask
    row = pl.col(columns.row).cast(pl.String).str.strip_prefix(f"{version}-")
    rows = frame.filter(pl.col(columns.version).cast(pl.String) == version)
    return rows.with_columns(row.alias(ROW), row.is_duplicated().alias(REPEATED))


@dataclass(frozen=True)
class Paired:
    """The counts of the rows that both models scored, by grouping and group."""

    groups: Mapping[Group, Mapping[Group, PairedConfusion]]
    unequal: int

    @classmethod
    def of(
        cls, counts: pl.DataFrame, columns: Columns, labels: Labels, groupings: Iterable[Group]
    ) -> Paired:
        """The counts of `count_pairs`, as groups."""
        groups: dict[Group, dict[Group, PairedConfusion]] = {
            by: defaultdict(PairedConfusion) for by in groupings
        }
        unequal = 0
        for row in rows_of(counts, columns):
            found = counted(row)
            if row[UNEQUAL]:
                unequal += found.rows
            cell = _cell(row, columns, labels)
            if cell is None:
                continue
            for by, confusions in groups.items():
                confusions[group_of(row, by)].cells[cell] += found
        return cls(groups, unequal)


def _cell(row: Mapping[str, Any], columns: Columns, labels: Labels) -> PairCell | None:
    if columns.seen is not None and row[columns.seen]:
        return None
    first, second = (
        labels.is_favourable(row[PREDICTION]),
        labels.is_favourable(row[CHAMPION + PREDICTION]),
    )
    if first is None or second is None:
        return None
    return labels.is_favourable(row[columns.actual]), first, second
