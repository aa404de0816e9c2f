"""Drift of 20 columns and 100,000 rows against a stored profile, beside sorting them once."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from timing import median_seconds

from stepwell import Dataset
from stepwell_monitor import Drift, Profile

ROWS = 100_000


def measure() -> Iterator[str]:
    """Twenty columns of numbers, then fifteen and five of text."""
    for numbers, texts in ((20, 0), (15, 5)):
        profile = Profile().run(data=Dataset.of(_frame(numbers, texts, seed=1))).profile
        frame = _frame(numbers, texts, seed=2)
        dataset = Dataset.of(frame)
        columns = [frame[f"number_{i}"].to_numpy() for i in range(numbers)]
        ours = median_seconds(lambda: Drift().run(predictions=dataset, profile=profile), times=9)  # noqa: B023 - called here
        sorting = median_seconds(lambda: [np.sort(column) for column in columns], times=9)  # noqa: B023 - called here
        yield (
            f"{numbers} of numbers, {texts} of text: {ours * 1000:.1f} ms, sorting the numbers "
            f"{sorting * 1000:.1f} ms: {ours / sorting:.1f} x"
        )


def _frame(numbers: int, texts: int, *, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    columns = {f"number_{i}": random.normal(size=ROWS) for i in range(numbers)}
    words = {f"text_{i}": random.choice(["a", "b", "c", "d", "e"], ROWS) for i in range(texts)}
    return pl.DataFrame({**columns, **words})
