"""pandas frames from and into Polars frames, without losing a cell.

A column without nulls becomes a NumPy column; one with nulls a nullable one, so that integers stay
integers and NaN stays apart from null; what NumPy has no type for becomes an Arrow-backed column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell._data._arrow import checked, said_of, series_of
from stepwell._data._arrow_types import Unheld
from stepwell._data._objects import Kinds, is_absent, is_missing, kinds_of, problem_of
from stepwell._data._plain import PlainColumns, plain_columns
from stepwell._errors import DataError, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import polars as pl
    import pyarrow as pa

_ONE_KIND = {"string", "bytes", "boolean"}
"""What pandas itself finds in a column of objects, where NaN means that a cell is missing."""


def to_pandas(frame: PlainColumns | pl.DataFrame) -> pd.DataFrame:
    """`frame` as pandas; NumPy columns cannot be written to, and numbers are not copied."""
    import pandas as pd

    if isinstance(frame, PlainColumns):
        return frame.to_pandas()
    columns = {name: _pandas_column(frame[name]) for name in frame.columns}
    index = pd.RangeIndex(frame.height)
    if not columns:
        return pd.DataFrame(index=index)
    return pd.DataFrame(
        {name: pd.Series(column, index=index, copy=False) for name, column in columns.items()},
        copy=False,
    )


def copies_on_write() -> bool:
    """Whether this pandas shares the memory of a shallow copy only until one of both is written."""
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3


def lent(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy of `frame` that may be changed as long as `frame` lives.

    NumPy columns are copied when they are written to, by copy on write; all others now, because
    they can be written to in place.
    """
    import pandas as pd

    if not copies_on_write():
        return frame.copy(deep=True)
    copy = frame.copy(deep=False)
    for position, dtype in enumerate(frame.dtypes):
        if isinstance(dtype, pd.api.extensions.ExtensionDtype):
            copy.isetitem(position, frame.iloc[:, position].array.copy())
    return copy


def _pandas_column(series: pl.Series) -> Any:
    import pandas as pd
    import polars as pl

    kind = series.dtype
    if isinstance(kind, pl.Categorical | pl.Enum):
        return _pandas_categorical(series)
    if kind == pl.Boolean or kind.is_integer() or kind in (pl.Float32, pl.Float64):
        return _numpy(series) if series.null_count() == 0 else _nullable(series)
    if (kind == pl.Duration or kind == pl.Datetime(time_zone=None)) and not _has_nat(series):
        return _numpy(series)
    arrow: Any = series.to_arrow(compat_level=pl.CompatLevel.oldest())
    if isinstance(kind, pl.Datetime) and not _has_nat(series):
        return arrow.to_pandas()
    if kind == pl.String:
        return pd.array(arrow, dtype="str" if copies_on_write() else "string[pyarrow]")
    return pd.arrays.ArrowExtensionArray(arrow)


def _has_nat(series: pl.Series) -> bool:
    """Whether a cell is the moment, or the duration, that stands for a missing one in pandas."""
    return bool(series.to_physical().min() == -(2**63))


def _numpy(series: pl.Series) -> Any:
    """A NumPy array that nobody can write to, past the copy on write of pandas."""
    values = series.to_numpy()
    values.setflags(write=False)
    return values


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

    ordered = isinstance(series.dtype, pl.Enum)
    if isinstance(series.dtype, pl.Enum):
        categories = series.dtype.categories
    else:
        categories = series.drop_nulls().cast(pl.String).unique(maintain_order=True)
    physical = series.cast(pl.Enum(categories)).to_physical().cast(pl.Int64)
    codes: Any = physical.fill_null(-1).to_numpy()
    labels: pd.Index[str] = pd.Index(categories.to_list())
    return pd.Categorical.from_codes(codes, categories=labels, ordered=ordered)


def from_pandas(frame: pd.DataFrame) -> PlainColumns | pl.DataFrame:
    """A pandas frame as it is, if it is plain, else as Polars; NaN among numbers stays NaN.

    Text categories stay categories, ordered ones become an enum; others become plain values, if
    their order is the usual one. Categories without an order that no cell has are forgotten.
    Raises DataError for what would be lost: names that are no text, an index that says something.
    """
    _refuse_what_would_be_lost(frame)
    plain = plain_columns(frame)
    if plain is not None:
        return plain
    import polars as pl

    if not len(frame.columns):
        return pl.DataFrame(height=len(frame))
    return pl.DataFrame([_polars_column(name, frame[name]) for name in frame.columns])


