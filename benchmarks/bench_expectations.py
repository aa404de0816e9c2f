"""25 expectations on 1,000,000 rows, beside Great Expectations, pandera and Polars alone."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from peers import python_of, version_of
from table import Row
from timing import in_turns, python

from stepwell import Dataset
from stepwell_data_check import DataCheck

ROWS, FEW = 1_000_000, 100_000
COLD = """
import sys
from stepwell import Load
from stepwell_data_check import DataCheck
check = DataCheck(suite={suite!r})
assert check.run(data=Load(source={source!r}).run().data).report.verdict == "passed"
print("great_expectations" in sys.modules)
"""
COLD_THEIRS = """
import sys
sys.path.insert(0, {benchmarks!r})
import pandas as pd
from bench_expectations import great_expectations_on
great_expectations_on(pd.read_parquet({source!r}))()
"""
PANDERA = str(Path(__file__).parent / "expectations" / "pandera_expectations.py")


def measure() -> Iterator[Row]:
    """In one process without the import of Great Expectations; then whether it was imported."""
    data = frame()
    dataset = Dataset.of(data)
    check = DataCheck(suite=suite())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = great_expectations_on(dataset.to_pandas())
        took = in_turns({"ours": lambda: _ours(check, dataset), "theirs": theirs}, times=5)
    ratio = took["theirs"] / took["ours"]
    yield Row(
        "25 expectations, 1,000,000 rows, 20 columns",
        "≥ 12 × Great Expectations without its import",
        f"{ratio:.1f} × ({took['ours']:.2f} s to {took['theirs']:.2f} s)",
        ratio >= 12,
    )
    yield from _beside_polars(check, dataset, data)
    yield from _beside_pandera(took["ours"], data)
    yield from _with_imports(data.head(FEW))
    imported = _imported_in_a_cold_process(data)
    yield Row(
        "the same in a cold process",
        "Great Expectations is not imported",
        "imported" if imported else "not imported",
        not imported,
    )


def _beside_polars(check: DataCheck, dataset: Dataset, frame: pl.DataFrame) -> Iterator[Row]:
    """What somebody would write by hand, who needs no names of rows and no result."""
    took = in_turns(
        {"ours": lambda: _ours(check, dataset), "hand": lambda: _by_hand(frame)}, times=9
    )
    ratio = took["ours"] / took["hand"]
    yield Row(
        "the same",
        "≤ 1.1 × one query of Polars, written by hand",
        f"{ratio:.2f} × ({took['ours']:.3f} s to {took['hand']:.3f} s)",
        ratio <= 1.1,
    )


def _by_hand(frame: pl.DataFrame) -> None:
    number = [pl.col(f"number_{at}") for at in range(10)]
    word = [pl.col(f"word_{at}") for at in range(9)]
    counts = [
        *(number[at].is_between(-9, 9).sum() for at in range(6)),
        *(number[at].is_not_nan().sum() for at in range(6, 10)),
        *(word[at].is_in(list("abcde")).sum() for at in range(4)),
        *(word[at].str.contains("^[a-e]$").sum() for at in (4, 5)),
        *((word[at].str.len_chars() >= 1).sum() for at in (6, 7)),
        (word[8] != "x").sum(),
        pl.col("id_0").n_unique(),
    ]
    wholes = [number[0].mean(), number[1].min(), number[2].max(), number[3].std()]
    query = [*counts, *wholes, word[0].n_unique()]
    found = frame.lazy().select(one.alias(str(at)) for at, one in enumerate(query))
    row = found.collect(engine="streaming").row(0)
    assert set(row[: len(counts)]) == {frame.height}


def _beside_pandera(ours: float, frame: pl.DataFrame) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/data.parquet"
        frame.write_parquet(source)
        theirs = float(python(PANDERA, source, interpreter=python_of("pandera")))
    ratio = theirs / ours
    yield Row(
        "the same",
        f"faster than {version_of('pandera')} on Polars",
        f"{ratio:.1f} × ({ours:.2f} s to {theirs:.2f} s)",
        ratio > 1,
    )


def _with_imports(frame: pl.DataFrame) -> Iterator[Row]:
    """Both in new processes, which read a Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/data.parquet"
        frame.write_parquet(source)
        given = {"source": source, "suite": suite(), "benchmarks": str(Path(__file__).parent)}
        works = {
            name: partial(python, "-W", "ignore", "-c", code.format(**given))
            for name, code in {"ours": COLD, "theirs": COLD_THEIRS}.items()
        }
        took = in_turns(works, times=3)
    ratio = took["theirs"] / took["ours"]
    yield Row(
        "the same on 100,000 rows in a cold process, imports included",
        "≥ 20 × Great Expectations",
        f"{ratio:.1f} × ({took['ours']:.2f} s to {took['theirs']:.2f} s)",
        ratio >= 20,
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


def frame() -> pl.DataFrame:
    """Ten columns of numbers, nine of words, and one that is unique."""
    random = np.random.default_rng(0)
    numbers = {f"number_{i}": random.normal(size=ROWS) for i in range(10)}
    words = {f"word_{i}": random.choice(list("abcde"), ROWS) for i in range(9)}
    return pl.DataFrame({**numbers, **words, "id_0": random.permutation(ROWS)})


def _ours(check: DataCheck, dataset: Dataset) -> None:
    assert check.run(data=dataset).report.verdict == "passed"


def great_expectations_on(frame: pd.DataFrame) -> Callable[[], None]:
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
