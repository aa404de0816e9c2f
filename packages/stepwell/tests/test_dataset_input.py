"""What a dataset cannot be made of, and what is said about it."""

import traceback
from datetime import timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from stepwell import DataError, Dataset, StepwellError

CANARY = "canary@example.org"

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
    "several indexes": (
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])),
        "an index of mixed values, which a dataset cannot keep.",
    ),
    "objects of several types": (
        pd.DataFrame({"mixed": [CANARY, 1]}),
        "Column 'mixed' of the pandas frame mixes types or holds objects that are no data",
    ),
    "objects that are no data": (
        pd.DataFrame({"thing": [object()]}),
        "Give it one type, for example frame['thing'].astype('str').",
    ),
    "complex numbers": (
        pd.DataFrame({"c": [1j]}),
        "Column 'c' of the pandas frame has the type complex128, which a dataset cannot hold",
    ),
    "zone of half hours": (
        pd.DataFrame({"t": [pd.Timestamp("2024", tz=timezone(timedelta(hours=5, minutes=30)))]}),
        "Column 't' of the pandas frame has the type datetime64[us, UTC+05:30], which a dataset",
    ),
    "periods": (
        pd.DataFrame({"p": pd.period_range("2024", periods=2, freq="M")}),
        "Column 'p' has the type Extension, which a dataset cannot hold.",
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
        "Column 'm' has the type Map, which a dataset cannot hold.",
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
