"""The expectation types that Great Expectations ships for a frame, and what each takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ROWS = ("row_condition", "condition_parser")
_BETWEEN = ("min_value", "max_value", "strict_min", "strict_max")


@dataclass(frozen=True)
class Signature:
    """The names of the keyword arguments of an expectation type."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, those that have to be given first."""
        return self.required + self.optional


def _column_map(*required: str, optional: tuple[str, ...] = ()) -> Signature:
    return Signature(("column", *required), (*optional, "mostly", *_ROWS))


def _aggregate(*required: str, optional: tuple[str, ...] = ()) -> Signature:
    return Signature(("column", *required), (*optional, *_ROWS))


def _pair_map(*required: str, optional: tuple[str, ...] = ()) -> Signature:
    required = ("column_A", "column_B", *required)
    return Signature(required, (*optional, "ignore_row_if", "mostly", *_ROWS))


def _columns_map(*required: str) -> Signature:
    return Signature(("column_list", *required), ("ignore_row_if", "mostly", *_ROWS))


SIGNATURES: Mapping[str, Signature] = {
    # values of a column, row by row
    "expect_column_values_to_not_be_null": _column_map(),
    "expect_column_values_to_be_null": _column_map(),
    "expect_column_values_to_be_between": _column_map(optional=_BETWEEN),
    "expect_column_values_to_be_in_set": _column_map("value_set"),
    "expect_column_values_to_not_be_in_set": _column_map("value_set"),
    "expect_column_values_to_be_unique": _column_map(),
    "expect_column_values_to_match_regex": _column_map("regex"),
    "expect_column_values_to_not_match_regex": _column_map("regex"),
    "expect_column_values_to_match_regex_list": _column_map("regex_list", optional=("match_on",)),
    "expect_column_values_to_not_match_regex_list": _column_map("regex_list"),
    "expect_column_values_to_match_like_pattern": _column_map("like_pattern", optional=("escape",)),
    "expect_column_values_to_not_match_like_pattern": _column_map(
        "like_pattern", optional=("escape",)
    ),
    "expect_column_values_to_match_like_pattern_list": _column_map(
        "like_pattern_list", optional=("match_on", "escape")
    ),
    "expect_column_values_to_not_match_like_pattern_list": _column_map(
        "like_pattern_list", optional=("escape",)
    ),
    "expect_column_value_lengths_to_be_between": _column_map(optional=_BETWEEN),
    "expect_column_value_lengths_to_equal": _column_map("value"),
    "expect_column_values_to_be_of_type": _column_map("type_"),
    "expect_column_values_to_be_in_type_list": _column_map("type_list"),
    "expect_column_values_to_be_increasing": _column_map(optional=("strictly",)),
    "expect_column_values_to_be_decreasing": _column_map(optional=("strictly",)),
    "expect_column_values_to_match_strftime_format": _column_map("strftime_format"),
    "expect_column_values_to_be_dateutil_parseable": _column_map(),
    "expect_column_values_to_be_json_parseable": _column_map(),
    "expect_column_values_to_match_json_schema": _column_map("json_schema"),
    "expect_column_values_to_not_be_outliers": _column_map(optional=("method", "multiplier")),
    "expect_column_value_z_scores_to_be_less_than": _column_map("threshold", "double_sided"),
    # values of several columns, row by row
    "expect_column_pair_values_to_be_equal": _pair_map(),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_map(optional=("or_equal",)),
    "expect_column_pair_values_to_be_in_set": _pair_map("value_pairs_set"),
    "expect_compound_columns_to_be_unique": _columns_map(),
    "expect_select_column_values_to_be_unique_within_record": _columns_map(),
    "expect_multicolumn_sum_to_equal": _columns_map("sum_total"),
    "expect_multicolumn_values_to_be_equal": _columns_map(),
    # a column as a whole
    "expect_column_min_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_max_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_mean_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_median_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_sum_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_stdev_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_quantile_values_to_be_between": _aggregate(
        "quantile_ranges", optional=("allow_relative_error",)
    ),
    "expect_column_unique_value_count_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_proportion_of_unique_values_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_proportion_of_non_null_values_to_be_between": _aggregate(optional=_BETWEEN),
    "expect_column_distinct_values_to_be_in_set": _aggregate("value_set"),
    "expect_column_distinct_values_to_contain_set": _aggregate("value_set"),
    "expect_column_distinct_values_to_equal_set": _aggregate("value_set"),
    "expect_column_most_common_value_to_be_in_set": _aggregate(
        "value_set", optional=("ties_okay",)
    ),
    "expect_column_kl_divergence_to_be_less_than": _aggregate(
        "threshold",
        optional=(
            "partition_object",
            "internal_weight_holdout",
            "tail_weight_holdout",
            "bucketize_data",
            "min_value",
            "max_value",
        ),
    ),
    # the table
    "expect_table_row_count_to_be_between": Signature((), (*_BETWEEN, *_ROWS)),
    "expect_table_row_count_to_equal": Signature(("value",), _ROWS),
    "expect_table_row_count_to_equal_other_table": Signature(("other_table_name",), _ROWS),
    "expect_table_column_count_to_be_between": Signature((), ("min_value", "max_value")),
    "expect_table_column_count_to_equal": Signature(("value",)),
    "expect_table_columns_to_match_set": Signature(("column_set",), ("exact_match",)),
    "expect_table_columns_to_match_ordered_list": Signature(("column_list",)),
    "expect_column_to_exist": Signature(("column",), ("column_index",)),
    "expect_column_type_to_be": Signature(("column", "type_")),
}

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
"""How a metric of a data contract is compared; a rule has one of them."""

CONTRACT_SIGNATURES: Mapping[str, Signature] = {
    "contract_null_values": Signature(("column",), ("unit", *OPERATORS)),
    "contract_missing_values": Signature(("column", "missing_values"), ("unit", *OPERATORS)),
    "contract_invalid_values": Signature(
        ("column",), ("valid_values", "pattern", "unit", *OPERATORS)
    ),
    "contract_duplicate_values": Signature(("column_list",), ("unit", *OPERATORS)),
    "contract_row_count": Signature((), ("unit", *OPERATORS)),
    "contract_rule_not_run": Signature(("reason",), ("column",)),
}
"""The rules of the Open Data Contract Standard, which Great Expectations does not know."""

DATABASE_ONLY = frozenset(
    {"expect_query_results_to_match_comparison", "unexpected_rows_expectation"}
)
"""Types that Great Expectations runs on databases only, never on a frame."""

IGNORED = frozenset({"batch_id", "catch_exceptions", "result_format", "windows"})
"""Keyword arguments that Great Expectations may write and that say nothing about the data."""
