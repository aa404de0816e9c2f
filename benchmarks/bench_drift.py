"""Drift of 20 columns and 100,000 rows against a stored profile, beside sorting the numbers."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from table import Row
from timing import in_turns

from stepwell import Dataset
from stepwell_monitor import Drift, Profile

ROWS = 100_000


def measure() -> Iterator[Row]:
    """Twenty columns of numbers, then fifteen and five of text."""
    yield _row(numbers=20, texts=0)
    yield _row(numbers=15, texts=5)


def _row(*, numbers: int, texts: int) -> Row:
    profile = Profile().run(data=Dataset.of(_frame(numbers, texts, seed=1))).profile
    frame = _frame(numbers, texts, seed=2)
    dataset = Dataset.of(frame)
    columns = [frame[f"number_{i}"].to_numpy() for i in range(numbers)]
    took = in_turns(
        {
            "drift": lambda: Drift().run(predictions=dataset, profile=profile),
            "sorting": lambda: [np.sort(column) for column in columns],
        },
        times=15,
    )
    ratio = took["drift"] / took["sorting"]
    return Row(
        f"drift, {numbers} columns of numbers and {texts} of text, 100,000 rows",
        "≤ 3 × sorting the numeric columns once",
        f"{ratio:.1f} × ({took['drift'] * 1000:.1f} ms to {took['sorting'] * 1000:.1f} ms)",
        ratio <= 3,
    )


def _frame(numbers: int, texts: int, *, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    columns = {f"number_{i}": random.normal(size=ROWS) for i in range(numbers)}
    words = {f"text_{i}": random.choice(["a", "b", "c", "d", "e"], ROWS) for i in range(texts)}
    return pl.DataFrame({**columns, **words})
