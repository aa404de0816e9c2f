"""The fingerprint: the same for the same data, another for any change."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from stepwell import Dataset, Target, Unit
from stepwell._data import _canonical, _stored
from stepwell._data._stored import get_dataset, put_dataset
from stepwell._storage._store import Store

MANY_TYPES = """
import polars as pl
from datetime import date, datetime
from stepwell import Dataset

frame = pl.DataFrame({
    "number": [1, None, 3, 4, 5],
    "float": [1.5, float("nan"), None, -0.0, 5.0],
    "text": ["a", None, "", "d", "naïve"],
    "flag": [True, None, False, True, True],
    "day": [date(2024, 1, 1), None, date(2024, 1, 3), None, None],
    "list": [[1, None], None, [], [4], [5]],
    "kind": pl.Series(["x", "y", None, "x", "z"], dtype=pl.Categorical),
    "kinds": pl.Series([["x"], ["y", "z"], None, [], ["z"]], dtype=pl.List(pl.Categorical)),
    "level": pl.Series(["low", None, "high", "low", "low"], dtype=pl.Enum(["low", "high"])),
    "pair": [{"a": 1, "b": True}, None, {"a": None, "b": False}, {"a": 4, "b": None}, None],
    "fixed": pl.Series([[True, False], None, [None, True], [True, True], None],
                       dtype=pl.Array(pl.Boolean, 2)),
})
"""
namespace: dict[str, pl.DataFrame] = {}
exec(MANY_TYPES, namespace)
FRAME = namespace["frame"]


def fingerprint(data: object) -> str:
    return Dataset.of(data).fingerprint


def test_sixteen_flags_cut_to_three_are_three_flags() -> None:
    assert fingerprint(pl.DataFrame({"flag": [True] * 16}).head(3)) == fingerprint(
        pl.DataFrame({"flag": [True] * 3})
    )


def test_offsets_of_32_and_64_bits_do_not_show() -> None:
    narrow = pa.table({"text": pa.array(["a", None], pa.string())})
    wide = pa.table({"text": pa.array(["a", None], pa.large_string())})
    views = pa.table({"text": pa.array(["a", None], pa.string_view())})
    assert fingerprint(narrow) == fingerprint(wide) == fingerprint(views)


def test_foreign_metadata_does_not_show() -> None:
    plain = pa.table({"a": [1]})
    assert fingerprint(plain.replace_schema_metadata({"made by": "somebody"})) == fingerprint(plain)


def test_what_lies_below_a_null_does_not_show() -> None:
    hidden = pl.select(pl.when(pl.Series([True, False])).then(pl.Series("a", [1, 99])))
    assert fingerprint(hidden) == fingerprint(pl.DataFrame({"a": [1, None]}))


def test_cells_behind_the_last_one_do_not_show() -> None:
    lists = pa.array([["a" * 20], ["canary"], ["b"]])
    part = Dataset.of(pa.table({"tags": lists[:1]}))
    assert part.fingerprint == fingerprint(pa.table({"tags": [["a" * 20]]}))
    sink = io.BytesIO()
    writer = _canonical.ColumnWriter(sink)
    writer.write(part.to_polars()["tags"])
    writer.close()
    assert b"canary" not in sink.getvalue()


def test_sign_of_a_zero_shows() -> None:
    assert fingerprint(pl.DataFrame({"a": [0.0]})) != fingerprint(pl.DataFrame({"a": [-0.0]}))


def test_order_in_which_categories_were_met_does_not_show() -> None:
    first = pl.Series("kind", ["b", "a"], dtype=pl.Categorical)
    later = pl.Series("kind", ["c", "a", "b", "a"], dtype=pl.Categorical).tail(2)
    assert fingerprint(first.to_frame()) == fingerprint(later.to_frame())


def test_every_nan_is_the_same() -> None:
    bits = np.array([0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0001], dtype="uint64")
    usual, odd = bits.view("float64")
    assert fingerprint(pl.DataFrame({"a": [odd]})) == fingerprint(pl.DataFrame({"a": [usual]}))


def test_another_process_finds_the_same_fingerprint() -> None:
    code = MANY_TYPES + "print(Dataset.of(frame).fingerprint)"
    before = "import polars as pl; pl.Series(['z', 'y'], dtype=pl.Categorical)\n"
    done = subprocess.run(
        [sys.executable, "-c", before + code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint(FRAME)


@pytest.mark.parametrize("rows_per_batch", [1, 2, 3, 5, 8])
def test_streamed_dataset_has_the_fingerprint_of_the_one_in_memory(
    rows_per_batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_canonical, "ROWS_PER_BATCH", rows_per_batch)
    monkeypatch.setattr(_stored, "LARGE", 0)
    streamed = Dataset.of(FRAME.lazy())
    store = Store(tmp_path / "store")
    assert put_dataset(store, streamed) == fingerprint(FRAME)
    assert get_dataset(store, streamed.fingerprint).to_polars().equals(FRAME)


CHANGES: dict[str, Callable[[Dataset], object]] = {
    "a cell": lambda d: d.to_polars().with_columns(number=pl.Series([1, None, 3, 4, 6])),
    "a null where a NaN was": lambda d: d.to_polars().with_columns(pl.col("float").fill_nan(None)),
    "a NaN where a null was": lambda d: d.to_polars().with_columns(
        pl.col("float").fill_null(float("nan"))
    ),
    "an empty text where a null was": lambda d: d.to_polars().with_columns(
        pl.col("text").fill_null("")
    ),
    "an empty list where a null was": lambda d: d.to_polars().with_columns(
        pl.col("list").fill_null([])
    ),
    "a cell of a list": lambda d: d.to_polars().with_columns(
        list=pl.Series([[1, None], None, [], [4], [6]])
    ),
    "a null struct for a struct of nulls": lambda d: d.to_polars().with_columns(
        pair=pl.Series([{"a": 1, "b": True}, {"a": None, "b": None}] + [None] * 3)
    ),
    "a name": lambda d: d.to_polars().rename({"number": "numbers"}),
    "a type": lambda d: d.to_polars().with_columns(pl.col("number").cast(pl.Int32)),
    "categories as text": lambda d: d.to_polars().with_columns(pl.col("kind").cast(pl.String)),
    "categories of an enum": lambda d: d.to_polars().with_columns(
        pl.col("level").cast(pl.Enum(["high", "low"]))
    ),
    "the order of columns": lambda d: d.to_polars().select(reversed(d.columns)),
    "the order of rows": lambda d: d.to_polars()[[4, 3, 2, 1, 0]],
    "a row less": lambda d: d.to_polars().head(4),
    "a column less": lambda d: d.to_polars().drop("day"),
    "a role": lambda d: d.with_roles({"text": "personal"}),
    "a favourable value": lambda d: d.with_roles({"kind": Target(favourable="y")}),
    "a unit": lambda d: d.with_roles({"number": Unit("EUR")}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_change_gives_another_fingerprint(change: Callable[[Dataset], object]) -> None:
    roles = {"kind": Target(favourable="x"), "number": Unit("USD")}
    before = Dataset.of(FRAME, roles=roles)
    after = Dataset.of(change(before))
    same_roles = {column: r for column, r in before.roles.items() if column in after.columns}
    assert after.with_roles({**same_roles, **after.roles}).fingerprint != before.fingerprint


def test_order_in_which_roles_are_said_does_not_show() -> None:
    first = Dataset.of(FRAME, roles={"text": ["personal", "identifier"], "flag": "protected"})
    second = Dataset.of(FRAME, roles={"flag": "protected"}).with_roles(
        {"text": ["identifier", "personal"]}
    )
    assert first.fingerprint == second.fingerprint
