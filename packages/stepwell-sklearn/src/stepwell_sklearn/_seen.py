"""Which rows a model was trained on, as far as a small file can tell.

    training_rows    sorted 64-bit hashes of the training rows, little-endian

Of more than a million rows the smallest million hashes are kept: for a row whose hash is smaller
than the greatest one kept, the answer is exact; for others it is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from stepwell import Model
from stepwell_sklearn._frames import type_of
from stepwell_sklearn._rows import row_hashes

if TYPE_CHECKING:
    import polars as pl

TRAINING_ROWS = "training_rows"
MOST_ROWS = 1_000_000


def training_rows(
    frame: pl.DataFrame, columns: Sequence[str], *, most: int = MOST_ROWS
) -> tuple[dict[str, JsonValue], bytes]:
    """What a model remembers of its training rows, told apart by `columns`: metadata and file.

    Hand them to `Model.of` as `metadata={"training_rows": …}` and `files={"training_rows": …}`.
    """
    import numpy as np

    hashes = np.unique(row_hashes(frame, columns))
    schema = frame.select(sorted(columns)).schema
    complete = len(hashes) <= most
    described: dict[str, JsonValue] = {
        "columns": {name: type_of(kind) for name, kind in schema.items()},
        "rows": frame.height,
        "complete": complete,
    }
    return described, hashes[:most].astype("<u8").tobytes()


def seen_rows(model: Model, frame: pl.DataFrame) -> pl.Series:
    """For each row whether `model` was trained on it: true, false, or null where it is unknown.

    Unknown are all rows if the model has no memory of its training rows or if `frame` lacks a
    column that tells rows apart (the target, in production).
    """
    import numpy as np
    import polars as pl

    described: Any = model.description.metadata.get(TRAINING_ROWS)
    if not described or TRAINING_ROWS not in model.description.files:
        return _unknown(frame.height)
    columns = list[str](described["columns"])
    if not set(columns) <= set(frame.columns):
        return _unknown(frame.height)
    kept = np.frombuffer(model.read(TRAINING_ROWS), dtype="<u8")
    hashes = row_hashes(frame, columns)
    nearest = np.searchsorted(kept, hashes).clip(max=len(kept) - 1)
    seen = pl.Series("seen_in_training", kept[nearest] == hashes)
    return seen if described["complete"] else seen.set(pl.Series(hashes > kept[-1]), None)


def _unknown(rows: int) -> pl.Series:
    import polars as pl

    return pl.repeat(None, rows, dtype=pl.Boolean, eager=True).alias("seen_in_training")
