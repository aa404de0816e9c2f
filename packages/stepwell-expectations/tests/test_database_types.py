"""Types that Great Expectations runs on databases only: against SQLite, or counted by hand."""

import sqlite3

import polars as pl
import pytest

from stepwell_expectations import SuiteError, check, suite_of

TEXTS = ["", "a", "A", "ab", "a%", "a_b", "axb", "a\nb", "50%", "ä", "a\\b", "[ab]", "a.b", None]
PATTERNS = ("a", "a%", "%b", "a_b", "_", "%", "a!_b", "%!%%", "!!", "[ab]", "a.b", "%\\%", "ä")


def report_of(type_, kwargs, data, **tables):
    suite = suite_of({"expectations": [{"type": type_, "kwargs": kwargs}]})
    return check(suite, data.lazy(), tables=tables)


@pytest.fixture(scope="module")
def database():
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA case_sensitive_like = ON")
    yield connection
    connection.close()


@pytest.mark.parametrize("escape", [None, "!"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_like_patterns_match_what_they_match_in_a_database(database, pattern, escape):
    escaped = "" if escape is None else f" ESCAPE '{escape}'"
    query = f"SELECT count(*) FROM (SELECT ? AS text) WHERE text LIKE ?{escaped}"
    matching = [t for t in TEXTS if database.execute(query, (t, pattern)).fetchone()[0]]
    kwargs = {"column": "text", "like_pattern": pattern, "escape": escape}
    type_ = "expect_column_values_to_match_like_pattern"
    report = report_of(type_, kwargs, pl.DataFrame({"text": TEXTS}))
    assert report.findings[0].rows == len(TEXTS) - 1 - len(matching)


@pytest.mark.parametrize(
    ("type_", "given", "unexpected"),
    [
        ("match_like_pattern_list", {"match_on": "any"}, 1),
        ("match_like_pattern_list", {"match_on": "all"}, 3),
        ("not_match_like_pattern_list", {}, 3),
        ("not_match_like_pattern", {"like_pattern": "a%"}, 2),
    ],
)
def test_lists_of_like_patterns(type_, given, unexpected):
    if "list" in type_:
        given = {"like_pattern_list": ["a%", "%b"], **given}
    data = pl.DataFrame({"text": ["a", "b", "ab", "c", None]})
    report = report_of(f"expect_column_values_to_{type_}", {"column": "text", **given}, data)
    assert report.findings[0].rows == unexpected


def test_like_pattern_that_ends_in_an_escape_is_refused():
    kwargs = {"column": "text", "like_pattern": "a!", "escape": "!"}
    with pytest.raises(SuiteError, match="'a!' ends with its escape character"):
        report_of("expect_column_values_to_match_like_pattern", kwargs, pl.DataFrame())


def test_like_pattern_of_numbers_cannot_be_checked():
    kwargs = {"column": "n", "like_pattern": "1%"}
    report = report_of(
        "expect_column_values_to_match_like_pattern", kwargs, pl.DataFrame({"n": [1]})
    )
    assert "a LIKE pattern is of text" in report.findings[0].message
    assert report.verdict == "failed"


@pytest.mark.parametrize(("others", "verdict"), [(2, "passed"), (3, "failed")])
def test_rows_are_counted_against_another_table(others, verdict):
    data = pl.DataFrame({"n": [1, 2]})
    kwargs = {"other_table_name": "orders"}
    orders = pl.LazyFrame({"o": range(others)})
    type_ = "expect_table_row_count_to_equal_other_table"
    report = report_of(type_, kwargs, data, orders=orders)
    assert report.verdict == verdict
    observed = report.details["results"][0]["result"]["observed_value"]
    assert observed == {"self": 2, "other": others}


def test_table_that_was_not_given_is_no_pass():
    type_ = "expect_table_row_count_to_equal_other_table"
    data = pl.DataFrame({"n": [1]})
    report = report_of(type_, {"other_table_name": "order"}, data, orders=data.lazy())
    assert report.verdict == "failed"
    assert "no other table 'order'. Did you mean 'orders'? Given: orders" in (
        report.findings[0].message
    )
