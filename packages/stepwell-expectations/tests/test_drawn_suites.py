"""Suites and data drawn at random, through Great Expectations itself and compiled."""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepwell import Dataset
from stepwell_expectations._conclusion import added_up, outcomes
from stepwell_expectations._great_expectations import _batch_of, _quiet
from stepwell_expectations._suite import expectation_of
from stepwell_expectations._tally import tally

CELLS = {
    "whole": st.none() | st.integers(-3, 5),
    "real": st.none() | st.sampled_from([-2.5, -0.0, 0.0, 1.0, 1.5, 4.0, math.nan]),
    "full": st.integers(-3, 5),
    "text": st.none() | st.sampled_from(["", "a", "b", "ab", "a\n", "Ä", "12", "2024-02-30", "{}"]),
    "word": st.sampled_from(["a", "b", "ab", "1", "[1]", "2024-01-02", "3.4.24"]),
    "day": st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 9)),
}
TYPES = {
    "whole": pl.Int64,
    "real": pl.Float64,
    "full": pl.Int64,
    "text": pl.String,
    "word": pl.String,
    "day": pl.Date,
}
NUMERIC = st.sampled_from(["whole", "real", "full"])
TEXTUAL = st.sampled_from(["text", "word"])
ANY = st.sampled_from([*TYPES])
MEMBERS = st.lists(st.sampled_from([0, 1, 1.5, 4, "a", "ab", "", "12", True]), max_size=4)
SOME_MEMBERS = MEMBERS.filter(bool)
SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
PATTERN = st.sampled_from(["^a", "b$", "^.$", "", r"\d", "a|Ä", r"^\s*$"])
BOUND = st.none() | st.sampled_from([-2, 0, 1, 1.5, 4])


@st.composite
def bounds(draw, bound=BOUND):
    low, high = draw(bound), draw(bound)
    if low is None and high is None:
        low = 0
    if low is not None and high is not None and low > high:
        low, high = high, low
    named = {"min_value": low, "max_value": high, "strict_min": draw(st.booleans())}
    return {**named, "strict_max": draw(st.booleans())}


def of(column, **others):
    return st.fixed_dictionaries({"column": column, **others})


@st.composite
def between(draw, column, bound=BOUND):
    return {"column": draw(column), **draw(bounds(bound))}


def several(ignored=("all_values_are_missing", "any_value_is_missing", "never")):
    lists = st.lists(ANY, min_size=2, max_size=3, unique=True)
    return st.fixed_dictionaries({"column_list": lists, "ignore_row_if": st.sampled_from(ignored)})


def pair(column, **others):
    ignored = st.sampled_from(["both_values_are_missing", "either_value_is_missing", "neither"])
    columns = {"column_A": column, "column_B": column, "ignore_row_if": ignored}
    return st.fixed_dictionaries({**columns, **others})


