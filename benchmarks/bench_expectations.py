"""25 expectations on 1,000,000 rows and 20 columns, beside Great Expectations."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from table import Row
from timing import in_turns, python

from stepwell import Dataset
from stepwell_data_check import DataCheck

ROWS = 1_000_000
COLD = """
import sys
from stepwell import Load
from stepwell_data_check import DataCheck
check = DataCheck(suite={suite!r})
assert check.run(data=Load(source={source!r}).run().data).report.verdict == "passed"
print("great_expectations" in sys.modules)
"""


def measure() -> Iterator[Row]:
    """In one process without the import of Great Expectations; then whether it was imported."""
    frame = _frame()
    dataset = Dataset.of(frame)
    check = DataCheck(suite=suite())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = _great_expectations(dataset.to_pandas())
        took = in_turns({"ours": lambda: _ours(check, dataset), "theirs": theirs}, times=5)
    ratio = took["theirs"] / took["ours"]
    yield Row(
        "25 expectations, 1,000,000 rows, 20 columns",
        "≥ 10 × Great Expectations without its import",
        f"{ratio:.1f} × ({took['ours']:.2f} s to {took['theirs']:.2f} s)",
        ratio >= 10,
    )
    imported = _imported_in_a_cold_process(frame)
    yield Row(
        "the same in a cold process",
        "Great Expectations is not imported",
        "imported" if imported else "not imported",
        not imported,
    )


def suite() -> list[dict[str, Any]]:
    """20 expectations of values and 5 of whole columns."""
    return list(
        chain(
            _each("values_to_be_between", "number", range(6), min_value=-9, max_value=9),
            _each("values_to_not_be_null", "number", range(6, 10), mostly=0.9),
            _each("values_to_be_in_set", "word", range(4), value_set=list("abcde")),
            _each("values_to_match_regex", "word", range(4, 6), regex="^[a-e]$"),
            _each("value_lengths_to_be_between", "word", range(6, 8), min_value=1),
            _each("values_to_not_be_in_set", "word", range(8, 9), value_set=["x"]),
            _each("values_to_be_unique", "id", range(1)),
            _each("mean_to_be_between", "number", range(1), min_value=-1, max_value=1),
            _each("min_to_be_between", "number", range(1, 2), max_value=0),
            _each("max_to_be_between", "number", range(2, 3), min_value=0),
            _each("stdev_to_be_between", "number", range(3, 4), min_value=0, max_value=2),
            _each("unique_value_count_to_be_between", "word", range(1), max_value=5),
        )
    )


def _each(what: str, column: str, numbers: range, **kwargs: Any) -> Iterator[dict[str, Any]]:
    for number in numbers:
        yield {
            "type": f"expect_column_{what}",
            "kwargs": {"column": f"{column}_{number}", **kwargs},
        }


def _frame() -> pl.DataFrame:
    random = np.random.default_rng(0)
    numbers = {f"number_{i}": random.normal(size=ROWS) for i in range(10)}
    words = {f"word_{i}": random.choice(list("abcde"), ROWS) for i in range(9)}
    return pl.DataFrame({**numbers, **words, "id_0": random.permutation(ROWS)})


def _ours(check: DataCheck, dataset: Dataset) -> None:
    assert check.run(data=dataset).report.verdict == "passed"


def _great_expectations(frame: pd.DataFrame) -> Callable[[], None]:
    """The same suite as Great Expectations' documentation runs it on a frame."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("data").add_dataframe_asset("data")
    definition = asset.add_batch_definition_whole_dataframe("data")
    expectations = great_expectations.ExpectationSuite(
        name="suite",
        expectations=[ExpectationConfiguration(**one).to_domain_obj() for one in suite()],
    )

    def validate() -> None:
        batch = definition.get_batch(batch_parameters={"dataframe": frame})
        assert batch.validate(expectations).success

    return validate


def _imported_in_a_cold_process(frame: pl.DataFrame) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/data.parquet"
        frame.write_parquet(source)
        return python("-c", COLD.format(source=source, suite=suite())).strip() == "True"