def _refuse_what_would_be_lost(frame: pd.DataFrame) -> None:
    names: list[Any] = frame.columns.to_list()
    strange = [name for name in names if not isinstance(name, str)]
    if strange:
        raise DataError(
            f"The pandas frame has {len(strange)} column names that are no text.",
            hint="Rename them: frame.columns = [str(name) for name in frame.columns].",
        )
    repeated = sorted(set(frame.columns[frame.columns.duplicated()]))
    if repeated:
        raise DataError(f"The pandas frame has columns with the same name: {listed(repeated)}.")
    index = _meaningful_index(frame)
    if index is not None:
        raise DataError(
            f"The pandas frame has {index}, which a dataset cannot keep.",
            hint="Make it a column: frame.reset_index(), or drop it: frame.reset_index(drop=True).",
        )


def _meaningful_index(frame: pd.DataFrame) -> str | None:
    """What an index says, unless it only numbers the rows."""
    import pandas as pd

    names = [str(name) for name in frame.index.names if name is not None]
    if names:
        return f"the index {listed(names)}"
    if isinstance(frame.index, pd.MultiIndex) or not (
        pd.api.types.is_integer_dtype(frame.index.dtype) or not len(frame)
    ):
        return f"an index of {frame.index.inferred_type} values"
    return None


def checked_cells(name: str, column: Any) -> pa.ChunkedArray:
    """A pandas column as Arrow holds it. Raises DataError for what would be lost."""
    return _converted(name, column, checked)


def _polars_column(name: str, column: Any) -> pl.Series:
    series: pl.Series = _converted(name, column, series_of)
    return series.alias(name)


def _converted(name: str, column: Any, into: Callable[[pa.ChunkedArray], Any]) -> Any:
    import pandas as pd

    try:
        return into(_arrow(name, column))
    except Unheld as error:
        if error.code is None:
            hint = f"Leave it out: frame = frame.drop(columns=[{name!r}])."
        elif isinstance(column.dtype, pd.DatetimeTZDtype) and not error.cells:
            hint = _hint(name, ".dt.tz_convert('UTC')")
        else:
            hint = _hint(name, ".astype('str')")
        raise DataError(said_of(name, error), hint=hint) from None
    except DataError:
        raise
    except Exception as error:  # whatever pyarrow raises quotes cells; the message must not
        raise _unfit(name, column, error) from None


def _arrow(name: str, column: Any) -> pa.ChunkedArray:
    import pandas as pd
    import pyarrow as pa

    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = column.cat.categories
        if categories.dtype == object and len(categories):
            _kinds_without_loss(name, categories)
    if column.dtype == object:
        plain = pd.api.types.infer_dtype(column) in _ONE_KIND
        cells = column if plain else _cells(name, column)
        array = pa.array(cells, from_pandas=plain)
    elif isinstance(column.dtype, pd.DatetimeTZDtype):
        instants = pa.array(column.dt.tz_convert(None).to_numpy(), from_pandas=True)
        zone = pa.lib.tzinfo_to_string(column.dtype.tz)
        array = instants.cast(pa.timestamp(instants.type.unit, tz=zone))
    else:
        array = pa.array(column, from_pandas=False)
    if pa.types.is_dictionary(array.type) and pa.types.is_null(array.type.value_type):
        array = array.cast(pa.dictionary(pa.int32(), pa.string(), array.type.ordered))
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _cells(name: str, column: Any) -> list[Any]:
    """The cells of a column of objects, missing ones as None; NaN stays among numbers only."""
    kinds = _kinds_without_loss(name, column)
    numbers = not kinds or kinds[()] & {"numbers", "whole numbers"}
    missing = is_absent if numbers else is_missing
    return [None if missing(cell) else cell for cell in column]


def _kinds_without_loss(name: str, cells: Any) -> Kinds:
    kinds = kinds_of(cells)
    problem = problem_of(kinds)
    if problem is not None:
        raise DataError(
            f"Column {name!r} of the pandas frame {problem}, which a dataset cannot hold.",
            hint=_hint(name, ".astype('str')"),
        )
    return kinds


def _hint(name: str, convert: str) -> str:
    return f"Convert it: frame[{name!r}] = frame[{name!r}]{convert}."


def _unfit(name: str, column: Any, error: Exception) -> DataError:
    import pandas as pd

    if column.dtype == object:
        found = "objects that make no column"
    else:
        found = f"the type {column.dtype}, which a dataset cannot hold"
    sparse = isinstance(column.dtype, pd.SparseDtype)
    return DataError(
        f"Column {name!r} of the pandas frame has {found} ({type(error).__name__}).",
        hint=_hint(name, ".sparse.to_dense()" if sparse else ".astype('str')"),
    )
