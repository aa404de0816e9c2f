"""The conformance kit as a whole: what it says, and what of that counts."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from unittest import SkipTest

import pytest
from click.testing import CliRunner, Result

from stepwell import ConfigurationError, Report, Step
from stepwell._cli import stepwell as command_line
from stepwell.testing import (
    PACKAGE_CHECKS,
    STEP_CHECKS,
    Check,
    CheckFailed,
    _check,
    check_has_docstring,
    checks_for,
    conformance_report,
)

Install = Callable[..., str]

SOURCE = '''
from dataclasses import dataclass
from pydantic import Field
from stepwell import Dataset, Finding, Report, Step

@dataclass(frozen=True)
class Counted:
    """What `Count` produces."""
    report: Report

class Count(Step):
    """Count rows."""
    at_least: int = Field(default=1, description="The least number of rows.")

    def run(self, *, data: Dataset) -> Counted:
        rows = len(Dataset.of(data))
        verdict = "passed" if rows >= self.at_least else "failed"
        finding = Finding(check="rows", verdict=verdict, message=f"{rows} rows.", rows=rows)
        return Counted(Report(findings=(finding,)))

    @classmethod
    def example(cls):
        import polars as pl
        return cls(at_least=2), {"data": pl.DataFrame({"name": ["a", "b"], "age": [1, 2]})}
'''


MUTE = {"count": "stepwell_mute:Count"}


CHECKS_OF_1_0 = {
    *("has_docstring", "fields_are_described", "no_field_shadows", "run_can_be_wired"),
    *("outputs_are_frozen", "unknown_field_is_refused", "wrong_values_are_refused"),
    *("configuration_is_json", "equal_configurations_make_equal_steps", "configuration_is_frozen"),
    *("example_gives_what_is_declared", "inputs_stay_unchanged", "same_run_gives_same_bytes"),
    *("data_without_rows", "errors_are_of_stepwell", "no_cell_is_shown", "runs_in_a_worker"),
    *("steps_load", "import_is_silent_and_light", "no_other_step_is_imported", "name"),
    *("entry_points", "core_is_required", "is_typed", "changelog", "contract_is_current"),
}


class Mute(Step):
    def run(self) -> None: ...


class Spoken(Step):
    """A step with a docstring."""

    def run(self) -> None: ...


def install_count(install: Install) -> str:
    install("stepwell-count", SOURCE, steps={"count": "stepwell_count:Count"}, contract=True)
    return "stepwell-count"


def test_good_package_passes_every_check(install: Install) -> None:
    report = conformance_report(install_count(install))
    assert [f.message for f in report.findings if f.verdict == "failed"] == []
    assert len(report.findings) == len(STEP_CHECKS) + len(PACKAGE_CHECKS)
    (warned,) = [f for f in report.findings if f.verdict == "warned"]
    assert warned.details["result"] == "not applicable"
    assert "those of stepwell-count are not here" in warned.message


def test_wrong_package_gives_a_failed_report_that_says_what_to_do(install: Install) -> None:
    source = SOURCE.replace('"""Count rows."""', "")
    install("stepwell-mute", source, steps=MUTE, contract=True)
    report = conformance_report("stepwell-mute")
    assert report.verdict == "failed"
    (finding,) = report.failed()
    assert finding.check == "Count-has_docstring"
    assert finding.message.endswith("Say below its name, in one sentence, what it does.")


def test_failure_is_raised_with_problem_and_remedy() -> None:
    with pytest.raises(CheckFailed) as caught:
        Check(Mute, check_has_docstring)()
    assert caught.value.problem == "Mute has no docstring."
    assert str(caught.value) == f"{caught.value.problem} {caught.value.remedy}"


def test_step_that_does_what_no_check_thinks_of_fails_and_ends_nothing() -> None:
    def check_something(step: type[Step]) -> None:
        raise KeyError(step)

    outcome = Check(Mute, check_something).outcome()
    assert outcome.result == "failed"
    assert "Mute-something was ended by KeyError at" in outcome.message


def test_expected_failure_is_skipped_with_its_reason() -> None:
    with pytest.raises(SkipTest, match="expected failure: words come later"):
        Check(Mute, check_has_docstring, "words come later")()


def test_unexpected_pass_is_a_failure() -> None:
    with pytest.raises(CheckFailed, match=r"passes, and is expected to fail.*Remove it from"):
        Check(Spoken, check_has_docstring, "words come later")()


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"Load-has_docstring": " "}, "expected to fail without a reason. Say why"),
        ({"Load-has_docstrin": "why"}, "is no check. Did you mean 'Load-has_docstring'?"),
    ],
)
def test_expected_failure_needs_a_reason_and_a_check(
    expected: dict[str, str], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message.replace("?", "[?]")):
        checks_for("stepwell", expected_failures=expected)


def test_new_check_is_pending_until_the_next_minor_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = Check(Mute, check_has_docstring)
    monkeypatch.setitem(_check.COUNTS_FROM, "check_has_docstring", "99.1")
    with pytest.raises(SkipTest, match=r"pending: Mute has no docstring.*counts from 99\.1 on"):
        check()
    monkeypatch.setitem(_check.COUNTS_FROM, "check_has_docstring", "1.0")
    with pytest.raises(CheckFailed):
        check()


def test_check_that_is_newer_than_1_0_says_from_when_it_counts() -> None:
    names = {function.__name__.removeprefix("check_") for function in STEP_CHECKS + PACKAGE_CHECKS}
    counts_from = {name.removeprefix("check_") for name in _check.COUNTS_FROM}
    assert counts_from == names - CHECKS_OF_1_0


def test_package_that_is_not_installed_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'stepwell'"):
        checks_for("stepwel")


def test_command_exits_0_with_a_line_for_each_subject(install: Install) -> None:
    done = check(install_count(install))
    assert done.exit_code == 0, done.stdout
    assert "Count                         17 of 17 checks passed" in done.stdout


def test_command_exits_1_and_says_what_to_do(install: Install) -> None:
    source = SOURCE.replace("(frozen=True)", "")
    install("stepwell-count", source, steps={"count": "stepwell_count:Count"})
    done = check("stepwell-count")
    assert done.exit_code == 1
    assert "failed: outputs_are_frozen" in done.stdout
    assert "Write @dataclass(frozen=True) above it." in done.stdout


def test_command_knows_expected_failures_and_prints_json(install: Install) -> None:
    points = {"count": "stepwell_count:Count"}
    install("stepwell-count", SOURCE, steps=points, typed=False, contract=True)
    done = check("stepwell-count", "--expect-failure", "stepwell-count-is_typed=soon", "--json")
    assert done.exit_code == 0
    report = Report.model_validate(json.loads(done.stdout))
    (finding,) = [f for f in report.findings if f.details["result"] == "expected failure"]
    assert finding.message.startswith("soon (stepwell_count holds no py.typed.")


def test_command_writes_junit_xml_with_a_case_for_each_check(
    install: Install, tmp_path: Path
) -> None:
    install("stepwell-mute", SOURCE.replace('"""Count rows."""', ""), steps=MUTE)
    assert check("stepwell-mute", "--junit", str(tmp_path / "check.xml")).exit_code == 1
    suite = ElementTree.parse(tmp_path / "check.xml").getroot()[0]
    assert suite.get("tests") == str(len(STEP_CHECKS) + len(PACKAGE_CHECKS))
    failed = {case.get("name") for case in suite if case.find("failure") is not None}
    assert failed == {"Count-has_docstring", "stepwell-mute-contract_is_current"}


def test_command_refuses_an_expected_failure_without_a_reason() -> None:
    done = check("stepwell", "--expect-failure", "Load-has_docstring")
    assert "there is no '='. Write --expect-failure \"Load-has_docstring=why\"" in str(
        done.exception
    )


def check(*arguments: str) -> Result:
    return CliRunner().invoke(command_line, ["check", *arguments])
