"""Frames as scikit-learn takes them: pandas, with the columns that a model was trained on.

integers, floats        NumPy, as they are; with missing values float64 and NaN
Boolean, Decimal, Time  float64: 0 and 1, the number, seconds since midnight
String                  text as pandas reads it
Categorical, Enum       a pandas categorical with the categories of the training
Date, Datetime          datetime64
Duration                timedelta64
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Feature
from stepwell.authoring import did_you_mean, listed

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

UNKNOWN = "Unknown"
"""The type of a feature of which nobody said what it is; it fits every column."""

_NUMBERS = (
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64, 128)),
    *("Float16", "Float32", "Float64", "Decimal", "Boolean"),
)
_KINDS = {
    **dict.fromkeys(_NUMBERS, "a number"),
    **dict.fromkeys(("String", "Categorical", "Enum"), "text"),
    **dict.fromkeys(("Date", "Datetime"), "a date"),
    "Duration": "a duration",
    "Time": "a time of day",
    "Null": "missing",
}


def type_of(kind: pl.DataType) -> str:
    """A column's type as a feature names it: `Int64`, `String`, `Datetime`, without parameters."""
    return kind.base_type().__name__


def kind_of(type_name: str) -> str | None:
    """Which features can stand for each other: 'a number', 'text' …; None if no model takes it."""
    return _KINDS.get(type_name)


def estimator_frame(frame: pl.DataFrame, features: Sequence[Feature]) -> pd.DataFrame:
    """The features in `frame`, in the order of the model, as pandas.

    Raises DataError that names every column that is missing or has another type.
    """
    import pandas as pd

    check_features(frame, features)
    columns = {feature.name: _column(frame[feature.name], feature) for feature in features}
    return pd.DataFrame(columns, index=pd.RangeIndex(frame.height))


def check_features(frame: pl.DataFrame, features: Sequence[Feature]) -> None:
    """Raise DataError unless `frame` has every feature, in a type that fits."""
    existing = set(frame.columns)
    missing = [feature.name for feature in features if feature.name not in existing]
    if missing:
        near = did_you_mean(missing[0], frame.columns) if len(missing) == 1 else ""
        raise DataError(
            f"The model needs {_counted(missing, 'column')} that the data does not have: "
            f"{listed(missing)}.",
            hint=f"{near} Columns: {listed(frame.columns)}.".strip(),
        )
    schema = frame.schema
    for feature in features:
        _check_type(feature, type_of(schema[feature.name]))


def _check_type(feature: Feature, found: str) -> None:
    if kind_of(found) is None:
        raise DataError(
            f"Column {feature.name!r} has the type {found}, which no estimator takes.",
            hint="Make numbers, text or dates of it first, or leave it out.",
        )
    if UNKNOWN in (feature.type, found) or "Null" in (feature.type, found):
        return
    if kind_of(feature.type) != kind_of(found):
        raise DataError(
            f"Column {feature.name!r} is {kind_of(found)} ({found}); the model was trained on "
            f"{kind_of(feature.type)} ({feature.type}).",
            hint="Load it with the type that it had in training.",
        )


def _column(series: pl.Series, feature: Feature) -> Any:
    import pandas as pd
    import polars as pl

    kind = kind_of(type_of(series.dtype))
    wanted = kind_of(feature.type)
    if kind == "missing":
        kind = wanted if wanted not in (None, "missing") else "a number"
        series = series.cast({"text": pl.String, "a date": pl.Datetime}.get(str(kind), pl.Float64))
    if kind == "text":
        return _text(series.cast(pl.String), feature)
    if kind in ("a date", "a duration"):
        if series.dtype == pl.Date:
            series = series.cast(pl.Datetime("us"))
        arrow: Any = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        return pd.Series(arrow.to_pandas())
    return _number(series).to_numpy()


def _number(series: pl.Series) -> pl.Series:
    import polars as pl

    kind = series.dtype
    if kind == pl.Time:
        return series.cast(pl.Duration("us")).dt.total_microseconds() / 1e6
    if type_of(kind) in ("Boolean", "Decimal", "Float16", "Int128", "UInt128"):
        return series.cast(pl.Float64)
    return series.cast(pl.Float64) if kind.is_integer() and series.null_count() else series


def _text(series: pl.Series, feature: Feature) -> Any:
    import pandas as pd
    import polars as pl

    if feature.type not in ("Categorical", "Enum") or feature.categories is None:
        arrow = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        return pd.array(arrow, dtype="str")
    known = pl.Enum(feature.categories)
    codes: Any = series.cast(known, strict=False).to_physical().cast(pl.Int64).fill_null(-1)
    return pd.Categorical.from_codes(
        codes.to_numpy(),
        categories=pd.Index(list(feature.categories)),
        ordered=feature.type == "Enum",
    )


def _counted(names: Sequence[str], noun: str) -> str:
    return f"a {noun}" if len(names) == 1 else f"{len(names)} {noun}s"
