"""Types of the standard and types of Polars, and what of the one fits the other."""

from __future__ import annotations

from typing import Any

import polars as pl

from stepwell_catalog._columns import Column

_WIDTHS: dict[str, Any] = {
    "i8": pl.Int8,
    "i16": pl.Int16,
    "i32": pl.Int32,
    "i64": pl.Int64,
    "i128": pl.Int128,
    "u8": pl.UInt8,
    "u16": pl.UInt16,
    "u32": pl.UInt32,
    "u64": pl.UInt64,
    "f32": pl.Float32,
    "f64": pl.Float64,
}
_WRITTEN: dict[str, Any] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
    "timestamp": pl.Datetime("us"),
    "time": pl.Time,
}


def fits(column: Column, dtype: pl.DataType) -> bool:
    """Whether cells of this Polars type are what the contract says of a column."""
    match column.type:
        case "string":
            binary = column.options.get("format") in ("binary", "byte")
            text = (pl.Binary,) if binary else (pl.String, pl.Categorical, pl.Enum)
            return isinstance(dtype, text)
        case "integer" | "number":
            return _is_number(column, dtype)
        case "boolean":
            return isinstance(dtype, pl.Boolean)
        case "date":
            return isinstance(dtype, pl.Date)
        case "timestamp":
            return isinstance(dtype, pl.Datetime) and _zone_fits(column, dtype)
        case "time":
            return isinstance(dtype, pl.Time)
        case "array" | "vector":
            return isinstance(dtype, pl.List | pl.Array) and (
                column.item is None or _inner_fits(column.item, dtype.inner)
            )
        case "object":
            return isinstance(dtype, pl.Struct) and _fields_fit(column, dtype)
    return True


def _is_number(column: Column, dtype: pl.DataType) -> bool:
    width = _WIDTHS.get(str(column.options.get("format")))
    if width is not None:
        return bool(dtype == width)
    return dtype.is_integer() or (column.type == "number" and dtype.is_numeric())


def _zone_fits(column: Column, dtype: pl.Datetime) -> bool:
    zoned = column.options.get("timezone")
    return zoned is None or bool(zoned) == (dtype.time_zone is not None)


def _inner_fits(item: Column, dtype: Any) -> bool:
    return item.type is None or fits(item, dtype if isinstance(dtype, pl.DataType) else dtype())


def _fields_fit(column: Column, dtype: pl.Struct) -> bool:
    if not column.inner:
        return True
    found = {one.name: one.dtype for one in dtype.fields}
    return set(found) == {one.name for one in column.inner} and all(
        _inner_fits(one, found[one.name]) for one in column.inner
    )


def told_type(column: Column) -> str:
    """The type that a contract says, with what it says about it, for messages."""
    width = column.options.get("format") if column.type in ("integer", "number") else None
    if width:
        return f"{column.type} ({width})"
    zoned = column.options.get("timezone") if column.type == "timestamp" else None
    return f"{column.type}" if zoned is None else f"{column.type} {_ZONE[bool(zoned)]} time zone"


_ZONE = {True: "with", False: "without"}


def written_type(column: Column) -> Any:
    """The Polars type that a column is to have where its source has texts only; None if unknown."""
    if column.type in ("integer", "number"):
        return _WIDTHS.get(str(column.options.get("format")), _WRITTEN[column.type])
    return _WRITTEN.get(str(column.type))


def described_type(dtype: pl.DataType) -> dict[str, Any]:
    """What a contract says of a column of this Polars type."""
    if isinstance(dtype, pl.String | pl.Categorical | pl.Enum):
        return {"logicalType": "string"}
    if isinstance(dtype, pl.Binary):
        return {"logicalType": "string", "logicalTypeOptions": {"format": "binary"}}
    if dtype.is_integer() or dtype.is_float():
        return _number(dtype)
    if isinstance(dtype, pl.Datetime):
        zoned = dtype.time_zone is not None
        return {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": zoned}}
    if isinstance(dtype, pl.List | pl.Array):
        return {"logicalType": "array", "items": _described(dtype.inner)}
    if isinstance(dtype, pl.Struct):
        fields = [{"name": one.name, **_described(one.dtype)} for one in dtype.fields]
        return {"logicalType": "object", "properties": fields}
    name = _SIMPLE.get(str(dtype.base_type()))
    return {"logicalType": name} if name else {}


_SIMPLE = {"Boolean": "boolean", "Date": "date", "Time": "time", "Decimal": "number"}


def _described(dtype: Any) -> dict[str, Any]:
    return described_type(dtype if isinstance(dtype, pl.DataType) else dtype())


def _number(dtype: pl.DataType) -> dict[str, Any]:
    name = "integer" if dtype.is_integer() else "number"
    width = {str(kind()): width for width, kind in _WIDTHS.items()}.get(str(dtype))
    options = {"logicalTypeOptions": {"format": width}} if width else {}
    return {"logicalType": name, **options}
