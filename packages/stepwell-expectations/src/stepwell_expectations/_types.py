"""The names of types that a column answers to: those of pandas, as in suites, and of Polars."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

_UNITS = ("", "[s]", "[ms]", "[us]", "[ns]")

_OF_PANDAS: Mapping[type[pl.DataType], tuple[str, ...]] = {
    pl.Boolean: ("bool", "bool_"),
    pl.Int8: ("int8",),
    pl.Int16: ("int16",),
    pl.Int32: ("int32",),
    pl.Int64: ("int64", "int", "int_", "long"),
    pl.UInt8: ("uint8",),
    pl.UInt16: ("uint16",),
    pl.UInt32: ("uint32",),
    pl.UInt64: ("uint64", "uint"),
    pl.Float32: ("float32",),
    pl.Float64: ("float64", "float", "double"),
    pl.String: ("str", "string_types"),
    pl.Binary: ("bytes",),
    pl.Date: ("date",),
    pl.Datetime: tuple(f"datetime64{unit}" for unit in _UNITS),
    pl.Duration: tuple(f"timedelta64{unit}" for unit in _UNITS),
    pl.Categorical: ("CategoricalDtypeType",),
    pl.Enum: ("CategoricalDtypeType",),
    pl.List: ("list",),
    pl.Struct: ("dict",),
}


def shown_type(dtype: pl.DataType) -> str:
    """`dtype` for messages: without categories, which are cells."""
    return dtype.base_type().__name__ if isinstance(dtype, pl.Enum) else str(dtype)


def type_names(dtype: pl.DataType) -> tuple[str, ...]:
    """Every name that `dtype` answers to."""
    base = dtype.base_type()
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return ("Timestamp", base.__name__, str(dtype))
    return (*_OF_PANDAS.get(base, ()), base.__name__, shown_type(dtype))