LENGTHS = st.none() | st.integers(0, 3)
ROWS = {
    "column_values_to_not_be_null": of(ANY),
    "column_values_to_be_null": of(ANY),
    "column_values_to_be_unique": of(ANY),
    "column_values_to_be_between": between(NUMERIC),
    "column_values_to_be_in_set": of(ANY, value_set=MEMBERS),
    "column_values_to_not_be_in_set": of(ANY, value_set=MEMBERS),
    "column_values_to_match_regex": of(TEXTUAL, regex=PATTERN),
    "column_values_to_not_match_regex": of(TEXTUAL, regex=PATTERN),
    "column_values_to_match_regex_list": of(
        TEXTUAL,
        regex_list=st.lists(PATTERN.filter(bool), min_size=1, max_size=2),
        match_on=st.sampled_from(["any", "all"]),
    ),
    "column_value_lengths_to_be_between": between(TEXTUAL, LENGTHS),
    "column_values_to_be_increasing": of(ANY, strictly=st.booleans()),
    "column_values_to_be_decreasing": of(ANY, strictly=st.booleans()),
    "column_values_to_match_strftime_format": of(
        TEXTUAL, strftime_format=st.sampled_from(["%Y-%m-%d", "%d.%m.%y", "%H"])
    ),
    "column_values_to_be_dateutil_parseable": of(TEXTUAL),
    "column_values_to_be_json_parseable": of(TEXTUAL),
    "column_value_z_scores_to_be_less_than": of(
        NUMERIC, threshold=st.sampled_from([0.3, 1.1]), double_sided=st.booleans()
    ),
    "column_values_to_not_be_outliers": of(
        NUMERIC, method=st.sampled_from(["iqr", "std"]), multiplier=st.sampled_from([0, 0.7, 1.5])
    ),
    "compound_columns_to_be_unique": several(),
    "multicolumn_values_to_be_equal": several(),
    "select_column_values_to_be_unique_within_record": several(
        ["any_value_is_missing"]  # for pandas, missing numbers differ from missing text
    ),
    "column_pair_values_a_to_be_greater_than_b": pair(NUMERIC, or_equal=st.booleans()),
    "column_pair_values_to_be_in_set": pair(
        ANY, value_pairs_set=st.lists(st.tuples(*[st.sampled_from([None, 0, 1, "a", "ab"])] * 2))
    ),
}
WHOLE = {
    "column_min_to_be_between": between(NUMERIC),
    "column_max_to_be_between": between(NUMERIC),
    "column_mean_to_be_between": between(NUMERIC),
    "column_median_to_be_between": between(NUMERIC),
    "column_sum_to_be_between": between(NUMERIC),
    "column_stdev_to_be_between": between(NUMERIC),
    "column_unique_value_count_to_be_between": between(ANY, LENGTHS),
    "column_proportion_of_unique_values_to_be_between": between(ANY, st.none() | SHARES),
    "column_distinct_values_to_be_in_set": of(ANY, value_set=SOME_MEMBERS),
    "column_distinct_values_to_contain_set": of(ANY, value_set=SOME_MEMBERS),
    "column_distinct_values_to_equal_set": of(ANY, value_set=SOME_MEMBERS),
    "column_most_common_value_to_be_in_set": of(ANY, value_set=MEMBERS, ties_okay=st.booleans()),
    "column_quantile_values_to_be_between": of(
        NUMERIC,
        quantile_ranges=st.builds(
            lambda share, low: {"quantiles": [share], "value_ranges": [[low, low + 1]]},
            SHARES,
            st.integers(-3, 4),
        ),
        allow_relative_error=st.sampled_from([False, "linear", "lower", "higher", "midpoint"]),
    ),
    "table_row_count_to_be_between": bounds(LENGTHS),
}
CONDITIONS = st.sampled_from(
    [None, None, "full > 0", "full in [1, 2]", "full != 1 and text.notnull()", "word == 'a'"]
)


@st.composite
def expectations(draw):
    type_ = draw(st.sampled_from([*ROWS, *WHOLE]))
    kwargs = draw({**ROWS, **WHOLE}[type_])
    if type_ in ROWS:
        kwargs["mostly"] = draw(SHARES)
    condition = draw(CONDITIONS)
    if condition and "pair_values_to_be_in_set" not in type_:  # where the other one forgets it
        kwargs |= {"row_condition": condition, "condition_parser": "pandas"}
    return {"type": f"expect_{type_}", "kwargs": kwargs}


@st.composite
def frames(draw):
    height = draw(st.integers(0, 9))
    columns = {
        name: draw(st.lists(cells, min_size=height, max_size=height))
        for name, cells in CELLS.items()
    }
    return pl.DataFrame(columns, schema=TYPES, strict=False)


DRAWN = given(data=frames(), suite=st.lists(expectations(), min_size=4, max_size=10))
ANY_TIME = {"deadline": None, "suppress_health_check": [*HealthCheck]}


@DRAWN
@settings(max_examples=25, derandomize=True, **ANY_TIME)
def test_both_engines_agree(data, suite):
    compare(data, suite)


@pytest.mark.soak
@DRAWN
@settings(max_examples=3000, **ANY_TIME)
def test_both_engines_agree_on_many(data, suite):
    compare(data, suite)


def compare(data, suite):
    ours = by_us(data, suite)
    for given_, mine, theirs in zip(suite, ours, by_great_expectations(data, suite), strict=True):
        if (
            theirs is None
        ):  # it raised; then no answer of ours is wrong, and none is a pass by chance
            continue
        assert mine.success == theirs["success"], (given_, mine, theirs)
        for name, count in theirs["result"].items():
            assert mine.result.get(name) == pytest.approx(count), (given_, name, mine, theirs)


def by_us(data, suite):
    made = [expectation_of(one) for one in suite]
    return outcomes(made, added_up(tally("{}", made, data.lazy(), {})))


COUNTS = ("element_count", "unexpected_count", "missing_count")


def by_great_expectations(data, suite):
    """`success` and counts; None where it raised."""
    frame = Dataset.of(data).to_pandas()
    frame["real"] = data["real"].to_numpy()
    with _quiet(), _batch_of(frame) as batch:
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )

        for one in suite:
            made = ExpectationConfiguration(**one).to_domain_obj()
            answer = batch.validate(made, result_format="SUMMARY").to_json_dict()
            result = answer["result"]
            raised = answer["exception_info"].get("raised_exception", True)
            yield (
                None
                if raised or result.get("unexpected_count", 0) is None
                else {
                    "success": answer["success"],
                    "result": {name: result[name] for name in COUNTS if name in result},
                }
            )
