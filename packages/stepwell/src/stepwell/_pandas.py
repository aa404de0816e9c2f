"""pandas frames from and into Polars frames, without losing a cell.

A column without nulls becomes a NumPy column; one with nulls a nullable one, so that integers stay
integers and NaN stays apart from null; what NumPy has no type for becomes an Arrow-backed column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell._errors import DataError, listed

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """`frame` as pandas; numbers without nulls are not copied."""
    import pandas as pd

    columns = {name: _pandas_column(frame[name]) for name in frame.columns}
    index = pd.RangeIndex(frame.height)
    if not columns:
        return pd.DataFrame(index=index)
    return pd.DataFrame(
        {name: pd.Series(column, index=index, copy=False) for name, column in columns.items()},
        copy=False,
    )


def _pandas_column(series: pl.Series) -> Any:
    import pandas as pd
    import polars as pl

    kind = series.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        return _pandas_categorical(series)
    if kind == pl.String:
        return pd.array(series.to_arrow(compat_level=pl.CompatLevel.oldest()), dtype="str")
    if (
        kind.is_numeric()
        and not kind.is_decimal()
        and kind not in (pl.Int128, pl.UInt128, pl.Float16)
    ):
        return series.to_numpy() if series.null_count() == 0 else _nullable(series)
    if kind == pl.Boolean:
        return series.to_numpy() if series.null_count() == 0 else _nullable(series)
    if isinstance(kind, pl.Datetime | pl.Duration):
        arrow: Any = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        return arrow.to_pandas()
    return pd.array(
        series.to_arrow(compat_level=pl.CompatLevel.oldest()),
        dtype=pd.ArrowDtype(series.to_arrow(compat_level=pl.CompatLevel.oldest()).type),
    )


def _nullable(series: pl.Series) -> Any:
    """A pandas nullable array: values and a mask."""
    import pandas as pd
    import polars as pl

    mask = series.is_null().to_numpy(writable=True)
    if series.dtype == pl.Boolean:
        return pd.arrays.BooleanArray(series.fill_null(False).to_numpy(writable=True), mask)
    values = series.fill_null(0).to_numpy(writable=True)
    array = pd.arrays.FloatingArray if series.dtype.is_float() else pd.arrays.IntegerArray
    return array(values, mask)


def _pandas_categorical(series: pl.Series) -> Any:
    import pandas as pd
    import polars as pl

    if isinstance(series.dtype, pl.Enum):
        categories, ordered = series.dtype.categories.to_list(), True
    else:
        categories, ordered = (
            series.drop_nulls().cast(pl.String).unique(maintain_order=True).to_list(),
            False,
        )
    codes = series.cast(pl.Enum(categories)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    return pd.Categorical.from_codes(codes, categories=categories, ordered=ordered)


def from_pandas(frame: Any) -> pl.DataFrame:
    """A pandas frame as Polars; NaN in a NumPy column stays NaN.

    Raises DataError for what would be lost: names that are no text, an index with a name.
    """
    import polars as pl

    _refuse_what_would_be_lost(frame)
    if not len(frame.columns):
        return pl.DataFrame(height=len(frame))
    columns = [_polars_column(name, frame[name]) for name in frame.columns]
    return pl.DataFrame(columns)


def _refuse_what_would_be_lost(frame: Any) -> None:
    strange = [name for name in frame.columns if not isinstance(name, str)]
    if strange:
        raise DataError(
            f"The pandas frame has {len(strange)} column names that are no text.",
            hint="Rename them: frame.columns = [str(name) for name in frame.columns].",
        )
    names = [name for name in frame.index.names if name is not None]
    if names:
        raise DataError(
            f"The pandas frame has the index {listed(map(str, names))}, which a dataset cannot keep.",
            hint="Make it a column: frame.reset_index(), or drop it: frame.reset_index(drop=True).",
        )
    repeated = sorted(set(frame.columns[frame.columns.duplicated()]))
    if repeated:
        raise DataError(f"The pandas frame has columns with the same name: {listed(repeated)}.")


def _polars_column(name: str, column: Any) -> pl.Series:
    import polars as pl

    try:
        series = pl.from_pandas(column, nan_to_null=False).alias(name)
    except Exception as error:  # whatever pyarrow raises quotes cells; the message must not
        raise DataError(
            f"Column {name!r} of the pandas frame (dtype {column.dtype}) mixes types or holds objects "
            f"that are no data ({type(error).__name__}).",
            hint=f"Give it one type, for example frame[{name!r}].astype('str').",
        ) from None
    if series.dtype == pl.Categorical and getattr(column.dtype, "ordered", False):
        return series.cast(pl.Enum([str(category) for category in column.dtype.categories]))
    return series
