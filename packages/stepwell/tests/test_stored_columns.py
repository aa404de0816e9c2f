"""Datasets in the store: a blob for each column, and nothing written or hashed twice."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from stepwell import CorruptedError, Dataset, StoreError, step
from stepwell._data import _canonical, _stored
from stepwell._data._stored import get_dataset, put_dataset
from stepwell._digest import canonical_json
from stepwell._storage._store import Store
from stepwell._workers._job import Job, Reference, StepReference
from stepwell.worker import execute

FRAME = pl.DataFrame(
    {
        "number": [1, 2, 3],
        "missing": [1, None, 3],
        "text": ["a", None, "c"],
        "kind": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
        "level": pl.Series(["low", "low", "high"], dtype=pl.Enum(["low", "high"])),
        "tags": [["a"], [], None],
        "pair": [{"a": 1}, None, {"a": None}],
    }
)


def blobs(store: Store) -> dict[str, int]:
    found = Path(store.url).glob("blobs/*/*")
    return {file.parent.name + file.name: file.stat().st_size for file in found}


def columns_written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the columns that are hashed or written from now on."""
    written: list[str] = []
    write = _stored._write

    def counted(column: Any, sink: Any) -> None:
        written.append(column.name)
        write(column, sink)

    monkeypatch.setattr(_stored, "_write", counted)
    return written


def test_each_column_is_a_blob_and_the_manifest_another(store: Store) -> None:
    put_dataset(store, Dataset.of(FRAME))
    assert len(blobs(store)) == len(FRAME.columns) + 1


def test_equal_columns_share_a_blob(store: Store) -> None:
    put_dataset(store, Dataset.of(pl.DataFrame({"a": [1, 2], "b": [1, 2]})))
    assert len(blobs(store)) == 2


def test_passing_data_through_writes_and_hashes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(FRAME)
    fingerprint = put_dataset(store, before)
    stored = blobs(store)
    written = columns_written(monkeypatch)
    after = Dataset.of(before.to_polars())
    assert put_dataset(store, after, kin=[before]) == fingerprint
    assert (written, blobs(store)) == ([], stored)


def test_passing_stored_data_through_writes_and_hashes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint = put_dataset(store, Dataset.of(FRAME))
    before = get_dataset(Store(store.url), fingerprint)
    again = before.__dict__["_given"].store
    written = columns_written(monkeypatch)
    after = before.with_data(before.lazy().collect())
    assert put_dataset(again, after, kin=[before]) == fingerprint
    assert written == []


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.with_columns(double=pl.col("number") * 2),
        lambda frame: frame.collect().with_columns(double=pl.col("number") * 2),
    ],
    ids=["lazily", "eagerly"],
)
def test_adding_a_column_writes_one_blob_and_a_manifest(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: Callable[[pl.LazyFrame], object]
) -> None:
    before = Dataset.of(FRAME)
    put_dataset(store, before)
    count = len(blobs(store))
    written = columns_written(monkeypatch)
    after = before.with_data(change(before.lazy()))
    put_dataset(store, after, kin=[before])
    assert (written, len(blobs(store))) == (["double"], count + 2)


def test_dropping_and_reordering_columns_writes_only_a_manifest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(FRAME)
    put_dataset(store, before)
    count = len(blobs(store))
    written = columns_written(monkeypatch)
    put_dataset(store, before.with_data(FRAME.select("pair", "text")), kin=[before])
    put_dataset(store, before.with_data(FRAME.rename({"text": "words"})), kin=[before])
    assert (written, len(blobs(store))) == ([], count + 2)


def test_changing_roles_writes_only_a_manifest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(FRAME)
    first = put_dataset(store, before)
    count = len(blobs(store))
    written = columns_written(monkeypatch)
    assert put_dataset(store, before.with_roles({"text": "personal"})) != first
    assert (written, len(blobs(store))) == ([], count + 1)


