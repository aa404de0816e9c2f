"""Making a profile of a dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from stepwell import DataError, Dataset
from stepwell_monitor._columns import BOOKKEEPING, kind_of, require
from stepwell_monitor._profile import CategoricalColumn, DataProfile, NumericColumn

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_ROLES: Final = ("identifier", "time", "personal", "special", "target")


def profile_of(
    data: Dataset, *, columns: Sequence[str] | None, resolution: int, most_categories: int
) -> DataProfile:
    """The profiles of `columns`, or of all that can have one.

    Raises DataError for a named column that does not exist or cannot have one.
    """
    frame = data.to_polars()
    left_out = {} if columns is not None else _told_apart(data)
    wanted = columns if columns is not None else [c for c in data.columns if c not in left_out]
    profiles: dict[str, NumericColumn | CategoricalColumn] = {}
    for column in wanted:
        require(column, data.columns, step="Profile", what="the data has")
        made = _profile(frame[column], resolution, most_categories)
        if isinstance(made, str):
            left_out[column] = made
        else:
            profiles[column] = made
    if columns is not None and left_out:
        column, why = next(iter(left_out.items()))
        raise DataError(f"Profile: column {column!r} cannot have a profile: {why}.")
    return DataProfile(rows=frame.height, columns=profiles, left_out=left_out)


def _told_apart(data: Dataset) -> dict[str, str]:
    """Columns that say which row it is, when, or of whom, and what predictions do not have yet."""
    by_role = {
        column: f"it has the role '{role}'"
        for role in _ROLES
        for column in data.roles.columns(role)
    }
    kept = {column: "it is about the prediction" for column in BOOKKEEPING if column in data.schema}
    return {**by_role, **kept}


def _profile(
    series: pl.Series, resolution: int, most_categories: int
) -> NumericColumn | CategoricalColumn | str:
    kind = kind_of(series.dtype)
    if kind == "numeric":
        return _numeric(series, resolution)
    if kind is None:
        return f"its type is {series.dtype}"
    counts = category_counts(series)
    if len(counts) > most_categories:
        return f"it has {len(counts):,} values, more than {most_categories:,}"
    missing = series.null_count()
    return CategoricalColumn(count=len(series) - missing, missing=missing, categories=counts)


def _numeric(series: pl.Series, resolution: int) -> NumericColumn:
    import numpy as np

    values = sorted_values(series)
    points = np.unique(values)
    if len(points) > resolution:
        ranks = np.linspace(0, len(values) - 1, resolution).round().astype(np.int64)
        points = np.unique(values[ranks])
    return NumericColumn(
        count=len(values),
        missing=len(series) - len(values),
        standard_deviation=float(np.std(values)) if len(values) else 0.0,
        points=tuple(points.tolist()),
        below=tuple(np.searchsorted(values, points, side="left").tolist()),
        up_to=tuple(np.searchsorted(values, points, side="right").tolist()),
    )


def sorted_values(series: pl.Series) -> Floats:
    """The finite numbers of a column, in ascending order."""
    import numpy as np
    import polars as pl

    numbers = series.cast(pl.Float64).drop_nulls().to_numpy()
    finite = np.isfinite(numbers)
    return np.sort(numbers if finite.all() else numbers[finite])


def category_counts(series: pl.Series) -> dict[str, int]:
    """How often each value of a column occurs, as text; nulls are left out."""
    counted = series.drop_nulls().value_counts(name="__rows__")
    return _sorted(zip(counted[series.name].cast(str).to_list(), counted["__rows__"], strict=True))


def _sorted(pairs: Iterable[tuple[Any, int]]) -> dict[str, int]:
    found: Mapping[str, int] = {str(name): int(count) for name, count in pairs}
    return dict(sorted(found.items()))
