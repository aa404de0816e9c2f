"""Digests of data that stands in code: frames, columns, arrays, and what describes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stepwell._digest import digest
from stepwell._errors import DataError


def digest_of_data(value: Any) -> str | None:
    """A digest of a value of NumPy, pandas, Polars or pyarrow; None if it has none."""
    return _BY_LIBRARY.get(type(value).__module__.partition(".")[0], _none)(value)


def _none(value: Any) -> str | None:
    return None


def _table(value: Any) -> str | None:
    """The fingerprint of a frame, or what an expression, a type or an instant says of itself."""
    from stepwell._data._dataset import Dataset

    if hasattr(value, "__arrow_c_stream__"):
        try:
            return Dataset.of(value.to_frame() if hasattr(value, "to_frame") else value).fingerprint
        except DataError:
            return None
    if type(value).__name__ == "Expr":
        return digest(value.meta.serialize())
    is_plain = hasattr(value, "is_nested") or type(value).__name__ in ("Timestamp", "Timedelta")
    return repr(value) if is_plain else None


def _array(value: Any) -> str | None:
    if hasattr(value, "tobytes"):
        shape = f"{value.dtype}{value.shape}".encode()
        return None if value.dtype.hasobject else digest(shape + value.tobytes())
    is_plain = type(value).__name__ == "ufunc" or type(value).__module__ == "numpy.dtypes"
    return repr(value) if is_plain else None


_BY_LIBRARY: dict[str, Callable[[Any], str | None]] = {
    "numpy": _array,
    "pandas": _table,
    "polars": _table,
    "pyarrow": _table,
}
