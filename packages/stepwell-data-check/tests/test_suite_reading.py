"""How suites are read, and what is said of those that cannot be."""

import json
import warnings
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from stepwell import ConfigurationError
from stepwell_data_check import DataCheck, expect

BETWEEN = "expect_column_values_to_be_between"


def suite_of(**changes):
    one = {"type": BETWEEN, "kwargs": {"column": "age", "min_value": 18}, **changes}
    return {"name": "people", "expectations": [one]}


def refusal(suite, **fields):
    with pytest.raises(ConfigurationError) as caught:
        DataCheck(suite=suite, **fields)
    return str(caught.value)


@pytest.mark.parametrize(
    ("kwargs", "told"),
    [
        ({}, "it needs 'column'"),
        ({"column": "age"}, "it needs 'min_value', 'max_value' or both"),
        ({"column": "", "min_value": 1}, "column is no text, or empty"),
        ({"column": "age", "minvalue": 1}, "does not take 'minvalue'. Did you mean 'min_value'?"),
        (
            {"column": "age", "min_value": 5, "max_value": 3},
            "min_value 5 is greater than max_value 3",
        ),
        (
            {"column": "age", "min_value": "2024-02-01", "max_value": "2024-01-01"},
            "min_value 2024-02-01 is greater than max_value 2024-01-01",
        ),
        ({"column": "age", "min_value": 5, "max_value": "2024-01-01"}, "of different kinds"),
        ({"column": "age", "min_value": "five"}, "neither a number nor a date such as 2024-12-31"),
        ({"column": "age", "min_value": True}, "neither a number nor a date"),
        ({"column": "age", "min_value": 1, "mostly": 1.5}, "mostly is 1.5, and has to be a number"),
        ({"column": "age", "min_value": 1, "mostly": "0.9"}, "mostly is '0.9'"),
        ({"column": "age", "min_value": 1, "strict_min": "yes"}, "neither true nor false"),
        (
            {"column": "age", "min_value": 1, "parse_strings_as_datetimes": True},
            "of Great Expectations 0.x; make the column a date before the check",
        ),
        ({"column": "age", "min_value": {"$PARAMETER": "least"}}, "it needs the parameter 'least'"),
    ],
)
def test_wrong_arguments(kwargs, told):
    message = refusal(suite_of(kwargs=kwargs))
    assert told in message
    assert message.startswith(f"DataCheck: expectation 1 ({BETWEEN}):")


@pytest.mark.parametrize(
    ("type_", "kwargs", "told"),
    [
        (
            "expect_column_values_to_match_regex",
            {"regex": "(ab"},
            "is no regular expression: missing )",
        ),
        ("expect_column_values_to_match_regex", {}, "it needs 'regex'"),
        (
            "expect_column_values_to_match_regex_list",
            {"regex_list": ["a", "["]},
            "'[' is no regular",
        ),
        ("expect_column_values_to_match_regex_list", {"regex_list": []}, "is no list, or empty"),
        ("expect_column_values_to_be_in_set", {"value_set": "abc"}, "value_set is no list"),
        ("expect_column_values_to_be_in_set", {"value_set": [[1]]}, "holds lists or objects"),
        ("expect_column_value_lengths_to_be_between", {"min_value": 1.5}, "min_value is no whole"),
        (
            "expect_column_quantile_values_to_be_between",
            {"quantile_ranges": {"quantiles": [0.5]}},
            "is no object with the lists 'quantiles' and 'value_ranges'",
        ),
        ("expect_column_to_exist", {"column_index": 1.0}, "column_index is no whole number"),
    ],
)
def test_wrong_arguments_of_other_types(type_, kwargs, told):
    assert told in refusal(suite_of(type=type_, kwargs={"column": "a", **kwargs}))


@pytest.mark.parametrize(
    ("type_", "kwargs", "told"),
    [
        (
            "expect_compound_columns_to_be_unique",
            {"column_list": ["a", "b"], "ignore_row_if": "neither"},
            "ignore_row_if is one of all_values_are_missing, any_value_is_missing, never",
        ),
        ("expect_compound_columns_to_be_unique", {"column_list": ["a"]}, "two columns or more"),
        ("expect_table_columns_to_match_set", {}, "it needs 'column_set'"),
        ("expect_table_row_count_to_be_between", {}, "it needs 'min_value', 'max_value' or both"),
        ("unexpected_rows_expectation", {}, "on databases only"),
        ("expect_query_results_to_match_comparison", {}, "on databases only"),
    ],
)
def test_wrong_arguments_of_tables(type_, kwargs, told):
    assert told in refusal(suite_of(type=type_, kwargs=kwargs))


@pytest.mark.parametrize(
    ("suite", "told"),
    [
        ({"expectations": []}, "the suite has no expectations; a check that checks nothing"),
        ([], "the suite has no expectations"),
        ({"name": "a"}, "the suite has no list 'expectations'"),
        ({"name": "a", "expectation": []}, "'expectation'. Did you mean 'expectations'?"),
        ({"expectation_suite_name": "a"}, "written by Great Expectations 0.x"),
        (suite_of(expectation_type="x"), "since 1.0 it is 'type'"),
        (suite_of(severty="info"), "it has the key 'severty'. Did you mean 'severity'?"),
        (suite_of(severity="high"), "the severity is 'high', and has to be one of critical"),
        (suite_of(meta={"level": "loud"}), "the level in 'meta' is 'loud'"),
        (suite_of(kwargs=[]), "it needs 'column'"),
        (suite_of(kwargs="age"), "'kwargs' is no object"),
        (suite_of(type=None), "it has no 'type'"),
        (
            {"expectations": ["expect_column_to_exist"]},
            "it is of type str, not an object with 'type'",
        ),
        (7, "not of type int"),
        ("", "not empty text"),
        ([7], "it is of type int, not an object"),
        ([object()], "a suite holds text, numbers, dates and lists, nothing of type object"),
    ],
)
def test_wrong_suites(suite, told):
    assert told in refusal(suite)


