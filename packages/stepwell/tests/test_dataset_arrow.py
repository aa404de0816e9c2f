"""Tables of every Arrow type: the same cells in every view and the store, or a clear refusal."""

import re
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.ipc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell import DataError, Dataset
from stepwell._data._stored import get_dataset, put_dataset
from stepwell._storage._store import Store

CANARY = "canary@example.org"
DAY = 86_400
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

INTEGERS = [
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
    *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
]
FLOATS = {pa.float16(): 16, pa.float32(): 32, pa.float64(): 64}
TIMES = [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")]
ZONES = (None, "UTC", "Europe/Berlin", "America/St_Johns", "+02:00")
OFFSETS = {"+02:00": "Etc/GMT-2", "-03:00": "Etc/GMT+3", "+00:00": "UTC"}
TEXTS = [pa.string(), pa.large_string(), pa.string_view()]
BYTES = [pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(3)]
HELD = [
    *(*INTEGERS, *FLOATS, *TIMES, *TEXTS, *BYTES),
    *(pa.timestamp(unit, zone) for unit in PER_SECOND for zone in ZONES),
    *(pa.duration(unit) for unit in PER_SECOND),
    *(pa.decimal32(9, 2), pa.decimal64(18, 0), pa.decimal128(38, 10), pa.decimal256(30, 3)),
    *(pa.bool_(), pa.date32(), pa.date64(), pa.null()),
]
REFUSED = [
    *(pa.timestamp(unit, "+05:30") for unit in PER_SECOND),
    *(pa.decimal256(76, 5), pa.decimal128(5, -2), pa.binary(0), pa.month_day_nano_interval()),
]
EXTENSIONS = {
    pa.uuid(): pa.binary(16),
    pa.json_(): pa.string(),
    pa.bool8(): pa.int8(),
    pa.opaque(pa.int32(), "money", "somebody"): pa.int32(),
    pa.fixed_shape_tensor(pa.int16(), [2]): pa.list_(pa.int16(), 2),
}


# drawing arrays; with `strange`, also types and cells that a dataset refuses


def bits(width: int, *, signed: bool = True) -> st.SearchStrategy[int]:
    """Whole numbers, their extremes and those beyond 2**53 often among them."""
    least, most = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed else (0, 2**width - 1)
    return st.sampled_from([0, least, most, min(most, 2**53 + 1)]) | st.integers(least, most)


def temporal_cells(kind: pa.DataType, *, strange: bool) -> st.SearchStrategy[int]:
    """The numbers below dates, times, moments and durations."""
    if pa.types.is_time(kind):
        return st.integers(0, DAY * PER_SECOND[kind.unit] - (0 if strange else 1))
    if strange or (getattr(kind, "unit", "") in ("ms", "us", "ns") and kind != pa.date64()):
        return bits(kind.bit_width)
    if kind == pa.date64():
        return bits(32).map(lambda day: day * DAY * 1000)
    return bits(32)


def cells_of(kind: pa.DataType) -> st.SearchStrategy[Any]:
    if kind in FLOATS:
        odd = st.sampled_from([float("nan"), float("inf"), -0.0, 0.0])
        return odd | st.floats(width=FLOATS[kind])  # type: ignore[call-overload]  # 16, 32 or 64
    if pa.types.is_decimal(kind):
        most = 10**kind.precision - 1
        return st.sampled_from([0, most]) | st.integers(-most, most)
    if kind in INTEGERS:
        return bits(kind.bit_width, signed=pa.types.is_signed_integer(kind))
    if kind == pa.bool_():
        return st.booleans()
    if kind == pa.month_day_nano_interval():
        return st.just((1, 2, 3))
    return st.sampled_from(["", CANARY, "naïve 🧮", "a\0b", "None", "NaN"])


@st.composite
def flat(draw: st.DrawFn, kind: pa.DataType, size: int, *, strange: bool = False) -> pa.Array:
    temporal = pa.types.is_temporal(kind) and kind != pa.month_day_nano_interval()
    cells = temporal_cells(kind, strange=strange) if temporal else cells_of(kind)
    drawn = draw(st.lists(st.none() | cells, min_size=size, max_size=size))
    if kind == pa.null():
        return pa.nulls(size)
    if temporal:
        return pa.array(drawn, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)
    if pa.types.is_decimal(kind):
        scaled = [
            c if c is None else Decimal(c).scaleb(-kind.scale, Context(prec=76)) for c in drawn
        ]
        return pa.array([c if c is None else f"{c:f}" for c in scaled], pa.string()).cast(kind)
    if pa.types.is_fixed_size_binary(kind):
        width = kind.byte_width
        return pa.array(
            [(c and c.encode().ljust(width, b"!")[:width]) or None for c in drawn], kind
        )
    if pa.types.is_binary(kind) or kind in BYTES:
        return pa.array([c if c is None else c.encode() for c in drawn], kind)
    return pa.array(drawn, kind)


@st.composite
def lists(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    count = draw(st.integers(0, 4))
    items = draw(arrays(count, depth - 1, strange=strange))
    starts = sorted(draw(st.lists(st.integers(0, count), min_size=size, max_size=size)))
    ends = pa.array([*starts, count], pa.int32())
    form = draw(st.sampled_from(["list", "large", "view", "map"] if strange else ["list", "large"]))
    if form == "large":
        return pa.LargeListArray.from_arrays(ends.cast(pa.int64()), items)
    if form == "view":
        return pa.ListViewArray.from_arrays(ends[:-1], lengths_of(ends), items)
    if form == "map":
        return pa.MapArray.from_arrays(ends, pa.array(map(str, range(count)), pa.string()), items)
    return pa.ListArray.from_arrays(ends, items, mask=draw(masks(size)))


def lengths_of(ends: pa.Array) -> pa.Array:
    return pa.compute.subtract(ends[1:], ends[:-1])


def masks(size: int) -> st.SearchStrategy[pa.Array]:
    drawn = st.lists(st.booleans(), min_size=size, max_size=size)
    return drawn.map(lambda missing: pa.array(missing, pa.bool_()))


@st.composite
def fixed(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    width = draw(st.integers(0 if strange else 1, 3))
    items = draw(arrays(size * width, depth - 1, strange=strange))
    if not width:
        return pa.array([[]] * size, pa.list_(pa.int8(), 0))
    kind = pa.list_(items.type, width)
    return pa.FixedSizeListArray.from_arrays(items, type=kind, mask=draw(masks(size)))


@st.composite
def structs(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    names = draw(st.sampled_from([[], ["a"], ["a", "b"], *([["a", "a"]] if strange else [])]))
    strange = strange and names != ["a", "a"]
    children = [draw(arrays(size, depth - 1, strange=strange)) for _ in names]
    if names:
        return pa.StructArray.from_arrays(children, names, mask=draw(masks(size)))
    missing = draw(masks(size)).to_pylist()
    return pa.array([None if none else {} for none in missing], pa.struct([]))


@st.composite
def dictionaries(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    count = draw(st.integers(1, 4))
    words = draw(st.permutations(["low", "high", CANARY, ""]))[:count]
    text = st.sampled_from(TEXTS).map(lambda kind: pa.array(words, kind))
    repeated = flat(draw(st.sampled_from(HELD)), count)
    values = draw(text | repeated if strange or depth == DEEPEST else text)
    codes = draw(st.lists(st.none() | st.integers(0, count - 1), min_size=size, max_size=size))
    index = pa.array(codes, draw(st.sampled_from(INTEGERS)))
    sensible = depth == DEEPEST and values.type in TEXTS and values.to_pylist() == words
    ordered = draw(st.booleans()) and (strange or sensible)
    return pa.DictionaryArray.from_arrays(index, values, ordered=ordered)


@st.composite
def unions(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    children = [draw(arrays(size, 0, strange=False)) for _ in range(2)]
    which = pa.array([row % 2 for row in range(size)], pa.int8())
    if draw(st.booleans()):
        return pa.UnionArray.from_sparse(which, children)
    return pa.UnionArray.from_dense(which, pa.array(range(size), pa.int32()), children)


@st.composite
def runs(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    values = draw(flat(draw(st.sampled_from([*INTEGERS, *TEXTS[:2]])), size))
    return pa.RunEndEncodedArray.from_arrays(pa.array(range(1, size + 1), pa.int32()), values)


@st.composite
def extensions(draw: st.DrawFn, size: int, depth: int, *, strange: bool) -> pa.Array:
    kind, storage = draw(st.sampled_from(list(EXTENSIONS.items())))
    if pa.types.is_fixed_size_list(storage):
        return pa.ExtensionArray.from_storage(kind, pa.array([[1, 2]] * size, storage))
    return pa.ExtensionArray.from_storage(kind, draw(flat(storage, size)))


DEEPEST = 3
NESTED: list[Callable[..., st.SearchStrategy[pa.Array]]] = [lists, fixed, structs, dictionaries]
STRANGE = [unions, runs, extensions]


@st.composite
def arrays(draw: st.DrawFn, size: int, depth: int = DEEPEST, *, strange: bool) -> pa.Array:
    if depth > 0 and draw(st.booleans()):
        nested = draw(st.sampled_from([*NESTED, *STRANGE] if strange else NESTED))
        return draw(nested(size, depth, strange=strange))
    kind = draw(st.sampled_from([*HELD, *REFUSED * 3] if strange else HELD))
    return draw(flat(kind, size, strange=strange))


@st.composite
def columns(draw: st.DrawFn, *, strange: bool = False) -> pa.ChunkedArray:
    """A column in odd chunks, sliced out of a longer one."""
    array = draw(arrays(draw(st.integers(0, 9)), strange=strange))
    first, second = sorted(draw(st.tuples(st.integers(0, 9), st.integers(0, 9))))
    chunks = [array[draw(st.integers(0, 2)) : first], array[first:second], array[second:]]
    return pa.chunked_array(chunks, array.type)


# what is expected, told without Polars


def plain(cell: pa.Scalar) -> Any:
    """A cell with what it means, by which two of them can be compared."""
    kind = cell.type
    if pa.types.is_dictionary(kind):
        return plain(cell.value)
    if not cell.is_valid:
        return None
    if pa.types.is_timestamp(kind):
        zone = OFFSETS.get(kind.tz, kind.tz)
        return "moment", cell.value * (10**9 // PER_SECOND[kind.unit]), zone
    if pa.types.is_duration(kind):
        return "duration", cell.value * (10**9 // PER_SECOND[kind.unit])
    if pa.types.is_time(kind):
        return "time", cell.value * (10**9 // PER_SECOND[kind.unit])
    if pa.types.is_date(kind):
        return "date", cell.value // (DAY * 1000) if kind == pa.date64() else cell.value
    if pa.types.is_floating(kind):
        number = cell.as_py()
        return "float", "nan" if number != number else struct.pack(">d", number)
    if pa.types.is_struct(kind):
        return {name: plain(cell[name]) for name in cell}
    if pa.types.is_nested(kind):
        return [plain(item) for item in cell.values]
    return type(cell.as_py()).__name__, cell.as_py()


def cells_in(table: Any) -> list[list[Any]]:
    return [[plain(cell) for cell in column] for column in pa.table(table).columns]


WAYS: dict[str, Callable[[Dataset], object]] = {
    "arrow": Dataset.to_arrow,
    "polars": Dataset.to_polars,
    "pandas": Dataset.to_pandas,
    "lent pandas": Dataset.lend_pandas,
    "store": lambda dataset: through_the_store(dataset),
}


def through_the_store(dataset: Dataset) -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        fingerprint = put_dataset(Store(folder), dataset)
        stored = get_dataset(Store(folder), fingerprint)
        assert stored.fingerprint == dataset.fingerprint
        return Dataset.of(stored.to_polars())


def see_it_everywhere(table: pa.Table) -> None:
    dataset = Dataset.of(table)
    assert cells_in(dataset.to_arrow()) == cells_in(table)
    for way in WAYS.values():
        again = Dataset.of(way(dataset))
        assert again.schema == dataset.schema
        assert again.fingerprint == dataset.fingerprint


def refusal_of(table: pa.Table) -> str | None:
    try:
        see_it_everywhere(table)
    except DataError as error:
        return str(error)
    return None


def see_it_or_what_to_type(table: pa.Table) -> None:
    """The table is held, or refused with code that makes another column of the refused one."""
    for _ in range(4):
        said = refusal_of(table)
        if said is None:
            return
        assert said.startswith("Column 'of {interest}' has the Arrow type ")
        assert CANARY not in said
        try:
            table = as_it_says(said, table)
        except (OverflowError, ValueError):  # Python has no text for some strange cells
            return
    raise AssertionError("what the errors said to type did not help")


def as_it_says(said: str, table: pa.Table) -> pa.Table:
    code = re.split(r" (?:Convert it|Leave it out): ", said)[1].removesuffix(".")
    made = eval(code, {"pyarrow": pa, "table": table})
    return made if isinstance(made, pa.Table) else pa.table({"of {interest}": made})


@given(column=columns())
def test_every_arrow_type_has_the_same_cells_in_every_view(column: pa.ChunkedArray) -> None:
    see_it_everywhere(pa.table({"of interest": column}))


@given(column=columns(strange=True))
def test_any_arrow_type_is_held_or_refused_with_what_to_type(column: pa.ChunkedArray) -> None:
    see_it_or_what_to_type(pa.table({"of {interest}": column}))


@pytest.mark.soak
@settings(max_examples=20_000)
@given(column=columns(), strange=columns(strange=True))
def test_many_columns_of_all_types(column: pa.ChunkedArray, strange: pa.ChunkedArray) -> None:
    see_it_everywhere(pa.table({"of interest": column}))
    see_it_or_what_to_type(pa.table({"of {interest}": strange}))


@given(column=columns(), data=st.data())
def test_fingerprint_is_the_same_exactly_if_the_cells_are(
    column: pa.ChunkedArray, data: st.DataObject
) -> None:
    before = Dataset.of(pa.table({"a": column}))
    rows = data.draw(st.permutations(range(len(column))) if len(column) else st.just([]))
    after = Dataset.of(before.to_polars()[rows])
    same = cells_in(after.to_arrow()) == cells_in(before.to_arrow())
    assert (after.fingerprint == before.fingerprint) == same


def of(kind: pa.DataType, *cells: int) -> pa.Array:
    return pa.array(cells, pa.int32() if kind.bit_width == 32 else pa.int64()).view(kind)


STRANGE_COLUMNS = {
    "list views": pa.array([[1], None], pa.list_view(pa.int8())),
    "maps": pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())),
    "maps in lists": pa.array([[[("a", 1)]]], pa.list_(pa.map_(pa.string(), pa.int8()))),
    "unions": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([CANARY])]),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([2], pa.int32()), pa.array([CANARY])),
    "intervals": pa.array([(1, 2, 3), None], pa.month_day_nano_interval()),
    "wide decimals": pa.array([Decimal("1.5")], pa.decimal256(60, 2)),
    "decimals of hundreds": pa.array([Decimal(700)], pa.decimal128(3, 0)).cast(
        pa.decimal128(5, -2)
    ),
    "no bytes": pa.array([b""], pa.binary(0)),
    "lists of nothing": pa.array([[], None], pa.list_(pa.int8(), 0)),
    "same field twice": pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]),
    "zone of half hours": pa.array([0], pa.timestamp("us", "+05:30")),
    "seconds beyond milliseconds": of(pa.timestamp("s"), 2**62),
    "long durations": of(pa.duration("s"), 2**62),
    "25 o'clock": of(pa.time32("s"), 25 * 3600),
    "dates with hours": of(pa.date64(), 3_600_000),
    "moments in lists": pa.array([[2**62]], pa.list_(pa.int64())).cast(pa.list_(pa.timestamp("s"))),
    "ordered twice": pa.DictionaryArray.from_arrays(
        pa.array([0]), pa.array([CANARY, CANARY]), ordered=True
    ),
    "ordered moments": pa.DictionaryArray.from_arrays(
        pa.array([0]), of(pa.timestamp("ms"), 2**62, 0), ordered=True
    ),
    **{
        str(kind): pa.ExtensionArray.from_storage(kind, pa.nulls(1, storage))
        for kind, storage in EXTENSIONS.items()
    },
}


@pytest.mark.parametrize("column", STRANGE_COLUMNS.values(), ids=STRANGE_COLUMNS.keys())
def test_what_a_refusal_says_to_type_makes_a_column_that_is_held(column: pa.Array) -> None:
    table = pa.table({"of {interest}": column})
    said = refusal_of(table)
    assert said is not None
    assert CANARY not in said
    assert refusal_of(as_it_says(said, table)) is None


TYPES: dict[str, tuple[pa.Array, pl.DataType]] = {
    "date64 is a date": (of(pa.date64(), DAY * 1000), pl.Date()),
    "seconds become milliseconds": (of(pa.timestamp("s"), 1), pl.Datetime("ms")),
    "whole hours have a zone": (
        of(pa.timestamp("us", "-03:00"), 1),
        pl.Datetime("us", "Etc/GMT+3"),
    ),
    "no offset is UTC": (of(pa.timestamp("us", "+00:00"), 1), pl.Datetime("us", "UTC")),
    "narrow decimals": (pa.array([Decimal("1.5")], pa.decimal32(5, 1)), pl.Decimal(5, 1)),
    "wide type of narrow decimals": (
        pa.array([Decimal("1.5")], pa.decimal256(5, 1)),
        pl.Decimal(5, 1),
    ),
    "dictionary of numbers": (pa.array([7, 7]).dictionary_encode(), pl.Int64()),
    "ordered with an empty category": (
        pa.DictionaryArray.from_arrays(pa.array([1]), pa.array(["b", None]), ordered=True),
        pl.Enum(["b"]),
    ),
}


@pytest.mark.parametrize(("column", "dtype"), TYPES.values(), ids=TYPES.keys())
def test_arrow_type_becomes(column: pa.Array, dtype: pl.DataType) -> None:
    assert Dataset.of(pa.table({"a": column})).schema == {"a": dtype}
    see_it_everywhere(pa.table({"a": column}))


@pytest.mark.parametrize("kind", [pl.Datetime("us"), pl.Datetime("ns", "UTC"), pl.Duration("ms")])
def test_moment_that_stands_for_none_in_pandas_stays_a_moment(kind: pl.DataType) -> None:
    dataset = Dataset.of(pl.DataFrame({"a": pl.Series([-(2**63), None, 0]).cast(kind)}))
    assert Dataset.of(dataset.to_pandas()).fingerprint == dataset.fingerprint


def test_another_process_finds_the_fingerprints_of_all_types(tmp_path: Path) -> None:
    flats = {str(kind): pa.nulls(1, kind) for kind in HELD}
    table = pa.table({**flats, "list": pa.array([[{"a": [b"x", None]}]])})
    with pa.ipc.new_file(tmp_path / "all.arrow", table.schema) as file:
        file.write(table)
    code = (
        "import pyarrow as pa; from stepwell import Dataset\n"
        "print(Dataset.of(pa.ipc.open_file('all.arrow').read_all()).fingerprint)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.strip() == Dataset.of(table).fingerprint
