"""The counts of each model version, by grouping and group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Metric
from stepwell_fairness._columns import PREDICTION, Columns, require_few_groups
from stepwell_fairness._counts import Confusion, Group, counted, group_of, rows_of
from stepwell_fairness._definitions import RATES, REPORTED_RATES
from stepwell_fairness._gates import labelled
from stepwell_fairness._intervals import Estimate, standard_errors
from stepwell_fairness._labels import Labels
from stepwell_fairness._measure import Measured

if TYPE_CHECKING:
    import polars as pl

ALL: Group = ()


@dataclass
class VersionCounts:
    """What one model version did to each group of each grouping; `ALL` is every row.

    `seen` rows were left out because the model was trained on them, `unpredicted` ones because
    they have no prediction.
    """

    version: str | None
    groups: dict[Group, dict[Group, Confusion]] = field(default_factory=dict)
    seen: int = 0
    unpredicted: int = 0

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return sum(confusion.rows for confusion in self.groups[ALL].values())

    def metrics(self, confidence: float) -> list[Metric]:
        """The number of rows and the rates of each group, with Wilson's intervals."""
        z = standard_errors(confidence)
        confusions = (
            (labelled(by, group), confusion)
            for by, found in self.groups.items()
            for group, confusion in sorted(found.items())
        )
        return list(chain.from_iterable(self._of_group(g, c, z) for g, c in confusions))

    def _of_group(
        self, group: Mapping[str, str], confusion: Confusion, z: float
    ) -> Iterable[Metric]:
        rows = confusion.rows
        yield self._metric("count", group, rows=rows, value=rows)
        for rate in map(RATES.__getitem__, REPORTED_RATES):
            share = confusion.share(rate)
            measured = _value(share.proportion.estimate(z) if share.proportion else None)
            yield self._metric(rate.name, group, rows=share.rows, **measured)

    def _metric(self, name: str, group: Mapping[str, str], **measured: Any) -> Metric:
        return Metric(name=name, model_version=self.version, group=group, **measured)

    def disparity(self, measured: Measured, by: Group) -> Metric:
        """A comparison of groups as a metric; `details` say by which columns."""
        compared = (c for g, c in self.groups[by].items() if g not in measured.left_out)
        return self._metric(
            measured.disparity.name,
            {},
            rows=sum(confusion.rows for confusion in compared),
            details={"by": list(by), "groups_left_out": len(measured.left_out)},
            **_value(measured.estimate),
        )


def _value(estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {"value": None}
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


@dataclass(frozen=True)
class Counted:
    """The counts of every model version; the version is None where no column tells it."""

    columns: Columns
    labels: Labels
    groupings: Sequence[Group]
    versions: Mapping[str | None, VersionCounts]

    @classmethod
    def of(
        cls, counts: pl.DataFrame, columns: Columns, groupings: Sequence[Group], favourable: Any
    ) -> Counted:
        """The table of `count` by version, grouping and group. Raises DataError if it is empty."""
        if counts.is_empty():
            raise DataError("Fairness: the predictions have no rows.")
        require_few_groups(counts, columns.groups)
        labels = Labels.of(counts, columns, favourable)
        rows = rows_of(counts, columns)
        return cls(columns, labels, groupings, _by_version(rows, columns, labels, groupings))

    def judged(self, model: str | None, champion: str | None) -> list[VersionCounts]:
        """The versions that limits apply to: the model's, else all except the champion's."""
        if model is None or self.columns.version is None:
            others = [counts for version, counts in self.versions.items() if version != champion]
            return others or list(self.versions.values())
        if model not in self.versions:
            found = ", ".join(sorted(map(str, self.versions)))
            raise DataError(
                f"Fairness: the predictions hold no rows of the model {model}.",
                hint=f"Versions: {found}.",
            )
        return [self.versions[model]]


def _by_version(
    rows: Iterable[Mapping[str, Any]], columns: Columns, labels: Labels, groupings: Sequence[Group]
) -> dict[str | None, VersionCounts]:
    versions: dict[str | None, VersionCounts] = {}
    for row in rows:
        version = row[columns.version] if columns.version is not None else None
        if version not in versions:
            empty = {by: defaultdict[Group, Confusion](Confusion) for by in (ALL, *groupings)}
            versions[version] = VersionCounts(version, dict(empty))
        _add(versions[version], row, columns, labels)
    return dict(sorted(versions.items(), key=lambda item: str(item[0])))


def _add(counts: VersionCounts, row: Mapping[str, Any], columns: Columns, labels: Labels) -> None:
    found = counted(row)
    if columns.seen is not None and row[columns.seen]:
        counts.seen += found.rows
        return
    predicted = labels.is_favourable(row[PREDICTION])
    if predicted is None:
        counts.unpredicted += found.rows
        return
    cell = labels.is_favourable(row[columns.actual]), predicted
    for by, confusions in counts.groups.items():
        confusions[group_of(row, by)].add(cell, found)
