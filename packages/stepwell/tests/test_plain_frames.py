"""Plain pandas frames are held as they are, and nobody can tell but by the time it takes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pandas.testing import assert_frame_equal

from stepwell import Dataset
from stepwell._data._plain import PlainColumns
from stepwell._data._stored import get_dataset, put_dataset
from stepwell._storage._store import Store

PLAIN = pd.DataFrame(
    {
        "whole": np.arange(3, dtype="int16"),
        "number": [0.5, float("nan"), float("-inf")],
        "short": np.array([1, 2, 3], dtype="float32"),
        "yes": [True, False, True],
        "word": ["a", "", "ä"],
    }
)
NOT_PLAIN = {
    "nullable": pd.array([1, None], dtype="Int64"),
    "text with a gap": pd.array(["a", None], dtype="str"),
    "objects": pd.Series(["a", "b"], dtype=object),
    "categories": pd.Categorical(["a", "b"]),
    "moments": pd.to_datetime(["2026-01-01", "2026-01-02"]),
    "half": np.array([1, 2], dtype="float16"),
}

PIPELINE = """
import sys
import pandas as pd
from stepwell import Pipeline, step

@step
def load() -> pd.DataFrame:
    return pd.DataFrame({"number": [1.5, 2.5], "word": ["a", "b"]})

@step
def double(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(twice=data["number"] * 2)

run = Pipeline("plain", [load(), double()]).run(store="store", observers=[])
assert run.status == "succeeded", run.status
print("polars" in sys.modules)
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "store"))


def test_plain_frame_is_held_as_it_is() -> None:
    assert isinstance(Dataset.of(PLAIN)._given, PlainColumns)


@pytest.mark.parametrize("column", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_any_other_frame_is_held_as_polars(column: object) -> None:
    frame = pd.DataFrame({"number": [1.0, 2.0], "column": column})
    assert isinstance(Dataset.of(frame)._given, pl.DataFrame)


def test_plain_frame_has_the_fingerprint_of_the_same_data_in_polars(store: Store) -> None:
    plain, other = Dataset.of(PLAIN), Dataset.of(Dataset.of(PLAIN).to_polars())
    assert plain.fingerprint == other.fingerprint == put_dataset(store, plain)
    assert (plain.schema, plain.columns, len(plain)) == (other.schema, other.columns, len(other))


def test_plain_frame_looks_the_same_before_and_after_the_store(store: Store) -> None:
    given = PLAIN.iloc[[2, 0, 1]]
    given.columns = pd.Index(given.columns, dtype=object, name="names")
    given.attrs["note"] = "ours"
    before = Dataset.of(given)
    after = get_dataset(store, put_dataset(store, before))
    assert_frame_equal(before.to_pandas(), after.to_pandas())
    assert before.to_pandas().attrs == after.to_pandas().attrs == {}


def test_frame_that_is_lent_and_changed_leaves_the_dataset_as_it_was() -> None:
    dataset = Dataset.of(PLAIN)
    lent = dataset.lend_pandas()
    lent.loc[0, "whole"] = 7
    lent["word"] = "z"
    assert_frame_equal(dataset.to_pandas(), PLAIN)


def test_giver_who_changes_the_frame_leaves_the_dataset_as_it_was() -> None:
    given = PLAIN.copy()
    dataset = Dataset.of(given)
    given.loc[0, "whole"] = 7
    assert_frame_equal(dataset.to_pandas(), PLAIN)


def test_pipeline_of_plain_frames_never_imports_polars(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(PIPELINE)
    done = subprocess.run(
        [sys.executable, "plain.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
