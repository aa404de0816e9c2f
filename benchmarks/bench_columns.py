"""A frame of 800 MB through a pass-through, one added and one changed column, all stored."""

import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from blake3 import blake3
from timing import median_seconds

from stepwell import Pipeline, step

ROWS = 5_000_000
COLUMNS = 20


def frame() -> pl.DataFrame:
    """20 columns of random numbers."""
    random = np.random.default_rng(0)
    return pl.DataFrame({f"column_{i}": random.random(ROWS) for i in range(COLUMNS)})


@step
def unchanged(data: pl.DataFrame) -> pl.DataFrame:
    """Pass through."""
    return data


@step
def one_added(data: pl.DataFrame) -> pl.DataFrame:
    """Add a column."""
    return data.with_columns(added=pl.col("column_0") + 1)


@step
def one_changed(data: pl.DataFrame) -> pl.DataFrame:
    """Change a column."""
    return data.with_columns(column_1=pl.col("column_1") * 2)


def measure() -> Iterator[str]:
    """The pipeline beside one BLAKE3 pass and one synced write of the frame."""
    data = frame()
    size = data.estimated_size()
    with tempfile.TemporaryDirectory() as folder:
        least = median_seconds(lambda: _digest_and_write(data, Path(folder)), times=3)
    pipeline = Pipeline(
        "columns", [unchanged(), one_added(), one_changed()], inputs={"data": pl.DataFrame}
    )
    before = _peak()
    with tempfile.TemporaryDirectory() as folder:
        stores = iter(range(1_000))
        took = median_seconds(
            lambda: pipeline.run(store=f"{folder}/{next(stores)}", observers=[], data=data), times=3
        )
    yield f"pipeline {took:.2f} s, digest and write {least:.2f} s: {took / least:.2f} x"
    yield f"peak memory {_peak() / size:.2f} x the frame ({before / size:.2f} x before the run)"


def _digest_and_write(data: pl.DataFrame, folder: Path) -> None:
    hasher = blake3(max_threads=blake3.AUTO)
    with (folder / "frame").open("wb") as file:
        for column in data.iter_columns():
            values: Any = column.to_numpy()
            cells = memoryview(values).cast("B")
            hasher.update(cells)
            file.write(cells)
        file.flush()
        os.fsync(file.fileno())


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
