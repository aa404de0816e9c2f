"""Every compiled expectation type against Great Expectations itself: the same answer and counts.

Where the two differ on purpose, the test says so: compiled expectations answer where Great
Expectations raises, and refuse to pass where it compares what cannot be compared.
"""

import datetime as dt
import itertools
import math
import warnings

import polars as pl
import pytest

from stepwell_expectations._columns import Columns
from stepwell_expectations._compiled import COMPILED
from stepwell_expectations._conclusion import added_up, outcomes
from stepwell_expectations._great_expectations import validate
from stepwell_expectations._suite import expectation_of
from stepwell_expectations._tally import tally

NAN = float("nan")
DATA = pl.DataFrame(
    {
        "whole": [1, 2, None, 4, 5, 5, -3, 0],
        "other": [1, 2, 3, 4, 5, 6, 7, 8],
        "small": pl.Series([1, 2, None, 4, 5, 5, 255, 0], dtype=pl.UInt8),
        "real": [1.0, 2.5, None, NAN, 5.0, float("inf"), -0.0, 0.0],
        "full": [1.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        "truth": [True, False, None, True, True, False, False, True],
        "text": ["a", "bb", "ccc", None, "bb", "", "Müller", "a\n"],
        "day": [*(dt.date(2024, 1, day) for day in range(1, 8)), None],
        "empty": pl.Series([None] * 8, dtype=pl.Float64),
    }
).with_columns(
    category=pl.col("text").cast(pl.Categorical),
    enum=pl.col("text").cast(pl.Enum(["a", "bb", "ccc", "", "Müller", "a\n"])),
    decimal=pl.col("other").cast(pl.Decimal(10, 2)),
)
NUMBERS = ("whole", "small", "real", "full", "truth", "empty", "decimal")
TEXTS = ("text", "category", "enum")

BOUNDS = (
    {"min_value": 1},
    {"max_value": 5},
    {"min_value": 1, "max_value": 5, "strict_min": True},
    {"min_value": 1, "max_value": 5, "strict_max": True},
    {"min_value": 1.5, "max_value": 4.5, "strict_min": True, "strict_max": True},
    {"min_value": 2.5},
)
SETS = ([1, 2.5], ["a", "bb"], [True], [None, 5], [1.0, 0], [], ["a", 1], [0.1])
PATTERNS = ("^a$", r"^\w+$", "b+", r"^\d$", "(?i)A", "(?m)^a$", "[$]", r"a\Z", "", r"^[^a]*$")
IGNORED = ("both_values_are_missing", "either_value_is_missing", "neither")
IGNORED_OF_SEVERAL = ("all_values_are_missing", "any_value_is_missing", "never")


def cases():
    """The arguments of each type that are compared, one list per type."""
    every = DATA.columns
    between = [{"column": one, **bounds} for one in NUMBERS for bounds in BOUNDS]
    days = [{"column": "day", "min_value": "2024-01-02", "max_value": "2024-01-05"}]
    in_sets = [{"column": one, "value_set": values} for one in NUMBERS + TEXTS for values in SETS]
    in_sets = [one for one in in_sets if one["column"] != "decimal"]
    matches = [{"column": one, "regex": regex} for one in ("text", "enum") for regex in PATTERNS]
    plain = [{"column": one} for one in every]
    pairs = [
        {"column_A": one, "column_B": other, "ignore_row_if": ignored}
        for one, other in [("real", "full"), ("full", "real"), ("other", "full"), ("day", "day")]
        for ignored in IGNORED
    ]
    several = [
        {"column_list": columns, "ignore_row_if": ignored}
        for columns in (["whole", "other"], ["whole", "real"], ["text", "truth"], ["text", "enum"])
        for ignored in IGNORED_OF_SEVERAL
    ]
    lists = [{"column": one, "regex_list": ["^a", "b"]} for one in TEXTS]
    lengths = [{"column": one, "min_value": 1, "max_value": 2} for one in (*TEXTS, "whole")]
    types = ("int", "int64", "uint8", "float", "float64", "bool", "str", "date", "object")
    return {
        "expect_column_values_to_not_be_null": with_mostly(plain),
        "expect_column_values_to_be_null": with_mostly(plain),
        "expect_column_values_to_be_unique": with_mostly(plain),
        "expect_column_values_to_be_between": with_mostly(between + days),
        "expect_column_values_to_be_in_set": in_sets,
        "expect_column_values_to_not_be_in_set": in_sets,
        "expect_column_values_to_match_regex": matches,
        "expect_column_values_to_not_match_regex": matches,
        "expect_column_values_to_match_regex_list": [
            {**one, "match_on": match_on} for one in lists for match_on in ("any", "all")
        ],
        "expect_column_values_to_not_match_regex_list": lists,
        "expect_column_value_lengths_to_be_between": with_mostly(
            lengths + [{**one, "strict_min": True, "strict_max": True} for one in lengths]
        ),
        "expect_column_value_lengths_to_equal": [{"column": one, "value": 2} for one in TEXTS],
        "expect_column_values_to_be_of_type": [
            {"column": one, "type_": name} for one in every for name in types
        ],
        "expect_column_values_to_be_in_type_list": [
            {"column": one, "type_list": ["int64", "float64"]} for one in ("other", "full")
        ],
        "expect_column_min_to_be_between": between + days,
        "expect_column_max_to_be_between": between + days,
        "expect_column_mean_to_be_between": between,
        "expect_column_sum_to_be_between": between,
        "expect_column_stdev_to_be_between": between,
        "expect_column_unique_value_count_to_be_between": [
            {"column": one, "min_value": 6, "max_value": 7} for one in every
        ],
        "expect_column_proportion_of_unique_values_to_be_between": [
            {"column": one, "min_value": 0.9} for one in every
        ],
        "expect_column_proportion_of_non_null_values_to_be_between": [
            {"column": one, "min_value": 0.9} for one in every if one != "real"
        ],
        "expect_column_pair_values_to_be_equal": with_mostly(pairs),
        "expect_column_pair_values_a_to_be_greater_than_b": [
            {**one, "or_equal": or_equal} for one in pairs for or_equal in (True, False)
        ],
        "expect_compound_columns_to_be_unique": with_mostly(several),
        "expect_multicolumn_sum_to_equal": [
            {"column_list": ["other", "full"], "sum_total": total, "ignore_row_if": ignored}
            for total, ignored in itertools.product((2, 100), IGNORED_OF_SEVERAL)
        ],
        "expect_column_to_exist": [{"column": "text"}, {"column": "text", "column_index": 1}],
        "expect_table_columns_to_match_set": [
            {"column_set": every},
            {"column_set": [*every, "absent"]},
            {"column_set": ["text"], "exact_match": False},
            {"column_set": ["text", "absent"], "exact_match": False},
        ],
        "expect_table_columns_to_match_ordered_list": [
            {"column_list": every},
            {"column_list": every[::-1]},
            {"column_list": every[:-1]},
        ],
        "expect_table_column_count_to_equal": [{"value": len(every)}, {"value": 3}],
        "expect_table_column_count_to_be_between": [{"min_value": 3}, {"max_value": 3}],
        "expect_table_row_count_to_equal": [{"value": 8}, {"value": 0}],
        "expect_table_row_count_to_be_between": [
            {"min_value": 0, "strict_min": True},
            {"max_value": 8, "strict_max": True},
        ],
    }


def with_mostly(given):
    return [{**one, **mostly} for one in given for mostly in ({}, {"mostly": 0.6})]


def compared(type_, given, data):
    """Each expectation with our outcome, the rows that we name, and their answer."""
    expectations = [expectation_of({"type": type_, "kwargs": kwargs}) for kwargs in given]
    counts = added_up(tally("{}", expectations, data.lazy()))
    theirs = validate(dict(enumerate(expectations)), data.lazy(), Columns(data.schema), most=20)
    judged = outcomes(expectations, counts)
    for position, (expectation, ours) in enumerate(zip(expectations, judged, strict=True)):
        found = counts.by_position.get(position)
        yield expectation, ours, [] if found is None else found.rows, theirs[position]


def differences(ours, rows, theirs):
    if ours.success != theirs["success"]:
        yield "success", ours.success, theirs["success"]
    for name, number in theirs["result"].items():
        mine = ours.result.get(name)
        if mine != number and not math.isclose(mine, number):
            yield name, mine, number
    if "element_count" in theirs["result"] and rows != theirs["rows"]:
        yield "rows", rows, theirs["rows"]


def test_every_compiled_type_is_compared():
    assert set(cases()) == set(COMPILED)


@pytest.mark.parametrize("data", [DATA, DATA.head(0)], ids=["rows", "no rows"])
@pytest.mark.parametrize("type_", COMPILED)
def test_same_answer_and_counts(type_, data):
    given = cases()[type_]
    answered = 0
    for expectation, ours, rows, theirs in compared(type_, given, data):
        if "error" not in theirs:
            answered += 1
            assert list(differences(ours, rows, theirs)) == [], expectation.kwargs
    assert answered >= 0.7 * len(given)


@pytest.mark.parametrize("type_", COMPILED)
def test_same_answer_and_counts_on_rows_drawn_at_random(type_):
    """With some of the arguments, on columns that do not go together as those of DATA do."""
    for seed in (1, 90):
        columns = enumerate(DATA.get_columns(), start=seed)
        drawn = pl.DataFrame([c.sample(30, with_replacement=True, seed=n) for n, c in columns])
        given = cases()[type_][seed % 7 :: 9] or cases()[type_][:1]
        for expectation, ours, rows, theirs in compared(type_, given, drawn):
            if "error" not in theirs:
                assert list(differences(ours, rows, theirs)) == [], expectation.kwargs


CONDITIONS = (
    {"type": "comparison", "column": {"name": "full"}, "operator": ">", "parameter": 2.5},
    {"type": "comparison", "column": {"name": "text"}, "operator": "!=", "parameter": "bb"},
    {"type": "comparison", "column": {"name": "text"}, "operator": "IN", "parameter": ["a", "bb"]},
    {"type": "comparison", "column": {"name": "full"}, "operator": "NOT_IN", "parameter": [1, 2.5]},
    {"type": "nullity", "column": {"name": "text"}, "is_null": False},
    {"type": "pass_through", "pass_through_filter": "full > 2 and not text.isnull()"},
)


@pytest.fixture(scope="module")
def gx_batch():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations

        from stepwell import Dataset

        context = great_expectations.get_context(mode="ephemeral")
        asset = context.data_sources.add_pandas("data").add_dataframe_asset("data")
        whole = asset.add_batch_definition_whole_dataframe("data")
        frame = Dataset.of(DATA.select("full", "text", "other")).to_pandas()
        yield whole.get_batch(batch_parameters={"dataframe": frame})


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda one: one.get("operator", one["type"]))
def test_row_conditions_keep_the_same_rows(gx_batch, condition):
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    kwargs = {"column": "text", "value_set": ["a"], "row_condition": condition}
    type_ = "expect_column_values_to_be_in_set"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = ExpectationConfiguration(type=type_, kwargs=kwargs).to_domain_obj()
        theirs = gx_batch.validate(wanted, result_format="SUMMARY").to_json_dict()
    expectation = expectation_of({"type": type_, "kwargs": kwargs})
    counts = added_up(tally("{}", [expectation], DATA.lazy()))
    (ours,) = outcomes([expectation], counts)
    numbers = {name: theirs["result"][name] for name in ours.result}
    assert numbers == pytest.approx(ours.result)
    assert theirs["result"]["partial_unexpected_index_list"] == counts.by_position[0].rows
