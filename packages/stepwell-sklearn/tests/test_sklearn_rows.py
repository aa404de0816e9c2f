import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

from stepwell import Dataset
from stepwell_sklearn import row_hashes

PINNED = 4827071683404597340

ROWS = pl.DataFrame(
    {
        "number": [1, 2, None],
        "share": [0.1, None, 3.0],
        "name": ["ann", None, "bé;n"],
        "member": [True, None, False],
        "day": [date(2020, 2, 29), None, date(1960, 1, 1)],
        "at": [datetime(2020, 1, 1, 12, tzinfo=UTC), None, datetime(1969, 12, 31, tzinfo=UTC)],
    }
)


def hashes(frame: pl.DataFrame) -> list[int]:
    return row_hashes(frame, frame.columns).tolist()


def test_hash_of_a_row_is_fixed_for_all_times() -> None:
    frame = pl.DataFrame({"id": [7], "name": ["ann"]})
    assert hashes(frame) == [PINNED]


def test_hash_does_not_depend_on_chunks_or_order_of_columns() -> None:
    chunked = pl.concat([ROWS[:1], ROWS[1:]], rechunk=False)
    assert hashes(chunked) == hashes(ROWS)
    assert hashes(ROWS.select(reversed(ROWS.columns))) == hashes(ROWS)


def test_hash_is_the_same_through_pandas_and_arrow() -> None:
    assert hashes(Dataset.of(Dataset.of(ROWS).to_pandas()).to_polars()) == hashes(ROWS)
    assert hashes(Dataset.of(ROWS.to_arrow()).to_polars()) == hashes(ROWS)


def test_hash_is_the_same_when_pandas_made_floats_of_integers_with_gaps() -> None:
    floats = Dataset.of(pd.DataFrame({"number": [1.0, 2.0, np.nan]})).to_polars()
    assert hashes(floats) == hashes(ROWS.select("number"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (pl.Series([1], dtype=pl.Int8), pl.Series([1], dtype=pl.UInt64)),
        (pl.Series([1]), pl.Series([1.0])),
        (pl.Series([-0.0]), pl.Series([0])),
        (pl.Series([2.5], dtype=pl.Float32), pl.Series([2.5])),
        (pl.Series([Decimal("1.50")]), pl.Series([Decimal("1.5")])),
        (pl.Series([Decimal("-100.00")]), pl.Series([-100])),
        (pl.Series(["a"]), pl.Series(["a"], dtype=pl.Categorical)),
        (pl.Series(["a"]), pl.Series(["a"], dtype=pl.Enum(["b", "a"]))),
        (pl.Series([date(2020, 1, 1)]), pl.Series([datetime(2020, 1, 1, tzinfo=UTC)])),
        (
            pl.Series([datetime(2020, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("ns", "UTC")),
            pl.Series([datetime(2020, 1, 1, tzinfo=UTC)], dtype=pl.Datetime("ms", "UTC")),
        ),
        (pl.Series([float("nan")]), pl.Series([None], dtype=pl.String)),
        (pl.Series([None]), pl.Series([None], dtype=pl.Int64)),
    ],
    ids=str,
)
def test_equal_cells_in_other_containers_have_the_same_hash(
    one: pl.Series, other: pl.Series
) -> None:
    assert hashes(one.to_frame("a")) == hashes(other.to_frame("a"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1], ["1"]),
        ([True], [1]),
        ([1], [2]),
        ([0.1], [0.1000000001]),
        ([None], [""]),
        ([b"a"], ["a"]),
        ([[1, 2]], [[1, 2, None]]),
        ([timedelta(seconds=1)], [time(0, 0, 2)]),
    ],
    ids=str,
)
def test_different_cells_have_different_hashes(one: list[object], other: list[object]) -> None:
    assert hashes(pl.DataFrame({"a": one})) != hashes(pl.DataFrame({"a": other}))


def test_cells_do_not_run_into_each_other() -> None:
    frame = pl.DataFrame({"a": ["x", "xs1:y"], "b": ["s1:yz", "z"]})
    assert len(set(hashes(frame))) == 2


def test_purposes_have_independent_hashes() -> None:
    one, other = (row_hashes(ROWS, ["number"], purpose=purpose) for purpose in ("a", "b"))
    assert not set(one.tolist()) & set(other.tolist())


def test_hash_is_the_same_in_another_process() -> None:
    code = (
        "import polars as pl, stepwell_sklearn as s;"
        "print(s.row_hashes(pl.DataFrame({'id': [7], 'name': ['ann']}), ['id', 'name'])[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) == PINNED
