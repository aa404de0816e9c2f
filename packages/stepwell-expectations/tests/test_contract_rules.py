"""Rules of data contracts: what they say of data, and what of themselves."""

import polars as pl
import pytest

from stepwell_expectations import SuiteError, check, contract_suite, read_suite, suite_of

PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 2, None],
        "city": ["Bonn", "n/a", "", None],
        "kind": ["a", "b", "x", None],
    }
)


def contract(*properties, quality=(), **others):
    table = {"name": "people", "properties": list(properties), "quality": list(quality)}
    return {"kind": "DataContract", "apiVersion": "v3.1.0", "schema": [table], **others}


def column(name, *quality, **others):
    return {"name": name, "quality": list(quality), **others}


def findings_of(given, data=PEOPLE):
    return check(suite_of(given), data.lazy()).findings


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"metric": "nullValues", "mustBe": 1}, True),
        ({"metric": "nullValues", "mustBe": 0}, False),
        ({"metric": "nullValues", "mustBeLessThan": 25, "unit": "percent"}, False),
        ({"metric": "nullValues", "mustBeLessOrEqualTo": 25, "unit": "percent"}, True),
        ({"metric": "nullValues", "mustNotBe": 1}, False),
        ({"metric": "nullValues", "mustBeBetween": [1, 2]}, True),
        ({"metric": "nullValues", "mustNotBeBetween": [1, 2]}, False),
        ({"metric": "nullValues", "mustBeGreaterThan": 0}, True),
        ({"metric": "nullValues", "mustBeGreaterOrEqualTo": 2}, False),
        ({"rule": "nullValues", "type": "library", "mustBe": 1}, True),
    ],
)
def test_operators_and_units(rule, holds):
    verdict = findings_of(contract(column("city", rule)))[0].verdict
    assert verdict == ("passed" if holds else "failed")


@pytest.mark.parametrize(
    ("name", "rule", "bad"),
    [
        ("city", {"metric": "missingValues", "arguments": {"missingValues": [None, "", "n/a"]}}, 3),
        ("city", {"metric": "invalidValues", "arguments": {"pattern": "^[A-Z]"}}, 2),
        ("kind", {"metric": "invalidValues", "arguments": {"validValues": ["a", "b"]}}, 1),
        ("id", {"metric": "duplicateValues"}, 1),
    ],
)
def test_metrics_count_bad_rows(name, rule, bad):
    (finding,) = findings_of(contract(column(name, {**rule, "mustBe": 0})))
    assert finding.verdict == "failed"
    assert finding.rows == bad


def test_rules_of_a_table():
    rows = {"metric": "rowCount", "mustBeGreaterThan": 4, "severity": "warning"}
    pairs = {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id", "kind"]}}
    given = contract(column("id"), column("kind"), quality=[rows, pairs])
    assert [finding.verdict for finding in findings_of(given)] == ["warned", "passed"]


def test_what_properties_say_of_themselves_is_checked():
    given = contract(
        column("id", primaryKey=True),
        column("town", physicalName="city", logicalTypeOptions={"minLength": 1, "pattern": "^B"}),
        column("kind", required=True, unique=True),
    )
    checked = [(finding.check, finding.rows) for finding in findings_of(given)]
    assert checked == [
        ("expect_column_values_to_be_unique", 2),
        ("expect_column_values_to_not_be_null", 1),
        ("expect_column_values_to_match_regex", 2),
        ("expect_column_value_lengths_to_be_between", 1),
        ("expect_column_values_to_not_be_null", 1),
        ("expect_column_values_to_be_unique", 0),
    ]


def test_limits_of_numbers():
    given = contract(column("id", logicalTypeOptions={"exclusiveMinimum": 1, "maximum": 2}))
    assert [finding.rows for finding in findings_of(given)] == [1, 0]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"type": "sql", "query": "SELECT 1", "mustBe": 0}, "a query for the server"),
        ({"type": "text", "description": "Fine."}, "a text for people"),
        ({"type": "custom", "engine": "soda", "implementation": "x"}, "for the engine 'soda'"),
    ],
)
def test_rule_that_is_not_run_warns_and_says_why(rule, told):
    (finding,) = findings_of(contract(column("id", rule)))
    assert finding.verdict == "warned"
    assert told in finding.message


