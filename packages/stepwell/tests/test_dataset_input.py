"""What a dataset cannot be made of, and what is said about it."""

import traceback
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stepwell import DataError, Dataset, StepwellError

CANARY = "canary@example.org"


def ordered(*categories: str) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0]), pa.array(categories), ordered=True)


REFUSED: dict[str, tuple[object, str]] = {
    "path as text": ("data.csv", 'this is a str. Read a file with the step Load(source="...")'),
    "path": (Path("data.csv"), "this is a PosixPath. Read a file with the step Load"),
    "dict": ({"a": [1]}, "this is a dict. Make a frame of it: polars.DataFrame(...)."),
    "list": ([{"a": CANARY}], "this is a list."),
    "nothing": (None, "this is a NoneType."),
    "number": (3, "this is a int."),
    "NumPy array": (np.zeros((2, 2)), "this is a ndarray."),
    "pandas column": (pd.Series([1]), "The Arrow data cannot be read"),
    "Polars column": (pl.Series([1]), "The Arrow data cannot be read"),
    "same names in pandas": (
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        "The pandas frame has columns with the same name: a.",
    ),
    "same names in Arrow": (
        pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]),
        "The table has columns with the same name: a.",
    ),
    "names that are no text": (
        pd.DataFrame([[1, 2]]),
        "2 column names that are no text. Rename them: frame.columns =",
    ),
    "named index": (
        pd.DataFrame({"a": [1]}, index=pd.Index([7], name="customer")),
        "the index customer, which a dataset cannot keep. Make it a column: frame.reset_index()",
    ),
    "index of text": (
        pd.DataFrame({"a": [1]}, index=[CANARY]),
        "an index of string values, which a dataset cannot keep.",
    ),
    "index of text without columns": (
        pd.DataFrame(index=[CANARY]),
        "an index of string values, which a dataset cannot keep.",
    ),
    "categories in an order of their own": (
        pd.DataFrame({"k": pd.Categorical([2, 1], categories=[2, 1], ordered=True)}),
        "Convert it: frame['k'] = frame['k'].astype('str').",
    ),
    "intervals": (
        pd.DataFrame({"band": pd.cut(pd.Series([1, 2]), 2)}),
        "Convert it: frame['band'] = frame['band'].astype('str').",
    ),
    "sparse numbers": (
        pd.DataFrame({"s": pd.arrays.SparseArray([0, 1])}),
        "Convert it: frame['s'] = frame['s'].sparse.to_dense().",
    ),
    "zone that does not exist": (
        pa.table({"t": pa.array([0], pa.timestamp("us", "Mars/Base"))}),
        'Convert it: table[\'t\'].cast(pyarrow.timestamp("us", "UTC")).',
    ),
    "text that is no text": (
        pa.table({"t": pa.array([b"\xff"]).view(pa.string())}),
        "Column 't' has the Arrow type string and cells that are damaged or out of the range",
    ),
    "categories in two orders": (
        pa.table({"k": pa.chunked_array([ordered("a", "b"), ordered("b", "a")])}),
        "Convert it: table['k'].cast(table['k'].type.value_type).",
    ),
    "several indexes": (
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])),
        "an index of mixed values, which a dataset cannot keep.",
    ),
    "objects of several types": (
        pd.DataFrame({"mixed": [CANARY, 1]}),
        "Column 'mixed' of the pandas frame mixes text, whole numbers, which a dataset cannot "
        "hold. Convert it: frame['mixed'] = frame['mixed'].astype('str').",
    ),
    "objects that are no data": (
        pd.DataFrame({"thing": [object()]}),
        "Column 'thing' of the pandas frame holds objects of builtins.object, which a dataset",
    ),
    "complex numbers": (
        pd.DataFrame({"c": [1j]}),
        "Column 'c' of the pandas frame has the type complex128, which a dataset cannot hold",
    ),
    "zone of half hours": (
        pd.DataFrame({"t": [pd.Timestamp("2024", tz=timezone(timedelta(hours=5, minutes=30)))]}),
        "Convert it: frame['t'] = frame['t'].dt.tz_convert('UTC').",
    ),
    "periods": (
        pd.DataFrame({"p": pd.period_range("2024", periods=2, freq="M")}),
        "Column 'p' has the Arrow type extension<pandas.period<ArrowPeriodType>>, which a dataset "
        "cannot hold. Convert it: frame['p'] = frame['p'].astype('str').",
    ),
    "union": (
        pa.table({"u": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([CANARY])])}),
        "Column 'u' has the Arrow type sparse_union<0: string=0>, which a dataset cannot hold",
    ),
    "decimals of 256 bits": (
        pa.table({"d": pa.array([1], pa.decimal256(50, 2))}),
        "Column 'd' has the Arrow type decimal256(50, 2), which a dataset cannot hold",
    ),
    "maps": (
        pa.table({"m": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64()))}),
        "Column 'm' has the Arrow type map<string, int64>, which a dataset cannot hold. Convert it",
    ),
    "integers of 128 bits": (
        pl.DataFrame({"i": pl.Series([1], dtype=pl.Int128)}),
        "Column 'i' has the type Int128, which a dataset cannot hold. Cast it, for example polars",
    ),
    "integers of 128 bits in a list": (
        pl.DataFrame({"i": pl.Series([[1]], dtype=pl.List(pl.Int128))}),
        "Column 'i' has the type Int128, which a dataset cannot hold.",
    ),
    "Python objects in Polars": (
        pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}),
        "Column 'o' has the type Object, which a dataset cannot hold.",
    ),
    "arrays without width": (
        pl.DataFrame({"a": pl.Series([[]], dtype=pl.Array(pl.Int8, 0))}),
        "Column 'a' has the type Array of width 0, which a dataset cannot hold.",
    ),
    "named categories": (
        pl.DataFrame({"k": pl.Series(["a"], dtype=pl.Categorical(pl.Categories("colours")))}),
        "Column 'k' has the type Categorical with named categories, which a dataset cannot hold.",
    ),
}


