"""The expectation types that are compiled: what each counts, and how its counts are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from stepwell_expectations._aggregates import (
    deviation_outcome,
    deviation_plan,
    extreme_outcome,
    extreme_plan,
    mean_outcome,
    present_outcome,
    present_plan,
    sum_outcome,
    sum_plan,
)
from stepwell_expectations._columns import Columns
from stepwell_expectations._contract_checks import (
    bad_rows_outcome,
    duplicate_values_plan,
    duplicates_outcome,
    invalid_values_plan,
    missing_values_plan,
    not_run_plan,
    null_values_plan,
    row_count_metric_outcome,
    row_count_metric_plan,
)
from stepwell_expectations._distinct_sets import (
    contain_set_outcome,
    distinct_set_plan,
    equal_set_outcome,
    in_set_outcome,
    most_common_outcome,
    most_common_plan,
)
from stepwell_expectations._divergence import divergence_outcome, divergence_plan
from stepwell_expectations._expectation import Expectation
from stepwell_expectations._order_checks import ORDER_CHECKS
from stepwell_expectations._outcome import Numbers, Outcome, rows_outcome
from stepwell_expectations._outliers import outlier_plan, z_score_plan
from stepwell_expectations._plan import Plan
from stepwell_expectations._quantiles import (
    median_outcome,
    median_plan,
    quantiles_outcome,
    quantiles_plan,
)
from stepwell_expectations._record_checks import RECORD_CHECKS
from stepwell_expectations._row_check import RowCheck, row_plan
from stepwell_expectations._table_checks import (
    column_count_equal_plan,
    column_count_plan,
    column_exists_plan,
    column_list_plan,
    column_set_plan,
    other_table_outcome,
    other_table_plan,
    row_count_equal_outcome,
    row_count_outcome,
    row_count_plan,
    type_plan,
)
from stepwell_expectations._unique import (
    compound_plan,
    distinct_outcome,
    distinct_plan,
    distinct_share_outcome,
    unique_plan,
)
from stepwell_expectations._value_checks import NULL_CHECKS, VALUE_CHECKS

Judge = Callable[[Expectation, Numbers], Outcome]


@dataclass(frozen=True)
class Compiled:
    """How one expectation type is answered without Great Expectations.

    `plan` raises UnanswerableError where the dataset cannot answer, and NotCompiledError where
    Great Expectations has to. `judge` is None for what the schema alone settles. `adds_up` says
    whether the counts of partitions can be added, `by_row` whether no other row has a say in it.
    """

    plan: Callable[[Expectation, Columns], Plan]
    judge: Judge | None = None
    adds_up: bool = True
    by_row: bool = False


def _by_row(
    check: Callable[[Expectation, Columns], RowCheck], judge: Judge, *, adds_up: bool = True
) -> Compiled:
    def plan(expectation: Expectation, columns: Columns) -> Plan:
        return row_plan(check(expectation, columns), expectation, columns)

    return Compiled(plan, judge, adds_up, by_row=adds_up)


_of_every_row = partial(rows_outcome, nulls_count=True)

ROW_CHECKS = {**VALUE_CHECKS, **RECORD_CHECKS}

COMPILED: Mapping[str, Compiled] = {
    **{type_: _by_row(check, rows_outcome) for type_, check in ROW_CHECKS.items()},
    **{type_: _by_row(check, rows_outcome, adds_up=False) for type_, check in ORDER_CHECKS.items()},
    "expect_column_value_z_scores_to_be_less_than": Compiled(
        z_score_plan, rows_outcome, adds_up=False
    ),
    "expect_column_values_to_not_be_outliers": Compiled(outlier_plan, rows_outcome, adds_up=False),
    **{type_: _by_row(check, _of_every_row) for type_, check in NULL_CHECKS.items()},
    "expect_column_values_to_be_unique": Compiled(unique_plan, rows_outcome, adds_up=False),
    "expect_compound_columns_to_be_unique": Compiled(compound_plan, rows_outcome, adds_up=False),
    "expect_column_unique_value_count_to_be_between": Compiled(
        distinct_plan, distinct_outcome, adds_up=False
    ),
    "expect_column_proportion_of_unique_values_to_be_between": Compiled(
        distinct_plan, distinct_share_outcome, adds_up=False
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": Compiled(
        present_plan, present_outcome
    ),
    "expect_column_min_to_be_between": Compiled(extreme_plan, extreme_outcome),
    "expect_column_max_to_be_between": Compiled(extreme_plan, extreme_outcome),
    "expect_column_mean_to_be_between": Compiled(sum_plan, mean_outcome),
    "expect_column_sum_to_be_between": Compiled(sum_plan, sum_outcome),
    "expect_column_stdev_to_be_between": Compiled(deviation_plan, deviation_outcome, adds_up=False),
    "expect_column_median_to_be_between": Compiled(median_plan, median_outcome, adds_up=False),
    "expect_column_quantile_values_to_be_between": Compiled(
        quantiles_plan, quantiles_outcome, adds_up=False
    ),
    "expect_column_distinct_values_to_be_in_set": Compiled(
        distinct_set_plan, in_set_outcome, adds_up=False
    ),
    "expect_column_distinct_values_to_contain_set": Compiled(
        distinct_set_plan, contain_set_outcome, adds_up=False
    ),
    "expect_column_distinct_values_to_equal_set": Compiled(
        distinct_set_plan, equal_set_outcome, adds_up=False
    ),
    "expect_column_most_common_value_to_be_in_set": Compiled(
        most_common_plan, most_common_outcome, adds_up=False
    ),
    "expect_column_kl_divergence_to_be_less_than": Compiled(
        divergence_plan, divergence_outcome, adds_up=False
    ),
    "expect_column_type_to_be": Compiled(type_plan),
    "expect_column_values_to_be_of_type": Compiled(type_plan),
    "expect_column_values_to_be_in_type_list": Compiled(type_plan),
    "expect_column_to_exist": Compiled(column_exists_plan),
    "expect_table_columns_to_match_set": Compiled(column_set_plan),
    "expect_table_columns_to_match_ordered_list": Compiled(column_list_plan),
    "expect_table_column_count_to_be_between": Compiled(column_count_plan),
    "expect_table_column_count_to_equal": Compiled(column_count_equal_plan),
    "expect_table_row_count_to_be_between": Compiled(row_count_plan, row_count_outcome),
    "expect_table_row_count_to_equal": Compiled(row_count_plan, row_count_equal_outcome),
    "expect_table_row_count_to_equal_other_table": Compiled(
        other_table_plan, other_table_outcome, adds_up=False
    ),
    "contract_null_values": Compiled(null_values_plan, bad_rows_outcome, by_row=True),
    "contract_missing_values": Compiled(missing_values_plan, bad_rows_outcome, by_row=True),
    "contract_invalid_values": Compiled(invalid_values_plan, bad_rows_outcome, by_row=True),
    "contract_duplicate_values": Compiled(duplicate_values_plan, duplicates_outcome, adds_up=False),
    "contract_row_count": Compiled(row_count_metric_plan, row_count_metric_outcome),
    "contract_rule_not_run": Compiled(not_run_plan),
}
