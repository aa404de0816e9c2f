"""Rows that are set apart, and how many may be."""

import polars as pl
import pytest

from stepwell import ConfigurationError, Dataset, Pipeline
from stepwell_data_check import DataCheck, Quarantine, expect

PEOPLE = pl.DataFrame({"age": [31, 17, None, 40], "sex": ["f", "q", None, "x"]})
ADULT = expect("column_values_to_be_between", "age", min_value=18, level="quarantine")
KNOWN = expect("column_values_to_be_in_set", "sex", value_set=["f", "m"], level="quarantine")
PRESENT = expect("column_values_to_not_be_null", "age", level="quarantine")


def test_rows_are_parted():
    done = Quarantine(suite=[ADULT, KNOWN], at_most=0.5).run(data=PEOPLE)
    assert done.data.to_polars()["age"].to_list() == [31, None]
    assert done.quarantined.to_polars()["age"].to_list() == [17, 40]
    assert done.report.verdict == "warned"


def test_rows_set_apart_are_counted_once():
    finding = Quarantine(suite=[ADULT, KNOWN], at_most=0.5).run(data=PEOPLE).report.findings[-1]
    assert finding.rows == 2
    assert finding.message == (
        "2 of 4 rows were set apart (50.0000%), where at most 50.0000% may be."
    )


def test_more_rows_than_may_be_fail():
    report = Quarantine(suite=[ADULT, KNOWN], at_most=0.49).run(data=PEOPLE).report
    assert [finding.verdict for finding in report.findings] == ["warned", "warned", "failed"]


def test_missing_value_is_set_apart_if_it_is_not_allowed():
    done = Quarantine(suite=[PRESENT], at_most=0.25).run(data=PEOPLE)
    assert done.quarantined.to_polars().rows() == [(None, None)]


def test_nothing_to_set_apart_passes():
    done = Quarantine(suite=[ADULT], at_most=0).run(data=PEOPLE.head(1))
    assert done.report.verdict == "passed"
    assert len(done.quarantined) == 0


def test_other_expectations_fail_as_ever():
    unique = expect("column_values_to_be_unique", "sex")
    data = PEOPLE.with_columns(sex=pl.lit("f"))
    report = Quarantine(suite=[ADULT, unique], at_most=1).run(data=data).report
    assert [finding.verdict for finding in report.findings] == ["warned", "failed", "warned"]


def test_column_that_is_missing_sets_nothing_apart_and_fails():
    absent = expect("column_values_to_not_be_null", "name", level="quarantine")
    done = Quarantine(suite=[absent], at_most=1).run(data=PEOPLE)
    assert done.report.verdict == "failed"
    assert len(done.data) == 4


def test_pattern_that_only_great_expectations_can_match_fails():
    ahead = expect("column_values_to_match_regex", "sex", regex="(?=f)", level="quarantine")
    done = Quarantine(suite=[ahead], at_most=1).run(data=PEOPLE)
    assert done.report.verdict == "failed"
    assert "It cannot set rows apart" in done.report.findings[0].message


def test_roles_stay_with_both_parts():
    data = Dataset.of(PEOPLE, roles={"sex": "protected"})
    done = Quarantine(suite=[ADULT], at_most=1).run(data=data)
    assert done.data.roles == done.quarantined.roles == data.roles


def test_too_many_bad_rows_block_what_follows():
    step = Quarantine(suite=[ADULT], at_most=0)
    run = Pipeline("people", [step], inputs={"data": Dataset}).run(data=PEOPLE, store=False)
    assert run.status == "blocked"
    assert len(run["quarantined"]) == 1


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: DataCheck(suite=[ADULT]), "the level 'quarantine', which is for the step Quara"),
        (
            lambda: Quarantine(suite=[expect("column_to_exist", "age")], at_most=1),
            "no expectation sets rows apart",
        ),
        (
            lambda: expect("column_values_to_be_unique", "age", level="quarantine"),
            "for what can be said of each row by itself",
        ),
        (
            lambda: expect("column_values_to_not_be_null", "a", mostly=0.9, level="quarantine"),
            "mostly and the level 'quarantine' do not go together",
        ),
        (lambda: Quarantine(suite=[ADULT], at_most=2), "at_most"),
    ],
)
def test_what_is_refused(make, told):
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert told in str(caught.value)


def test_other_tables_are_counted(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text("id\n1\n2\n3\n4\n")
    same = expect("table_row_count_to_equal_other_table", other_table_name="orders")
    check = DataCheck(suite=[same], tables={"orders": str(path)})
    assert check.run(data=PEOPLE).report.verdict == "passed"
    before = check.external_state()
    path.write_text("id\n1\n")
    assert check.external_state() != before
    assert check.run(data=PEOPLE).report.verdict == "failed"