NAN = float("nan")
LOSSY: dict[str, tuple[list[object], str]] = {
    "text beside bytes": ([CANARY, b"a"], "mixes bytes, text"),
    "dates beside moments": (
        [date(2024, 1, 1), datetime(2024, 1, 1, 5)],
        "mixes dates, points in time",
    ),
    "moments with and without a zone": (
        [datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)],
        "mixes points in time, points in time of zone UTC",
    ),
    "dates beside moments in lists": (
        [[date(2024, 1, 1), datetime(2024, 1, 1, 5)]],
        "mixes dates, points in time",
    ),
    "text beside bytes in mappings": ([{"a": CANARY}, {"a": b"b"}], "mixes bytes, text"),
    "moments with nanoseconds": ([pd.Timestamp(1)], "holds objects of pandas with nanoseconds"),
    "durations with nanoseconds": ([pd.Timedelta(1)], "holds objects of pandas with nanoseconds"),
    "times with a zone": ([time(1, tzinfo=UTC)], "holds objects of datetime.time with a zone"),
    "decimals that are no number": ([Decimal("NaN"), Decimal(1)], "decimal.Decimal that are no"),
    "identifiers": ([uuid.uuid4()], "holds objects of uuid.UUID"),
    "sets": ([{1, 2}], "holds objects of builtins.set"),
    "truth values beside numbers": ([True, 1], "mixes truth values, whole numbers"),
    "numbers beyond floats": ([2**53 + 1, 1.5], "has objects that make no column"),
    "decimals of 40 digits": ([Decimal("9" * 40)], "has the Arrow type decimal256(40, 0)"),
    "numbers of 70 bits": ([2**70], "has objects that make no column"),
}


@pytest.mark.parametrize(("cells", "message"), LOSSY.values(), ids=LOSSY.keys())
def test_objects_that_would_become_less_are_refused_with_what_to_type(
    cells: list[object], message: str
) -> None:
    frame = pd.DataFrame({"thing": pd.Series(cells, dtype=object)})
    with pytest.raises(DataError) as caught:
        Dataset.of(frame)
    assert message in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    exec(str(caught.value).partition("Convert it: ")[2].removesuffix("."), {"frame": frame})
    assert Dataset.of(frame).schema == {"thing": pl.String()}


HELD: dict[str, tuple[list[object], list[object]]] = {
    "NaN beside null among numbers": ([1.5, None, NAN], [1.5, None, NAN]),
    "NaN in a list beside a missing list": ([[1.5, NAN, None], NAN], [[1.5, NAN, None], None]),
    "missing of pandas among numbers": ([1, pd.NA], [1, None]),
    "missing of pandas among moments": (
        [datetime(2024, 1, 1), pd.NaT],
        [datetime(2024, 1, 1), None],
    ),
    "decimals of several scales": (
        [Decimal("1.5"), Decimal("2.25")],
        [Decimal("1.50"), Decimal("2.25")],
    ),
    "arrays": ([np.array([1, 2]), np.array([3])], [[1, 2], [3]]),
    "mappings with other keys": (
        [{"a": 1}, {"b": 2}],
        [{"a": 1, "b": None}, {"a": None, "b": 2}],
    ),
}


