"""Polars types: which of them a dataset can hold, and how they are written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepwell._digest import canonical_json
from stepwell._errors import CorruptedError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

_PLAIN = (
    "Binary Boolean Categorical Date Float16 Float32 Float64 Int8 Int16 Int32 Int64 "
    "Null String Time UInt8 UInt16 UInt32 UInt64"
)


def check_types(schema: Mapping[str, pl.DataType]) -> None:
    """Raise DataError for the first column of a type that Arrow files cannot keep as it is."""
    for name, dtype in schema.items():
        refused = _refused(dtype)
        if refused is not None:
            raise DataError(
                f"Column {name!r} has the type {refused}, which a dataset cannot hold.",
                hint=f'Cast it, for example polars.col("{name}").cast(polars.String).',
            )


def _refused(dtype: pl.DataType) -> str | None:
    """The name of the type, in `dtype` or nested in it, that cannot be kept."""
    import polars as pl

    if isinstance(dtype, pl.List):
        return _refused(_instance(dtype.inner))
    if isinstance(dtype, pl.Array):
        return "Array of width 0" if 0 in dtype.shape else _refused(_instance(dtype.inner))
    if isinstance(dtype, pl.Struct):
        inner = (_refused(_instance(field.dtype)) for field in dtype.fields)
        return next(filter(None, inner), None)
    if isinstance(dtype, pl.Categorical) and dtype != pl.Categorical():
        return "Categorical with named categories"
    if isinstance(dtype, pl.Enum | pl.Datetime | pl.Duration | pl.Decimal):
        return None
    name = type(dtype).__name__
    return None if name in _PLAIN.split() else name


def dtype_to_text(dtype: pl.DataType) -> str:
    """A Polars type as text that `dtype_from_text` understands."""
    import polars as pl

    if isinstance(dtype, pl.Enum):
        return canonical_json({"enum": dtype.categories.to_list()}).decode()
    if isinstance(dtype, pl.List):
        return canonical_json({"list": dtype_to_text(_instance(dtype.inner))}).decode()
    if isinstance(dtype, pl.Array):
        width = dtype.shape[0]  # of two dimensions, the second is in the inner type
        inner = {"array": dtype_to_text(_instance(dtype.inner)), "width": width}
        return canonical_json(inner).decode()
    if isinstance(dtype, pl.Struct):
        fields = [[field.name, dtype_to_text(_instance(field.dtype))] for field in dtype.fields]
        return canonical_json({"struct": fields}).decode()
    if isinstance(dtype, pl.Datetime):
        return f"Datetime[{dtype.time_unit}{',' + dtype.time_zone if dtype.time_zone else ''}]"
    if isinstance(dtype, pl.Duration):
        return f"Duration[{dtype.time_unit}]"
    if isinstance(dtype, pl.Decimal):
        return f"Decimal[{dtype.precision},{dtype.scale}]"
    return type(dtype).__name__


def dtype_from_text(text: str) -> pl.DataType:
    """The Polars type that `dtype_to_text` wrote; raises CorruptedError for any other text."""
    import polars as pl

    try:
        dtype = _nested(json.loads(text)) if text.startswith("{") else _flat(text)
        if dtype_to_text(pl.Series(dtype=dtype).dtype) == text:
            return dtype
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        pass
    except pl.exceptions.PolarsError:
        pass
    raise CorruptedError(f"A stored dataset names the type {text[:80]!r}, which does not exist.")


def _nested(described: dict[str, Any]) -> pl.DataType:
    import polars as pl

    if "enum" in described:
        return pl.Enum(described["enum"])
    if "list" in described:
        return pl.List(dtype_from_text(described["list"]))
    if "array" in described:
        return pl.Array(dtype_from_text(described["array"]), described["width"])
    return pl.Struct({name: dtype_from_text(kind) for name, kind in described["struct"]})


def _flat(text: str) -> pl.DataType:
    import polars as pl

    name, _, arguments = text.rstrip("]").partition("[")
    if name == "Datetime":
        unit, _, zone = arguments.partition(",")
        return pl.Datetime(unit, zone or None)  # type: ignore[arg-type]  # a unit that we wrote
    if name == "Duration":
        return pl.Duration(arguments)  # type: ignore[arg-type]  # a unit that we wrote
    if name == "Decimal":
        precision, scale = arguments.split(",")
        return pl.Decimal(int(precision), int(scale))
    if text not in _PLAIN.split():
        raise ValueError(text)
    return _instance(getattr(pl, text))


def without_categoricals(dtype: pl.DataType) -> pl.DataType:
    """`dtype` with text in the place of every categorical in it."""
    import polars as pl

    if isinstance(dtype, pl.Categorical):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(without_categoricals(_instance(dtype.inner)))
    if isinstance(dtype, pl.Array):
        return pl.Array(without_categoricals(_instance(dtype.inner)), dtype.shape[0])
    if isinstance(dtype, pl.Struct):
        return pl.Struct({f.name: without_categoricals(_instance(f.dtype)) for f in dtype.fields})
    return dtype


def _instance(dtype: pl.DataType | Callable[[], pl.DataType]) -> pl.DataType:
    return dtype() if callable(dtype) else dtype