def test_unknown_type_is_refused_with_the_nearest():
    message = refusal(suite_of(type="expect_column_values_to_be_betwen"))
    assert "there is no such expectation type. Did you mean" in message
    assert f"'{BETWEEN}'" in message


def test_other_keys_may_come_with_later_versions():
    DataCheck(suite={**suite_of(freshness_budget=1), "checkpoint_ids": []})


# files


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{\n  "name": "a",\n  "expectations": [}\n', "in line 3, column 20"),
        (b"", "is no valid JSON: Expecting value, in line 1, column 1"),
        (b"\xff\xfe\x00", "is no text in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"name": "a", "name": "b"}', "has the key 'name' twice"),
        (b'{"expectations": [NaN]}', "holds NaN, which is no number of JSON"),
        (b"[1]", "a suite is an object with 'expectations', not of type list"),
    ],
)
def test_unreadable_files(tmp_path, content, told):
    path = tmp_path / "suite.json"
    path.write_bytes(content)
    message = refusal(path)
    assert told in message
    assert "suite.json" in message or "the suite" in message


def test_missing_file_is_told_with_near_names(tmp_path):
    (tmp_path / "german_credit.json").write_text("{}")
    message = refusal(tmp_path / "german_credits.json")
    assert "german_credits.json does not exist. There is: german_credit.json" in message


def test_missing_folder_is_told():
    assert "Neither does the folder expectation" in refusal("expectation/german_credit.json")


def test_folder_is_no_suite(tmp_path):
    (tmp_path / "people.json").write_text("{}")
    assert "is a folder, not a file; it holds people.json" in refusal(tmp_path)


def test_json_text_is_no_path():
    assert "hand over json.loads(...) of it" in refusal('{"name": "a"}')


def test_path_is_relative_to_the_project_too(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("[tool.stepwell]\n")
    (tmp_path / "suite.json").write_text(json.dumps(suite_of()))
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert DataCheck(suite="suite.json").suite == "suite.json"


def test_byte_order_mark_is_accepted(tmp_path):
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(suite_of()), encoding="utf-8-sig")
    assert DataCheck(suite=path).suite == path.as_posix()


# Python objects


def test_expect_writes_what_great_expectations_writes():
    made = expect("column_values_to_be_between", "joined", min_value=date(2024, 1, 1), mostly=0.9)
    assert made == {
        "type": BETWEEN,
        "kwargs": {"column": "joined", "min_value": "2024-01-01", "mostly": 0.9},
        "meta": {},
        "severity": "critical",
    }


def test_expect_makes_json_of_sets_tuples_and_decimals():
    made = expect("column_values_to_be_in_set", "x", value_set={2, 1})
    assert made["kwargs"]["value_set"] == [1, 2]
    made = expect("column_sum_to_be_between", "x", min_value=Decimal("1.5"), max_value=Decimal(2))
    assert made["kwargs"] == {"column": "x", "min_value": 1.5, "max_value": 2}


def test_expect_takes_numbers_of_numpy():
    limit = pl.Series([3]).to_numpy()[0]
    assert expect(BETWEEN, "x", max_value=limit)["kwargs"]["max_value"] == 3


def test_expect_refuses_at_once():
    with pytest.raises(ConfigurationError, match="it does not take 'min'"):
        expect("column_values_to_be_between", "age", min=18)


def test_step_is_a_value():
    one, other = (DataCheck(suite=[expect("column_to_exist", "id")]) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


@pytest.fixture(scope="module")
def gx():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations
        import great_expectations.expectations as expectations

        great_expectations.get_context(mode="ephemeral")
        yield expectations


def test_suite_of_great_expectations_is_taken(gx):
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.row_conditions import Column

    suite = ExpectationSuite(name="people")
    suite.add_expectation(
        gx.ExpectColumnValuesToBeBetween(
            column="age", min_value=18, row_condition=Column("id") > 1, severity="warning"
        )
    )
    step = DataCheck(suite=suite)
    report = step.run(data=pl.DataFrame({"id": [1, 2], "age": [3, 4]})).report
    assert step.suite["name"] == "people"
    assert (report.verdict, report.findings[0].rows) == ("warned", 1)


def test_expectations_of_great_expectations_are_taken(gx):
    step = DataCheck(suite=[gx.ExpectColumnToExist(column="id"), expect("column_to_exist", "age")])
    types = [one["type"] for one in step.suite["expectations"]]
    assert types == ["expect_column_to_exist"] * 2


def test_file_that_great_expectations_wrote_is_read(gx, tmp_path):
    from great_expectations.core import ExpectationSuite

    suite = ExpectationSuite(name="people")
    suite.add_expectation(gx.ExpectColumnValuesToNotBeNull(column="id", mostly=0.5, notes="why"))
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(suite.to_json_dict()))
    report = DataCheck(suite=path).run(data=pl.DataFrame({"id": [1, None]})).report
    assert report.verdict == "passed"
    assert report.details["results"][0]["expectation_config"]["notes"] == "why"


def test_expectation_type_of_the_project_is_known(gx):
    class ExpectColumnValuesToBeProjectSpecific(gx.ExpectColumnValuesToBeBetween):
        """A type that only this test has."""

    own = {
        "type": "expect_column_values_to_be_project_specific",
        "kwargs": {"column": "x", "min_value": 2},
    }
    report = DataCheck(suite=[own]).run(data=pl.DataFrame({"x": [1, 3]})).report
    assert report.findings[0].rows == 1
    assert report.findings[0].details["engine"] == "great_expectations"
