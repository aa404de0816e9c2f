"""Which rows an expectation speaks of."""

import polars as pl
import pytest

from stepwell import ConfigurationError
from stepwell_data_check import DataCheck, expect

DATA = pl.DataFrame(
    {
        "n": [1, 2, 3, None],
        "sex": ["f", "m", None, "f"],
        "ok": [True, False, None, True],
        "two words": [1.0, float("nan"), 3.0, 4.0],
        "day": pl.Series(["2024-01-01", "2024-01-02", None, "2024-01-04"]).str.to_date(),
    }
)


def rows(condition, **given):
    """How many rows the condition keeps."""
    expectation = expect("table_row_count_to_equal", value=0, row_condition=condition, **given)
    finding = DataCheck(suite=[expectation]).run(data=DATA).report.findings[0]
    assert "could not be checked" not in finding.message, finding.message
    return int(finding.message.rpartition("it is ")[2].removesuffix("."))


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("n > 1", 2),
        ("1 < n <= 3", 2),
        ("2 >= n", 2),
        ("n == 1 or n == 3", 2),
        ("n > 1 & sex == 'm'", 1),
        ("(n > 1) | (sex == 'f')", 4),
        ("not n > 1", 2),
        ("~(n > 1)", 2),
        ("n in [1, 3]", 2),
        ("n not in (1, 3)", 2),
        ("n.isin([1, 3])", 2),
        ("sex == 'f'", 2),
        ("sex != 'f'", 2),
        ('sex == "f" and n.isnull()', 1),
        ("sex.notnull()", 3),
        ("ok", 2),
        ("not ok", 2),
        ("`two words` > 1", 2),
        ("`two words`.isna()", 1),
        ("n > `two words`", 0),
        ("n == `two words`", 2),
        ("n > -1", 3),
        ("day >= '2024-01-02'", 2),
        ("sex == 'a & b | `c`'", 0),
        ("N > 1", 2),
    ],
)
def test_pandas_queries(condition, kept):
    assert rows(condition, condition_parser="pandas") == kept


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ('col("n") > 1', 2),
        ('col("two words") <= 3', 2),
        ('col("sex").notNull()', 3),
        ('col("day") < date("2024-01-02")', 1),
    ],
)
def test_older_spelling_of_great_expectations(condition, kept):
    assert rows(condition, condition_parser="great_expectations") == kept


def comparison(column, operator, parameter):
    name = {"name": column}
    return {"type": "comparison", "column": name, "operator": operator, "parameter": parameter}


MISSING = {"type": "nullity", "column": {"name": "n"}, "is_null": True}


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (comparison("n", ">", 1), 2),
        (comparison("n", "IN", [1, 2]), 2),
        (comparison("n", "NOT_IN", [1, 2]), 2),
        (MISSING, 1),
        ({**MISSING, "is_null": False}, 3),
        ({"type": "and", "conditions": [comparison("n", ">", 1), comparison("n", "<", 3)]}, 1),
        ({"type": "or", "conditions": [comparison("n", "==", 1), MISSING]}, 2),
        ({"type": "pass_through", "pass_through_filter": "n > 1"}, 2),
    ],
)
def test_conditions_as_great_expectations_writes_them(condition, kept):
    assert rows(condition) == kept


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("n >", "cannot be parsed"),
        ("n = 1", "cannot be parsed"),
        ("1 == 1", "a comparison without a column"),
        ("n + 1 > 2", "arithmetic"),
        ("n > @limit", "cannot be parsed"),
        ("__import__('os').system('true')", "uses a function"),
        ("sex.str.contains('f')", "uses an attribute"),
        ("n.to_csv('x')", "uses to_csv()"),
        ("n in sex", "where a list of literals is needed"),
        ("n is None", "uses 'is'"),
        ("n[0] > 1", "uses brackets"),
        ("(" * 300 + "n" + ")" * 300, "cannot be parsed"),
        ("n > 1 " * 2000, "has 12,000 characters; at most 10,000"),
        ({"type": "xor"}, "has the type 'xor'; types: comparison"),
        ({"type": "comparison", "column": {"name": "n"}}, "is incomplete ('operator')"),
        (comparison("n", "~", 1), "has the operator '~'"),
        (comparison("n", "==", None), "compares with type NoneType"),
        ({"type": "and", "conditions": 3}, "is incomplete"),
        (3, "is text or an object, not of type int"),
    ],
)
def test_conditions_that_cannot_be_understood(condition, told):
    with pytest.raises(ConfigurationError) as caught:
        expect("column_values_to_not_be_null", "n", row_condition=condition)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("m > 1", "The column 'm' does not exist"),
        ("n == 'one'", "cannot be compared with the text 'one'"),
        ("n > sex", "they cannot be compared"),
        ("n", "the row_condition needs true or false"),
    ],
)
def test_conditions_that_do_not_fit_the_data_fail(condition, told):
    expectation = expect("column_values_to_not_be_null", "ok", row_condition=condition)
    finding = DataCheck(suite=[expectation]).run(data=DATA).report.findings[0]
    assert finding.verdict == "failed"
    assert told in finding.message


def test_only_the_rows_of_the_condition_are_counted_and_named():
    expectation = expect(
        "column_values_to_be_in_set", "sex", value_set=["m"], row_condition="n < 3"
    )
    report = DataCheck(suite=[expectation]).run(data=DATA).report
    assert report.details["results"][0]["result"]["element_count"] == 2
    assert report.findings[0].details["rows"] == (0,)


def test_condition_without_rows_is_no_pass():
    expectation = expect("column_values_to_not_be_null", "sex", row_condition="n > 99")
    finding = DataCheck(suite=[expectation]).run(data=DATA).report.findings[0]
    assert finding.verdict == "warned"
    assert "there is no row to check" in finding.message


def test_uniqueness_is_of_the_rows_of_the_condition():
    expectation = expect("column_values_to_be_unique", "sex", row_condition="n < 3")
    assert DataCheck(suite=[expectation]).run(data=DATA).report.verdict == "passed"
