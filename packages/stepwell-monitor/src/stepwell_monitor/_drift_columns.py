"""Drift of one column: its distances from the profile and the chances of them by accident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell_monitor._columns import kind_of
from stepwell_monitor._distances import aligned, categorical_distances, numeric_distances
from stepwell_monitor._profile import CategoricalColumn, DataProfile, NumericColumn
from stepwell_monitor._profiling import category_counts, sorted_values
from stepwell_monitor._significance import chi_squared, kolmogorov_smirnov_p_value

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class ColumnDrift:
    """What is known about the drift of a column.

    `statistics` are empty, and `no_data` says why, where there are too few values to compare.
    `p_values` are those of the tests that could be made, by name. An `unusable` column is gone or
    of another type.
    """

    column: str
    rows: int
    missing: int
    statistics: Mapping[str, float]
    p_values: Mapping[str, float]
    no_data: str | None = None
    unusable: bool = False


def drift_of(frame: pl.DataFrame, column: str, profile: DataProfile, minimum: int) -> ColumnDrift:
    """The drift of one column of `frame`; too few rows, or none of its values, are "no data"."""
    reference = profile.columns[column]
    if column not in frame.columns:
        return ColumnDrift(column, 0, 0, {}, {}, "the column is missing", unusable=True)
    series = frame[column]
    if kind_of(series.dtype) != reference.kind:
        why = f"its type is {series.dtype}, it was {reference.kind}"
        return ColumnDrift(column, len(series), 0, {}, {}, why, unusable=True)
    if isinstance(reference, NumericColumn):
        return _numeric(series, reference, minimum)
    return _categorical(series, reference, minimum)


def _numeric(series: pl.Series, reference: NumericColumn, minimum: int) -> ColumnDrift:
    values = sorted_values(series)
    missing = len(series) - len(values)
    p_values = _missing_p_value(reference, len(values), missing, minimum)
    too_few = _too_few(reference.count, len(values), minimum)
    if too_few:
        return ColumnDrift(series.name, len(series), missing, {}, p_values, too_few)
    statistics = numeric_distances(reference, values)
    p_value = kolmogorov_smirnov_p_value(
        statistics["kolmogorov_smirnov"], reference.count, len(values)
    )
    p_values = {"kolmogorov_smirnov": p_value, **p_values}
    return ColumnDrift(series.name, len(series), missing, statistics, p_values)


def _categorical(series: pl.Series, reference: CategoricalColumn, minimum: int) -> ColumnDrift:
    missing = series.null_count()
    count = len(series) - missing
    p_values = _missing_p_value(reference, count, missing, minimum)
    too_few = _too_few(reference.count, count, minimum)
    if too_few:
        return ColumnDrift(series.name, len(series), missing, {}, p_values, too_few)
    counts = category_counts(series)
    found = chi_squared(*aligned(reference.categories, counts))
    statistics = {
        "chi_squared": found.statistic,
        **categorical_distances(reference, counts),
        "unknown_categories": len(counts.keys() - reference.categories.keys()),
    }
    p_values = {"chi_squared": found.p_value, **p_values}
    return ColumnDrift(series.name, len(series), missing, statistics, p_values)


def _missing_p_value(
    reference: NumericColumn | CategoricalColumn, count: int, missing: int, minimum: int
) -> dict[str, float]:
    """Whether more or fewer values are missing than in the reference."""
    import numpy as np

    rows_then, rows_now = reference.count + reference.missing, count + missing
    if min(rows_then, rows_now) < minimum or not reference.missing + missing:
        return {}
    then, now = np.array([reference.count, reference.missing]), np.array([count, missing])
    return {"missing_values": chi_squared(then, now).p_value}


def _too_few(reference: int, found: int, minimum: int) -> str | None:
    if reference < minimum:
        return f"the profile knows {reference:,} values, {minimum:,} are needed"
    if found < minimum:
        return f"{found:,} values, {minimum:,} are needed"
    return None