def test_expectation_in_a_custom_rule_is_run():
    implementation = {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 4}}
    rule = {"type": "custom", "engine": "greatExpectations", "implementation": implementation}
    (finding,) = findings_of(contract(quality=[rule]))
    assert finding.verdict == "passed"


def test_contract_and_data_that_disagree_are_both_named():
    """A column that the data does not have is an error that names both (fault 87)."""
    (finding,) = findings_of(contract(column("ID number", {"metric": "nullValues", "mustBe": 0})))
    assert finding.verdict == "failed"
    assert "The column 'ID number' does not exist. " in finding.message
    assert "Columns: id, city, kind" in finding.message


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (contract(column("id")), "has no rule for the table 'people'"),
        (contract(column("id"), apiVersion="v2.2.0"), "apiVersion 'v2.2.0'; only v3 can be read"),
        (contract(column("id"), schema={}), "has no list 'schema'"),
        (contract(column("id", {"metric": "nulValues"})), "Did you mean 'nullValues'?"),
        (contract(column("id", {"metric": "nullValues"})), "it has none; it needs one of mustBe,"),
        (
            contract(column("id", {"metric": "nullValues", "mustBe": 0, "mustNotBe": 1})),
            "it has mustBe, mustNotBe; it needs one",
        ),
        (contract(column("id", {"metric": "nullValues", "mustBe": "no"})), "mustBe is no number"),
        (
            contract(column("id", {"metric": "nullValues", "mustBe": 0, "unit": "cells"})),
            "unit is no 'rows' or 'percent'",
        ),
        (
            contract(column("id", {"metric": "nullValues", "mustBe": 0, "arguments": {"a": 1}})),
            "does not take a",
        ),
        (
            contract(column("id", {"metric": "invalidValues", "mustBe": 0})),
            "it needs 'valid_values', 'pattern' or both",
        ),
        (contract(column("id", 3)), "not as the standard has it, in the table 'people'"),
        (contract({"quality": []}, quality=[{"metric": "rowCount"}]), "(KeyError)"),
    ],
)
def test_contracts_that_cannot_be_read(given, told):
    with pytest.raises(SuiteError) as caught:
        suite_of(given)
    assert told in str(caught.value)


def test_table_of_several_is_told_by_name():
    given = contract(column("id", required=True))
    given["schema"].append({"name": "orders", "quality": [{"metric": "rowCount", "mustBe": 0}]})
    assert contract_suite(given, "orders")["name"] == "orders"
    with pytest.raises(SuiteError, match="has 2 tables: add #NAME of one to the path"):
        contract_suite(given)
    with pytest.raises(SuiteError, match=r"no table 'order'. Did you mean 'orders'\?"):
        contract_suite(given, "order")


CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
schema:
  - name: people
    properties:
      - name: id
        required: true
  - name: orders
    quality:
      - {metric: rowCount, mustBe: 0}
"""


def test_table_of_a_file_is_told_after_the_path(tmp_path):
    path = tmp_path / "people.odcs.yaml"
    path.write_text(CONTRACT)
    assert read_suite(f"{path}#people")["name"] == "people"
    with pytest.raises(SuiteError, match="has no table 'x'"):
        read_suite(f"{path}#x")


def test_yaml_that_means_harm_is_refused(tmp_path):
    """Small files that stand for large ones are not even read (fault 10)."""
    path = tmp_path / "people.odcs.yaml"
    path.write_text("a: &a [x]\nb: [*a, *a]")
    with pytest.raises(SuiteError, match=r"odcs\.yaml: line 2, column 5: the alias \*a is refused"):
        read_suite(str(path))