def test_changed_cells_in_the_same_place_are_written(store: Store) -> None:
    before = Dataset.of(FRAME)
    put_dataset(store, before)
    changed = before.to_polars()
    changed[0, "number"] = 9
    after = before.with_data(changed)
    assert get_dataset(store, put_dataset(store, after, kin=[before])).to_polars().equals(changed)


def test_slice_of_a_known_column_is_not_taken_for_the_whole(store: Store) -> None:
    before = Dataset.of(FRAME)
    put_dataset(store, before)
    for part in (FRAME.head(2), FRAME.tail(2), FRAME.clear()):
        after = before.with_data(part)
        stored = get_dataset(store, put_dataset(store, after, kin=[before]))
        assert stored.to_polars().equals(part)


def test_same_bytes_of_another_type_are_not_taken_for_the_same(store: Store) -> None:
    before = Dataset.of(pl.DataFrame({"day": [1, 2]}, schema={"day": pl.Int32}))
    put_dataset(store, before)
    after = before.with_data(before.to_polars().cast(pl.Date))
    stored = get_dataset(store, put_dataset(store, after, kin=[before]))
    assert stored.schema == {"day": pl.Date()}


def test_numbers_are_recognised_through_pandas(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(pl.DataFrame({"a": [1.5, 2.5], "b": [1, 2], "c": [1.0, float("nan")]}))
    put_dataset(store, before)
    written = columns_written(monkeypatch)
    frame = before.lend_pandas()
    frame["d"] = frame["a"] * 2
    put_dataset(store, before.with_data(frame), kin=[before])
    assert written == ["d"]


def test_column_added_in_pandas_is_all_that_is_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(FRAME)
    put_dataset(store, before)
    count, written = len(blobs(store)), blobs_written(monkeypatch)
    frame = before.lend_pandas()
    frame["double"] = frame["number"] * 2
    put_dataset(store, before.with_data(frame), kin=[before])
    assert (len(written), len(blobs(store))) == (1, count + 2)


def blobs_written(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The blobs for which a file is opened from now on, kept or not."""
    written: list[object] = []
    writer = Store.blob_writer

    def counted(store: Store) -> object:
        written.append(store)
        return writer(store)

    monkeypatch.setattr(Store, "blob_writer", counted)
    return written


def test_one_column_is_written_when_one_of_twenty_is_changed_in_pandas(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Dataset.of(pl.DataFrame({f"c{n}": [f"a{n}", None, "c"] for n in range(20)}))
    put_dataset(store, before)
    written = blobs_written(monkeypatch)
    frame = before.lend_pandas()
    frame["c7"] = frame["c7"].str.upper()
    stored = put_dataset(store, before.with_data(frame), kin=[before])
    assert len(written) == 1
    assert get_dataset(store, stored).to_polars()["c7"].to_list() == ["A7", None, "C"]


@step
def passed(data: pd.DataFrame) -> pd.DataFrame:
    return data


@step
def doubled(data: pl.DataFrame) -> pl.DataFrame:
    return data.with_columns(double=pl.col("number") * 2)


@pytest.mark.parametrize(("name", "added"), [("passed", []), ("doubled", ["double"])])
def test_worker_writes_only_the_columns_that_are_new(
    name: str, added: list[str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = put_dataset(store, Dataset.of(FRAME))
    count, written = len(blobs(store)), blobs_written(monkeypatch)
    job = Job(
        run_id="r",
        pipeline="p",
        name=name,
        store=store.url,
        step=StepReference(module=__name__, name=name, configuration={}),
        inputs={"data": Reference(kind="dataset", fingerprint=before)},
    )
    after = execute(job, lambda event: None)["data"]["fingerprint"]
    assert get_dataset(store, after).columns == (*FRAME.columns, *added)
    assert (len(written), len(blobs(store))) == (len(added), count + 2 * len(added))


PARTS: dict[str, tuple[list[object], pl.DataType]] = {
    "flags in a struct": (
        [{"a": flag} for flag in (True, False, True, True)],
        pl.Struct({"a": pl.Boolean}),
    ),
    "flags in arrays": ([[flag] for flag in (True, False, True, True)], pl.Array(pl.Boolean, 1)),
    "flags in nested structs": (
        [{"a": {"b": flag}} for flag in (True, False, True, True)],
        pl.Struct({"a": pl.Struct({"b": pl.Boolean})}),
    ),
    "structs in lists": (
        [[{"a": flag}] for flag in (True, False, True)],
        pl.List(pl.Struct({"a": pl.Boolean})),
    ),
}


@pytest.mark.parametrize(("cells", "dtype"), PARTS.values(), ids=PARTS.keys())
def test_neighbouring_part_of_a_nested_column_is_not_taken_for_the_same(
    cells: list[object], dtype: pl.DataType, store: Store
) -> None:
    frame = pl.DataFrame({"nested": pl.Series(cells, dtype=dtype)})
    before = Dataset.of(frame.slice(0, 2))
    put_dataset(store, before)
    after = before.with_data(frame.slice(1, 2))
    stored = get_dataset(store, put_dataset(store, after, kin=[before]))
    assert stored.to_polars().equals(frame.slice(1, 2))


def test_numbers_written_to_in_pandas_are_stored_as_they_are(store: Store) -> None:
    before = Dataset.of(pl.DataFrame({"a": [1.5, 2.5]}))
    put_dataset(store, before)
    frame = before.lend_pandas()
    frame.loc[0, "a"] = 9
    after = before.with_data(frame)
    stored = get_dataset(store, put_dataset(store, after, kin=[before]))
    pd.testing.assert_frame_equal(stored.to_pandas(), frame)


def test_what_another_library_made_equal_is_hashed_but_not_stored_twice(store: Store) -> None:
    put_dataset(store, Dataset.of(FRAME))
    stored = blobs(store)
    put_dataset(store, Dataset.of(Dataset.of(FRAME).to_pandas()))
    assert blobs(store) == stored


def test_read_back_equal_and_memory_mapped(store: Store) -> None:
    dataset = Dataset.of(FRAME, roles={"text": ["personal", "identifier"]})
    stored = get_dataset(Store(store.url), put_dataset(store, dataset))
    assert stored.to_polars().equals(FRAME)
    assert (stored.roles, stored.schema) == (dataset.roles, dataset.schema)
    assert len(stored) == 3
    maps = Path("/proc/self/maps")
    if maps.exists():
        assert f"{store.url}/blobs/" in maps.read_text()


def rows_per_write(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows are turned into Arrow at once from now on."""
    monkeypatch.setattr(_canonical, "ROWS_PER_BATCH", 100)
    rows: list[int] = []
    canonical_array = _canonical.canonical_array

    def counted(cells: Any) -> object:
        rows.append(len(cells))
        return canonical_array(cells)

    monkeypatch.setattr(_canonical, "canonical_array", counted)
    return rows


def test_lazy_frame_over_a_file_is_streamed_in_bounded_batches(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"a": range(1_050)})
    frame.write_parquet(tmp_path / "rows.parquet", row_group_size=70)
    dataset = Dataset.of(pl.scan_parquet(tmp_path / "rows.parquet"))
    rows = rows_per_write(monkeypatch)
    fingerprint = put_dataset(store, dataset)
    assert (rows, "_frame" in vars(dataset)) == ([100] * 10 + [50], False)
    assert get_dataset(store, fingerprint).to_polars().equals(frame)


def test_lazy_frame_over_much_memory_is_streamed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stored, "LARGE", 1_000)
    before = Dataset.of(pl.DataFrame({"a": range(1_050)}))
    put_dataset(store, before)
    after = before.with_data(before.lazy().with_columns(b=pl.col("a") * 2))
    put_dataset(store, after, kin=[before])
    assert "_frame" not in vars(after)
    assert after.to_polars().equals(before.to_polars().with_columns(b=pl.col("a") * 2))


