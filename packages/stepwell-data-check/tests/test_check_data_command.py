"""`stepwell check-data`, run as people run it."""

import json
import subprocess
import sys
from xml.etree import ElementTree

import polars as pl
import pytest
from click import unstyle
from click.testing import CliRunner

from stepwell_data_check import DataCheck, expect
from stepwell_data_check._command import check_data
from stepwell_data_check._printed import printed


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    rows = "\n".join(f"{n},{20 + n},{'fm'[n % 2]},canary{n}@x.de" for n in range(40))
    path.write_text(f"id,age,sex,email\n{rows}\n")
    return str(path)


def suite_file(tmp_path, *expectations):
    path = tmp_path / "suite.json"
    path.write_text(json.dumps({"name": "people", "expectations": list(expectations)}))
    return str(path)


def told(*arguments):
    return CliRunner().invoke(check_data, [*arguments])


def test_failed_expectation_exits_3_and_names_no_value(people, tmp_path):
    suite = suite_file(tmp_path, expect("column_values_to_match_regex", "email", regex="^a"))
    command = [sys.executable, "-m", "stepwell", "check-data", people, "--suite", suite]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 3
    assert "40 of 40 rows are not" in done.stdout
    assert "canary" not in done.stdout + done.stderr


def test_what_is_kept_exits_0(people, tmp_path):
    suite = suite_file(tmp_path, expect("column_values_to_be_unique", "id"))
    done = told(people, "--suite", suite)
    assert done.exit_code == 0
    assert done.output.startswith("passed")


def test_result_of_great_expectations(people, tmp_path):
    suite = suite_file(tmp_path, expect("column_values_to_be_unique", "sex"))
    result = json.loads(told(people, "--suite", suite, "--format", "gx").output)
    assert result["success"] is False
    assert result["results"][0]["result"]["unexpected_count"] == 40


def test_junit(people, tmp_path):
    failing = expect("column_values_to_be_unique", "sex")
    warning = expect("column_values_to_be_unique", "sex", level="warn")
    suite = suite_file(tmp_path, failing, warning, expect("column_to_exist", "id"))
    root = ElementTree.fromstring(told(people, "--suite", suite, "--format", "junit").output)
    assert root.attrib == {"name": "people", "tests": "3", "failures": "1"}
    assert [[child.tag for child in case] for case in root] == [["failure"], ["system-out"], []]


def test_draft_is_kept_by_its_data_and_tells_of_no_row(people, tmp_path):
    drafted = told(people, "--draft")
    path = tmp_path / "draft.json"
    path.write_text(drafted.output)
    types = [one["type"] for one in json.loads(drafted.output)["expectations"]]
    assert told(people, "--suite", str(path)).exit_code == 0
    assert {"expect_column_values_to_be_unique", "expect_column_values_to_be_in_set"} < set(types)
    assert "canary" not in drafted.output


def test_rare_category_is_in_no_draft(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("town\n" + "Bonn\n" * 30 + "Kleinhausen\n")
    assert "Kleinhausen" not in told(str(path), "--draft").output


@pytest.mark.parametrize("arguments", [[], ["--draft", "--suite", "x.json"]])
def test_either_a_suite_or_a_draft(people, arguments):
    done = told(people, *arguments)
    assert done.exit_code == 2
    assert "either --suite FILE or --draft" in done.output


def test_missing_file_is_told(tmp_path):
    suite = suite_file(tmp_path, expect("column_to_exist", "id"))
    command = [sys.executable, "-m", "stepwell", "check-data", "absent.csv", "--suite", suite]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "absent.csv" in done.stderr


@pytest.mark.parametrize("form", ["table", "gx", "junit"])
def test_column_names_are_inert(form):
    """Markup, formulas and escapes in the name of a column (fault 32)."""
    name = "\x1b[31m<script>&[bold]\x00"
    check = DataCheck(suite=[expect("column_values_to_be_unique", name)])
    out = printed(check.run(data=pl.DataFrame({name: [1, 1]})).report, form)
    assert not {"\x1b", "\x00"} & set(unstyle(out))
    assert "<script>" not in out or form != "junit"