@pytest.mark.parametrize(("cells", "held"), HELD.values(), ids=HELD.keys())
def test_objects_of_one_kind_are_held_as_they_are(cells: list[object], held: list[object]) -> None:
    dataset = Dataset.of(pd.DataFrame({"thing": pd.Series(cells, dtype=object)}))
    assert str(dataset.to_polars()["thing"].to_list()) == str(held)


@pytest.mark.filterwarnings("ignore:.*object.*:UserWarning")
@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_a_message_that_says_what_it_is(data: object, message: str) -> None:
    with pytest.raises(DataError) as caught:
        Dataset.of(data)
    assert message in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


LAZY: dict[str, tuple[pl.LazyFrame, str]] = {
    "unknown column": (
        pl.LazyFrame({"a": [CANARY]}).select("b"),
        "The dataset cannot be read: there is no column 'b'.",
    ),
    "text that is no number": (
        pl.LazyFrame({"a": [CANARY]}).select(pl.col("a").cast(pl.Int64)),
        "a value does not fit the type of its column",
    ),
    "file that is gone": (
        pl.scan_csv("gone.csv"),
        "The dataset cannot be read: a file does not exist.",
    ),
    "type that cannot be held": (
        pl.LazyFrame({"a": [1]}).select(pl.col("a").cast(pl.Int128)),
        "Column 'a' has the type Int128",
    ),
}


@pytest.mark.parametrize(("data", "message"), LAZY.values(), ids=LAZY.keys())
def test_lazy_frame_that_cannot_be_collected_is_explained(data: pl.LazyFrame, message: str) -> None:
    with pytest.raises(DataError) as caught:
        _ = Dataset.of(data).fingerprint
    assert message in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_roles_of_a_column_that_does_not_exist_are_refused() -> None:
    with pytest.raises(DataError, match=r"'incme'.*Did you mean 'income'\? Columns: age, income\."):
        Dataset.of(pl.DataFrame({"age": [1], "income": [2]}), roles={"incme": "target"})


def test_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(StepwellError, match=r"the role 'targt'.*Did you mean 'target'\?"):
        Dataset.of(pl.DataFrame({"age": [1]}), roles={"age": "targt"})


ACCEPTED: dict[str, tuple[object, pl.DataType]] = {
    "text beside NaN in objects": (pd.Series(["a", np.nan], dtype=object), pl.String()),
    "numbers beside None in objects": (pd.Series([1, None], dtype=object), pl.Int64()),
    "categories of numbers": (pd.Series([1, 2], dtype="category"), pl.Int64()),
    "ordered categories": (
        pd.Series(pd.Categorical(["a"], categories=["b", "a"], ordered=True)),
        pl.Enum(["b", "a"]),
    ),
    "categories without any": (pd.Series([], dtype="category"), pl.Categorical()),
    "whole seconds": (pd.Series(["2024-01-01"], dtype="datetime64[s]"), pl.Datetime("ms")),
    "zone of whole hours": (
        pd.Series([pd.Timestamp("2024", tz=timezone(timedelta(hours=2)))]),
        pl.Datetime("us", "Etc/GMT-2"),
    ),
    "nullable integers": (pd.Series([2**53 + 1, None], dtype="Int64"), pl.Int64()),
    "Arrow-backed decimals": (
        pd.Series([None], dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
        pl.Decimal(5, 2),
    ),
}


@pytest.mark.parametrize(("column", "dtype"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_pandas_column_becomes(column: pd.Series, dtype: pl.DataType) -> None:
    dataset = Dataset.of(pd.DataFrame({"column": column}))
    assert dataset.schema["column"] == dtype
    assert dataset.to_polars()["column"].null_count() == column.isna().sum()


@pytest.mark.parametrize(
    "data",
    [
        pa.record_batch({"a": [1, 2]}),
        pa.RecordBatchReader.from_batches(
            pa.schema([("a", pa.int64())]), [pa.record_batch({"a": [1, 2]})]
        ),
        pd.DataFrame({"a": [0, 1, 2]}).iloc[1:],
        pl.DataFrame({"a": [1, 2]}).lazy(),
    ],
    ids=["batch", "stream", "rows of a pandas frame", "lazy frame"],
)
def test_whatever_speaks_arrow_is_accepted(data: object) -> None:
    assert Dataset.of(data).to_polars().equals(pl.DataFrame({"a": [1, 2]}))


def test_a_dataset_is_returned_as_it_is() -> None:
    dataset = Dataset.of(pl.DataFrame({"a": [1]}))
    assert Dataset.of(dataset) is dataset
    assert dataset.with_roles({}) is dataset


def test_repr_shows_names_only() -> None:
    dataset = Dataset.of(pl.DataFrame({"mail": [CANARY], "age": [31]}))
    assert repr(dataset) == "Dataset(2 columns: mail, age)"
