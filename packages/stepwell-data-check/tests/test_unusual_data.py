"""Columns and cells that are seldom, large or many: a clear error or a defined result."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from stepwell import ConfigurationError
from stepwell_data_check import DataCheck, expect

SEEN = pl.DataFrame({"n": [1, 2, None]})
KINDS = SEEN.with_columns(
    nested=pl.concat_list("n"),
    struct=pl.struct("n"),
    decimal=pl.lit(Decimal("1.5")),
    duration=pl.duration(days="n"),
    clock=pl.lit(dt.time(12)),
    category=pl.lit("a").cast(pl.Categorical),
    binary=pl.lit(b"a"),
    empty=pl.lit(None),
)
OF_EVERY_KIND = (
    "nested",
    "struct",
    "decimal",
    "duration",
    "clock",
    "category",
    "binary",
    "empty",
)

HOLDS = {
    ("decimal", "column_values_to_not_be_outliers"),
    ("decimal", "column_value_z_scores_to_be_less_than"),
    ("nested", "column_values_to_be_unique"),
    ("struct", "column_values_to_be_unique"),
    ("duration", "column_values_to_be_unique"),
}


def finding(data, type_, *arguments, **kwargs):
    return DataCheck(suite=[expect(type_, *arguments, **kwargs)]).run(data=data).report.findings[0]


@pytest.mark.parametrize("column", OF_EVERY_KIND)
@pytest.mark.parametrize(
    ("type_", "kwargs"),
    [
        ("column_values_to_be_between", {"min_value": 9}),
        ("column_values_to_be_in_set", {"value_set": ["q"]}),
        ("column_values_to_be_increasing", {"strictly": True}),
        ("column_value_z_scores_to_be_less_than", {"threshold": 0.1, "double_sided": True}),
        ("column_values_to_not_be_outliers", {}),
        ("column_median_to_be_between", {"min_value": 9}),
        ("column_distinct_values_to_equal_set", {"value_set": ["q"]}),
        ("column_most_common_value_to_be_in_set", {"value_set": ["q"]}),
        ("column_values_to_be_dateutil_parseable", {}),
        ("column_values_to_be_json_parseable", {}),
        ("column_values_to_match_like_pattern", {"like_pattern": "q"}),
        ("column_values_to_be_unique", {}),
    ],
)
def test_no_kind_of_column_is_an_accident(column, type_, kwargs):
    """What has an order or a set is judged; the rest fails, or had nothing to check."""
    found = finding(KINDS, type_, column, **kwargs)
    if (column, type_) in HOLDS:
        assert found.verdict == "passed"
    else:
        assert found.verdict in ("failed", "warned")


@pytest.mark.parametrize(
    ("type_", "kwargs"),
    [
        ("column_values_to_be_dateutil_parseable", {}),
        ("column_values_to_be_json_parseable", {}),
        ("column_values_to_match_strftime_format", {"strftime_format": "%Y"}),
        ("column_values_to_match_regex", {"regex": "^(a+)+$"}),
        ("column_values_to_match_like_pattern", {"like_pattern": "%a%a%a%b"}),
    ],
)
def test_cells_of_megabytes_are_read_and_cut(type_, kwargs):
    """Neither does a check hang on them, nor are they told (fault 32)."""
    data = pl.DataFrame({"text": ["a" * 10_000_000 + "!", "[" * 1_000_000]})
    found = finding(data, type_, "text", **kwargs)
    assert found.rows == 2
    assert len(found.model_dump_json()) < 2_000


def test_columns_by_the_thousand():
    data = pl.DataFrame({f"c{number}": [1, 2] for number in range(2_000)})
    suite = [expect("column_values_to_be_between", name, min_value=1) for name in data.columns]
    report = DataCheck(suite=suite).run(data=data).report
    assert report.verdict == "passed"
    assert len(report.findings) == 2_000


def test_json_schema_from_elsewhere_is_not_fetched():
    data = pl.DataFrame({"json": ["1"]})
    schema = {"$ref": "http://127.0.0.1:9/schema.json"}
    found = finding(data, "column_values_to_match_json_schema", "json", json_schema=schema)
    assert found.verdict == "failed"


def test_json_that_is_nested_too_deeply_is_no_json():
    data = pl.DataFrame({"json": ["[" * 100_000 + "]" * 100_000]})
    assert finding(data, "column_values_to_be_json_parseable", "json").rows == 1


def test_conditions_of_spark_are_refused():
    with pytest.raises(ConfigurationError, match="condition_parser is 'spark'; write the"):
        expect("column_values_to_not_be_null", "n", row_condition="n > 1", condition_parser="spark")