def test_more_columns_than_a_process_may_open_files_are_not_streamed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stored, "MOST_STREAMED", 3)
    wide = pl.DataFrame({f"c{number}": [number] for number in range(4)})
    wide.write_parquet(tmp_path / "wide.parquet")
    dataset = Dataset.of(pl.scan_parquet(tmp_path / "wide.parquet"))
    fingerprint = put_dataset(store, dataset)
    assert "_frame" in vars(dataset)
    assert get_dataset(store, fingerprint).to_polars().equals(wide)


def test_changed_bytes_of_a_column_are_found(store: Store) -> None:
    fingerprint = put_dataset(store, Dataset.of(FRAME))
    digest = Dataset.of(FRAME).fingerprint
    assert digest == fingerprint
    for file in Path(store.url).glob("blobs/*/*"):
        if file.parent.name + file.name != fingerprint:
            content = bytearray(file.read_bytes())
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
    with pytest.raises(CorruptedError, match=r"Blob [0-9a-f]{12} .* was changed"):
        get_dataset(Store(store.url), fingerprint).to_polars()


def test_missing_column_is_named(store: Store) -> None:
    fingerprint = put_dataset(store, Dataset.of(FRAME))
    for file in Path(store.url).glob("blobs/*/*"):
        if file.parent.name + file.name != fingerprint:
            file.unlink()
    with pytest.raises(StoreError, match="has no blob"):
        get_dataset(Store(store.url), fingerprint).to_polars()


