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
        "written": ["2024-01-02", "1.2.24", None, "12:30", "2024-02-30", "2024", "x", "2024-1-2"],
        "json": ["1", '{"a": 1}', None, "{", '{"a": "b"}', "NaN", "[1, 2]", '{"a": 1}'],
        "document": ["1", '{"a": 1}', None, '{"a": "b"}', "[1, 2]", "true", '{"a": 1}', "null"],
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
PAIRS = (
    ("whole", "other", [[1, 1], [None, 3], [5, 6]]),
    ("text", "truth", [["a", True], ["bb", False], [None, True], ["bb", 1]]),
    ("real", "text", [[1.0, "a"], [None, "ccc"]]),
    ("text", "enum", []),
)
SCHEMAS = ({"type": "object"}, {"type": "integer"}, {"properties": {"a": {"type": "integer"}}}, {})
RANGES = (
    {"quantiles": [0.5], "value_ranges": [[1, 4]]},
    {"quantiles": [0.1, 0.25, 0.9], "value_ranges": [[None, 2], [-1, 3], [4.99, None]]},
    {"quantiles": [0.0, 1.0], "value_ranges": [[-3, 1], [5, 8.0001]]},
)
INTERPOLATIONS = (False, "linear", "lower", "higher", "midpoint", "nearest")
BINS = {"bins": [0, 2, 4, 6, 8], "weights": [0.25, 0.25, 0.25, 0.25]}
GAPS = {"bins": [0, 2, 4, 6, 8], "weights": [0.5, 0.0, 0.25, 0.25]}
TAILS = {"bins": [2, 4, 6], "weights": [0.4, 0.3], "tail_weights": [0.2, 0.1]}
WORDS = {"values": ["a", "bb", "Müller"], "weights": [0.25, 0.5, 0.25]}
FIGURES = {"values": [1, 5], "weights": [0.5, 0.5]}
PARTITIONS = (
    *((column, BINS, {}) for column in ("other", "full", "real", "empty")),
    ("other", BINS, {"tail_weight_holdout": 0.1}),
    ("full", GAPS, {"internal_weight_holdout": 0.1, "tail_weight_holdout": 0.1}),
    ("full", TAILS, {}),
    *((column, WORDS, {"tail_weight_holdout": 0.2}) for column in TEXTS),
    *((column, WORDS, {}) for column in TEXTS),
    ("other", FIGURES, {"tail_weight_holdout": 0.5}),
    ("full", FIGURES, {"tail_weight_holdout": 0.01}),
)
IGNORED = ("both_values_are_missing", "either_value_is_missing", "neither")
IGNORED_OF_SEVERAL = ("all_values_are_missing", "any_value_is_missing", "never")


