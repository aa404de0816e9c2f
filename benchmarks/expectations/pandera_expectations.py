"""The suite of `bench_expectations.py` in pandera, on Polars; prints the median seconds."""

import statistics
import sys
import time
from collections.abc import Callable

import pandera.polars as pa
import polars as pl

RUNS = 5


def whole(condition: Callable[[pl.Expr], pl.Expr]) -> pa.Check:
    """A check of a column as a whole."""
    return pa.Check(lambda data: data.lazyframe.select(condition(pl.col(data.key))))


IN_RANGE = pa.Check.in_range(-9, 9)
LETTERS = pa.Check.isin(list("abcde"))
NUMBERS = {
    0: [IN_RANGE, whole(lambda column: column.mean().is_between(-1, 1))],
    1: [IN_RANGE, whole(lambda column: column.min() <= 0)],
    2: [IN_RANGE, whole(lambda column: column.max() >= 0)],
    3: [IN_RANGE, whole(lambda column: column.std().is_between(0, 2))],
    4: [IN_RANGE],
    5: [IN_RANGE],
}
WORDS = {
    0: [LETTERS, whole(lambda column: column.n_unique() <= 5)],
    **{at: [LETTERS] for at in (1, 2, 3)},
    **{at: [pa.Check.str_matches("^[a-e]$")] for at in (4, 5)},
    **{at: [pa.Check.str_length(min_value=1)] for at in (6, 7)},
    8: [pa.Check.notin(["x"])],
}
SCHEMA = pa.DataFrameSchema(
    {
        **{
            f"number_{at}": pa.Column(float, checks, nullable=True)
            for at, checks in NUMBERS.items()
        },
        **{f"number_{at}": pa.Column(float, nullable=False) for at in range(6, 10)},
        **{f"word_{at}": pa.Column(str, checks) for at, checks in WORDS.items()},
        "id_0": pa.Column(int, unique=True),
    }
)


def main() -> None:
    """Validate the Parquet file that is named, several times."""
    frame = pl.read_parquet(sys.argv[1])
    took = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        SCHEMA.validate(frame)
        took.append(time.perf_counter() - started)
    print(statistics.median(took[1:]))


main()
