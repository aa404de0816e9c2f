"""Arrow types: in which of them a dataset holds cells, and what to type where it cannot.

A dataset keeps cells, not containers: offsets of 32 or 64 bits, views, the widths of decimals and
of the codes of a dictionary do not show. Whole seconds become milliseconds, `date64` a date, and a
dictionary of anything but text its plain values. What would change a cell, an order of categories
or a type of its own (extension types, maps) is refused.
"""

from __future__ import annotations

import re
from typing import Any

_AS_TEXT = (
    "pyarrow.array([None if cell is None else str(cell) for cell in {column}.to_pylist()], "
    "pyarrow.string())"
)
_WHOLE_HOURS = re.compile(r"([+-])(\d\d):?00")
_DIGITS = 38  # of a decimal of 128 bits


class Unheld(Exception):
    """Raised for a column that cannot be held; `code` makes another of `{column}` that can, if any.

    `cells` tells cells that do not fit their type from a type that does not fit a dataset.
    """

    def __init__(self, kind: Any, code: str | None = None, *, cells: bool = False) -> None:
        super().__init__(str(kind))
        self.kind = kind
        self.code = code
        self.cells = cells


def held_type(kind: Any) -> Any:
    """The Arrow type in which a dataset takes cells of this one. Raises Unheld."""
    if _is_view(kind):
        return kind
    try:
        return _held(kind)
    except Unheld:
        raise unheld_type(kind) from None


def unheld_type(kind: Any) -> Unheld:
    """What is said of a column of a type that cannot be held."""
    return Unheld(kind, _cast_of_type(kind))


def unheld_cells(kind: Any) -> Unheld:
    """What is said of a column with cells outside of the range of their type, or damaged ones."""
    return Unheld(kind, _cast_of_cells(kind), cells=True)


def is_text(kind: Any) -> bool:
    """Whether cells of this Arrow type are text."""
    import pyarrow.types as types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _held(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_date64(kind):
        return pa.date32()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("ms" if kind.unit == "s" else kind.unit, _held_zone(kind.tz))
    if pa.types.is_duration(kind) and kind.unit == "s":
        return pa.duration("ms")
    if pa.types.is_decimal(kind):
        return _held_decimal(kind)
    if pa.types.is_dictionary(kind):
        return _held_dictionary(kind)
    if pa.types.is_nested(kind):
        return _held_nested(kind)
    if _is_view(kind):  # of which Arrow cannot take some
        return pa.large_string() if is_text(kind) else pa.large_binary()
    if _is_plain(kind):
        return kind
    raise Unheld(kind)


def _is_view(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string_view(kind) or types.is_binary_view(kind))


def _is_plain(kind: Any) -> bool:
    from pyarrow import types

    if isinstance(kind, _extension_types()) or types.is_interval(kind):
        return False
    if types.is_fixed_size_binary(kind):
        return bool(kind.byte_width > 0)
    tests = (types.is_primitive, types.is_null, is_text, types.is_binary, types.is_large_binary)
    return any(test(kind) for test in tests) or bool(types.is_binary_view(kind))


def _extension_types() -> tuple[type, ...]:
    import pyarrow as pa

    return (pa.BaseExtensionType,)


def _held_zone(zone: str | None) -> str | None:
    """The name of a zone; offsets of whole hours have one, whose sign is turned around."""
    whole = _WHOLE_HOURS.fullmatch(zone or "")
    if whole is None:
        return zone or None
    hours = int(whole[2])
    return f"Etc/GMT{'-' if whole[1] == '+' else '+'}{hours}" if hours else "UTC"


def _held_dictionary(kind: Any) -> Any:
    import pyarrow as pa

    if kind.ordered and pa.types.is_nested(kind.value_type):
        raise Unheld(kind)
    return kind if is_text(kind.value_type) else _held(kind.value_type)


def _held_decimal(kind: Any) -> Any:
    import pyarrow as pa

    if kind.precision > _DIGITS or not 0 <= kind.scale <= kind.precision:
        raise Unheld(kind)
    return pa.decimal128(kind.precision, kind.scale)


def _held_nested(kind: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_list(kind):
        return pa.list_(_held_field(kind.value_field))
    if pa.types.is_large_list(kind):
        return pa.large_list(_held_field(kind.value_field))
    if pa.types.is_fixed_size_list(kind) and kind.list_size:
        return pa.list_(_held_field(kind.value_field), kind.list_size)
    if pa.types.is_struct(kind) and not _repeats_a_name(kind):
        return pa.struct([_held_field(field) for field in kind])
    raise Unheld(kind)


def _held_field(field: Any) -> Any:
    """The field of a nested type; an order of categories is known only from Polars."""
    import pyarrow as pa

    ordered = pa.types.is_dictionary(field.type) and field.type.ordered
    if ordered and not any(key.startswith(b"_PL_ENUM") for key in field.metadata or {}):
        raise Unheld(field.type)
    return field.with_type(_held(field.type))


def _repeats_a_name(kind: Any) -> bool:
    return bool(len({field.name for field in kind}) < kind.num_fields)


def _cast_of_type(kind: Any) -> str:
    import pyarrow as pa

    types = pa.types
    if isinstance(kind, _extension_types()):
        return "{column}.cast({column}.type.storage_type)"
    if types.is_timestamp(kind):
        return f'{{column}}.cast(pyarrow.timestamp("{kind.unit}", "UTC"))'
    if types.is_decimal(kind):
        return "{column}.cast(pyarrow.string())"
    if types.is_fixed_size_binary(kind):
        return "{column}.cast(pyarrow.binary())"
    if types.is_dictionary(kind) and _is_plain(kind.value_type):
        return "{column}.cast({column}.type.value_type)"
    if types.is_run_end_encoded(kind):
        return "pyarrow.compute.run_end_decode({column})"
    if types.is_map(kind) and _is_plain(kind.key_type) and _is_plain(kind.item_type):
        pair = '[("key", {column}.type.key_type), ("value", {column}.type.item_type)]'
        return f"{{column}}.cast(pyarrow.list_(pyarrow.struct({pair})))"
    if types.is_fixed_size_list(kind) and not kind.list_size and _is_plain(kind.value_type):
        return "{column}.cast(pyarrow.list_({column}.type.value_type))"
    if types.is_struct(kind) and _repeats_a_name(kind):
        return "pyarrow.compute.struct_field({column}, 0)"
    return _AS_TEXT


def _cast_of_cells(kind: Any) -> str | None:
    import pyarrow as pa

    if pa.types.is_temporal(kind):
        return f"{{column}}.cast(pyarrow.int{kind.bit_width}())"
    if is_text(kind):
        return "{column}.cast(pyarrow.binary())"
    if pa.types.is_dictionary(kind):
        return "{column}.cast({column}.type.value_type)"
    return None