COMPARED = [
    type_
    for type_ in COMPILED
    if not any(part in type_ for part in ("_like_pattern", "other_table", "contract_"))
]


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
    orders = [
        {"column": one, "strictly": strictly}
        for one in (*NUMBERS, "day")
        if one != "small"  # there, pandas takes the difference of unsigned numbers as unsigned
        for strictly in (True, False)
    ]
    texts = [{"column": one} for one in (*TEXTS, "written", "json")]
    sets = [one for one in in_sets if one["value_set"] and None not in one["value_set"]]
    in_distinct_sets = sets[::2]
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
        "expect_multicolumn_values_to_be_equal": with_mostly(
            [
                {"column_list": columns, "ignore_row_if": ignored}
                for columns in (["other", "full"], ["text", "written"], ["real", "full", "other"])
                for ignored in IGNORED_OF_SEVERAL
            ]
        ),
        "expect_select_column_values_to_be_unique_within_record": with_mostly(several),
        "expect_column_pair_values_to_be_in_set": [
            {"column_A": one, "column_B": other, "value_pairs_set": pairs, "ignore_row_if": ignored}
            for one, other, pairs in PAIRS
            for ignored in IGNORED
        ],
        "expect_column_values_to_be_increasing": with_mostly(orders),
        "expect_column_values_to_be_decreasing": with_mostly(orders),
        "expect_column_value_z_scores_to_be_less_than": with_mostly(
            [
                {"column": one, "threshold": threshold, "double_sided": double_sided}
                for one in NUMBERS
                for threshold, double_sided in ((1, True), (-1, True), (0.5, False), (3, True))
            ]
        ),
        "expect_column_values_to_not_be_outliers": with_mostly(
            [
                {"column": one, "method": method, "multiplier": multiplier}
                for one in NUMBERS
                for method, multiplier in (("iqr", 1.5), ("iqr", 0), ("std", 1), ("std", 0))
            ]
        ),
        "expect_column_values_to_match_strftime_format": [
            {"column": one, "strftime_format": shape}
            for one in (*TEXTS, "written")
            for shape in ("%Y-%m-%d", "%d.%m.%Y", "%Y", "%H:%M")
        ],
        "expect_column_values_to_be_dateutil_parseable": with_mostly(texts),
        "expect_column_values_to_be_json_parseable": with_mostly([*texts, {"column": "whole"}]),
        "expect_column_values_to_match_json_schema": [
            {"column": "document", "json_schema": schema, **mostly}
            for schema in SCHEMAS
            for mostly in ({}, {"mostly": 0.5})
        ],
        "expect_column_median_to_be_between": between,
        "expect_column_quantile_values_to_be_between": [
            {"column": one, "quantile_ranges": ranges, "allow_relative_error": how}
            for one in NUMBERS
            for ranges, how in zip(RANGES * 2, INTERPOLATIONS, strict=True)
            if one != "real" or how not in ("linear", "midpoint")  # NaN beside infinity in NumPy
        ],
        "expect_column_distinct_values_to_be_in_set": in_distinct_sets,
        "expect_column_distinct_values_to_contain_set": in_distinct_sets,
        "expect_column_distinct_values_to_equal_set": in_distinct_sets,
        "expect_column_most_common_value_to_be_in_set": [
            {**one, "ties_okay": ties} for one in in_distinct_sets for ties in (True, False)
        ],
        "expect_column_kl_divergence_to_be_less_than": [
            {"column": column, "partition_object": partition, "threshold": threshold, **holdouts}
            for column, partition, holdouts in PARTITIONS
            for threshold in (0.0, 0.3, 2.0)
        ],
        "expect_column_type_to_be": [
            {"column": one, "type_": name}
            for one in (
                "other",
                "full",
            )  # of others, the storage in pandas depends on missing cells
            for name in ("int", "int64", "float", "float64", "bool", "uint8", "datetime64")
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
    """Every other one with and without a share of the rows that may differ."""
    return [{**one, **({"mostly": 0.6} if at % 2 else {})} for at, one in enumerate(given)]


def compared(type_, given, data):
    """Each expectation with our outcome, the rows that we name, and their answer."""
    expectations = [expectation_of({"type": type_, "kwargs": kwargs}) for kwargs in given]
    counts = added_up(tally("{}", expectations, data.lazy(), {}))
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
    """Those that Great Expectations runs on databases only are compared elsewhere."""
    assert set(cases()) == set(COMPARED)


@pytest.mark.parametrize("data", [DATA, DATA.head(0)], ids=["rows", "no rows"])
@pytest.mark.parametrize("type_", COMPARED)
def test_same_answer_and_counts(type_, data):
    every = cases()[type_]
    given = every if len(data) else every[::5]  # without rows, few arguments matter
    answered = 0
    for expectation, ours, rows, theirs in compared(type_, given, data):
        if "error" not in theirs:
            answered += 1
            assert list(differences(ours, rows, theirs)) == [], expectation.kwargs
    assert answered >= 0.7 * len(given)


@pytest.mark.parametrize("type_", COMPARED)
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
    counts = added_up(tally("{}", [expectation], DATA.lazy(), {}))
    (ours,) = outcomes([expectation], counts)
    numbers = {name: theirs["result"][name] for name in ours.result}
    assert numbers == pytest.approx(ours.result)
    assert theirs["result"]["partial_unexpected_index_list"] == counts.by_position[0].rows