COLUMN = ["a", "Int64", "0" * 64]
MANIFESTS = {
    "no JSON": b"\x00",
    "no object": b"[]",
    "another format": canonical_json({"format": "stepwell.dataset/9", "rows": 1, "columns": []}),
    "no columns": canonical_json({"format": "stepwell.dataset/1", "rows": 1}),
    "columns of another shape": canonical_json(
        {"format": "stepwell.dataset/1", "rows": 1, "columns": [["a"]], "roles": {}}
    ),
    "unknown role": canonical_json(
        {"format": "stepwell.dataset/1", "rows": 1, "columns": [COLUMN], "roles": {"a": ["boss"]}}
    ),
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_blob_that_is_no_manifest_is_refused(manifest: bytes, store: Store) -> None:
    with pytest.raises(CorruptedError, match=r"is no dataset of format stepwell\.dataset/1"):
        get_dataset(store, store.put_blob(manifest))


TYPES = ["os.system", "Object", '{"list": 3}', '{"struct": [["a"]]}', "Datetime[fortnight]", "{"]


@pytest.mark.parametrize("type_", TYPES)
def test_type_that_does_not_exist_is_refused(type_: str, store: Store) -> None:
    manifest = {"format": "stepwell.dataset/1", "rows": 1, "roles": {}}
    column = ["a", type_, store.put_blob(b"x")]
    fingerprint = store.put_blob(canonical_json({**manifest, "columns": [column]}))
    with pytest.raises(CorruptedError, match="which does not exist"):
        get_dataset(store, fingerprint).to_polars()


@pytest.mark.parametrize("content", [b"", b"not Arrow", b"ARROW1\0\0garbage"])
def test_column_that_is_no_arrow_file_is_refused(content: bytes, store: Store) -> None:
    manifest = {"format": "stepwell.dataset/1", "rows": 1, "roles": {}}
    column = ["a", "Int64", store.put_blob(content)]
    fingerprint = store.put_blob(canonical_json({**manifest, "columns": [column]}))
    with pytest.raises(CorruptedError, match="'a' is no column of 1 rows"):
        get_dataset(store, fingerprint).to_polars()


def test_copied_into_another_store_whole(store: Store, tmp_path: Path) -> None:
    first = get_dataset(store, put_dataset(store, Dataset.of(FRAME)))
    other = Store(tmp_path / "other")
    fingerprint = put_dataset(other, first)
    assert blobs(other) == blobs(store)
    assert get_dataset(Store(other.url), fingerprint).to_polars().equals(FRAME)
