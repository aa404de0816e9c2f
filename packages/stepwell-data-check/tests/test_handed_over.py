"""What is left to Great Expectations, and what of it is told."""

import json
import logging
import os
import subprocess
import sys
import warnings

import polars as pl
import pytest

from stepwell_data_check import DataCheck, expect
from stepwell_expectations import Expectation
from stepwell_expectations._columns import Columns
from stepwell_expectations._great_expectations import validate

EMAILS = ["anna.meier@example.com", "canary-4711", None, "x@y.z"]
DATA = pl.DataFrame({"email": EMAILS, "n": [3.0, 1.0, float("nan"), 2.0]})
CANARIES = [*filter(None, EMAILS), "anna", "meier", "canary", "4711"]


def report_of(*expectations, data=DATA):
    return DataCheck(suite=list(expectations)).run(data=data).report


def everything(report):
    return report.model_dump_json()


def test_engine_is_in_the_result():
    report = report_of(
        expect("column_values_to_not_be_null", "n"),
        expect("column_values_to_match_regex", "email", regex="(?=[.-])"),
    )
    engines = [result["meta"]["engine"] for result in report.details["results"]]
    assert engines == ["polars", "great_expectations"]
    assert [finding.details["engine"] for finding in report.findings] == engines
    assert report.summary.endswith("1 by Great Expectations, the rest in Polars.")


def test_counts_and_rows_are_taken_over():
    report = report_of(expect("column_values_to_match_regex", "email", regex="(?=%)"))
    assert report.findings[0].message.endswith(
        "3 of 3 rows are not (rows counted from 0: 0, 1, 3)."
    )
    assert report.details["results"][0]["result"]["missing_count"] == 1


def test_rows_of_a_condition_keep_their_numbers():
    expectation = expect(
        "column_values_to_match_regex", "email", regex="(?=%)", row_condition="n < 3"
    )
    finding = report_of(expectation).findings[0]
    assert finding.details["engine"] == "great_expectations"
    assert finding.details["rows"] == (1, 3)


def test_nan_is_missing_as_in_compiled_expectations():
    finding = report_of(expect("column_values_to_match_regex", "n", regex="^[13]")).findings[0]
    assert finding.details["engine"] == "great_expectations"
    assert finding.message.endswith("1 of 3 rows is not (rows counted from 0: 3).")


def test_column_without_values_is_warned_of():
    data = pl.DataFrame({"x": pl.Series([None], dtype=pl.String)})
    report = report_of(expect("column_values_to_match_regex", "x", regex="(?=.)"), data=data)
    assert report.verdict == "warned"


def test_missing_column_is_reported_before_great_expectations_is_asked():
    finding = report_of(expect("column_values_to_match_regex", "m", regex="(?=.)")).findings[0]
    assert "The column 'm' does not exist" in finding.message
    assert finding.details["engine"] == "polars"


def test_wrong_arguments_are_told():
    kwargs = {"column": "n", "method": "guess"}
    wrong = Expectation(type="expect_column_values_to_not_be_outliers", kwargs=kwargs)
    answer = validate({0: wrong}, DATA.lazy(), Columns(DATA.schema), most=1)[0]
    assert "Great Expectations refuses its arguments" in answer["error"]
    assert "method: unexpected value" in answer["error"]


@pytest.mark.parametrize(
    "expectation",
    [
        expect("column_values_to_be_dateutil_parseable", "email"),
        expect("column_values_to_match_strftime_format", "email", strftime_format="%Y"),
        expect("column_values_to_match_regex", "email", regex="(?=%)"),
        expect("column_values_to_be_increasing", "email"),
        expect("column_median_to_be_between", "email", min_value=0),
        expect("column_most_common_value_to_be_in_set", "email", value_set=["q"]),
        expect("column_distinct_values_to_be_in_set", "email", value_set=["q"]),
        expect("column_distinct_values_to_equal_set", "email", value_set=["q"]),
        expect("column_value_z_scores_to_be_less_than", "email", threshold=3, double_sided=True),
        expect("column_values_to_match_json_schema", "email", json_schema={"type": "object"}),
        expect("column_kl_divergence_to_be_less_than", "email", threshold=0.1),
        expect(
            "column_pair_values_to_be_in_set", column_A="email", column_B="n", value_pairs_set=[]
        ),
    ],
    ids=lambda one: one["type"],
)
def test_no_value_leaves_great_expectations(expectation, caplog, capfd):
    """Not in the report, its exceptions, log lines or output (fault 27)."""
    with caplog.at_level(logging.DEBUG):
        report = report_of(expectation)
    told = everything(report) + caplog.text + "".join(capfd.readouterr())
    assert report.verdict == "failed"
    assert [canary for canary in CANARIES if canary in told] == []


def test_observed_cells_are_withheld():
    days = pl.Series(["2041-05-06", "2097-02-05", "2012-01-25"]).str.to_date()
    data = pl.DataFrame({"n": [41.5, 97.25, 12.125], "day": days})
    report = report_of(
        expect("column_median_to_be_between", "day", max_value="2000-01-01"),
        expect("column_median_to_be_between", "n", max_value=1),
        expect(
            "column_quantile_values_to_be_between",
            "n",
            quantile_ranges={"quantiles": [1.0], "value_ranges": [[0, 1]]},
        ),
        data=data,
    )
    told = everything(report)
    assert report.verdict == "failed"
    assert [
        canary for canary in ("41.5", "97.25", "12.125", "2041", "2097") if canary in told
    ] == []


def test_nothing_is_printed_logged_or_written(tmp_path, monkeypatch, capfd, caplog):
    monkeypatch.chdir(tmp_path)
    report_of(
        expect("column_values_to_match_regex", "email", regex="(?=%)"),
        expect("column_kl_divergence_to_be_less_than", "n", threshold=0.1),
        expect("column_values_to_be_dateutil_parseable", "email"),
    )
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""
    assert os.listdir(tmp_path) == []


def test_context_of_the_project_is_kept():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations
        from great_expectations.data_context.data_context.context_factory import project_manager

        own = great_expectations.get_context(mode="ephemeral")
    report_of(expect("column_values_to_match_regex", "email", regex="(?=%)"))
    assert project_manager.get_current_project() is own


def test_great_expectations_is_imported_only_if_it_is_needed():
    code = """
import sys, json, polars as pl
from stepwell_data_check import DataCheck, expect
suite = [expect("column_values_to_be_between", "n", min_value=1), expect("column_to_exist", "n")]
DataCheck(suite=suite).run(data=pl.DataFrame({"n": [1, 2]}))
heavy = ["great_expectations", "pandas", "scipy"]
print(json.dumps([name for name in heavy if name in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
    assert done.stderr == ""
