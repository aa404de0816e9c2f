"""What a dataset was made of is known wherever it goes."""

from __future__ import annotations

import pandas as pd
import polars as pl

from stepwell import Dataset, Origin, Pipeline, step
from stepwell.authoring import Store

FRAME = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
CREDIT = Origin(name="credit", version="1.2.0", contract="ab12")
RATES = Origin(name="rates", version="3", contract="cd34")


@step
def doubled(data: pd.DataFrame) -> pd.DataFrame:
    """A frame that knows nothing of where it came from."""
    return data.assign(a=data["a"] * 2)


@step(returns="joined")
def joined(data: Dataset, rates: Dataset) -> Dataset:
    """Rows of two datasets."""
    return Dataset.of(data.to_polars().join(rates.to_polars(), on="b", suffix="_rate"))


def test_origins_survive_new_rows_and_are_joined():
    other = Dataset.of(FRAME.head(1)).with_origins([RATES])
    made = Dataset.of(FRAME).with_origins([CREDIT]).with_data(other)
    assert made.origins == (CREDIT, RATES)


def test_same_origins_again_change_nothing():
    data = Dataset.of(FRAME).with_origins([CREDIT])
    assert data.with_origins([CREDIT]) is data


def test_data_of_another_version_has_another_fingerprint():
    first = Dataset.of(FRAME).with_origins([CREDIT])
    second = Dataset.of(FRAME).with_origins([CREDIT.model_copy(update={"version": "1.3.0"})])
    assert len({Dataset.of(FRAME).fingerprint, first.fingerprint, second.fingerprint}) == 3


def test_store_gives_origins_back(tmp_path):
    store = Store(tmp_path)
    data = Dataset.of(FRAME, roles={"a": "target"}).with_origins([CREDIT, RATES])
    found = store.get(store.put(data), "dataset")
    assert found.origins == (CREDIT, RATES)
    assert found.fingerprint == data.fingerprint


def test_record_says_what_every_dataset_came_from(tmp_path):
    pipeline = Pipeline("two", [doubled(), joined()], inputs={"data": Dataset, "rates": Dataset})
    run = pipeline.run(
        data=Dataset.of(FRAME).with_origins([CREDIT]),
        rates=Dataset.of(FRAME).with_origins([RATES]),
        store=tmp_path,
    )
    run.raise_for_status()
    origins = run.record["origins"]
    outputs = {s["name"]: next(iter(s["outputs"].values())) for s in run.record["steps"]}
    assert origins[run.record["inputs"]["rates"]] == [RATES.model_dump()]
    assert origins[outputs["doubled"]["fingerprint"]] == [CREDIT.model_dump()]
    assert origins[outputs["joined"]["fingerprint"]] == [CREDIT.model_dump(), RATES.model_dump()]


def test_cached_datasets_are_in_the_record_too(tmp_path):
    pipeline = Pipeline("one", [doubled()], inputs={"data": Dataset})
    data = Dataset.of(FRAME).with_origins([CREDIT])
    first = pipeline.run(data=data, store=tmp_path)
    second = pipeline.run(data=data, store=tmp_path)
    assert second.record["steps"][0]["state"] == "cached"
    assert second.record["origins"] == first.record["origins"] != {}
