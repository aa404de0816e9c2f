"""What a failed report stops, what it does not, and what a run comes to."""

from dataclasses import dataclass

import polars as pl
import pytest

from stepwell import Dataset, Finding, Pipeline, Report, Run, RunError, Step, place, step


@step
def rows() -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 2, 3]})


@dataclass(frozen=True)
class Checked:
    data: Dataset
    report: Report


class Check(Step):
    """Passes data on, with a report of the configured verdict."""

    verdict: str = "passed"

    def run(self, *, data: Dataset) -> Checked:
        finding = Finding(check="size", verdict=self.verdict, message="3 rows")
        return Checked(data, Report(findings=[finding]))


class Raises(Check):
    """A check that could not look."""

    def run(self, *, data: Dataset) -> Checked:
        raise RuntimeError


@step(returns="model")
def fit(data: pl.DataFrame) -> int:
    return len(data)


@step(returns="broken")
def broken(data: pl.DataFrame) -> int:
    raise RuntimeError("a secret cell")


@step(returns="note")
def reads_report(check_report: Report) -> str:
    return check_report.verdict


published: list[str] = []


@step(effects=True)
def publish() -> None:
    published.append("published")


@step(returns="seen")
def judge(reports: list[Report]) -> list[str]:
    return [f"{report.step}: {report.verdict}" for report in reports]


@step(returns="decision", effects=True)
def deploy(reports: list[Report], model: int | None) -> str:
    return f"{model} after {[report.verdict for report in reports]}"


def states(run: Run) -> dict[str, str]:
    return {done.name: done.state for done in run.steps}


def test_everything_passed() -> None:
    run = Pipeline("p", [rows(), Check(), fit(), judge()]).run(store=False)
    assert run.status == "succeeded"
    assert set(states(run).values()) == {"succeeded"}
    run.raise_for_status()


def test_warned_report_stops_nothing() -> None:
    run = Pipeline("p", [rows(), Check(verdict="warned"), fit(), publish()]).run(store=False)
    assert (run.status, run.step("check").verdict) == ("succeeded", "warned")


def test_failed_report_blocks_who_takes_another_output_of_its_step() -> None:
    run = Pipeline("p", [rows(), Check(verdict="failed"), fit(), judge()]).run(store=False)
    assert (run.status, states(run)["fit"]) == ("blocked", "blocked")
    assert run.step("fit").reason == "check failed"
    assert "model" not in run


def test_who_takes_only_the_failed_report_runs() -> None:
    run = Pipeline("p", [rows(), Check(verdict="failed"), reads_report()]).run(store=False)
    assert run["note"] == "failed"


def test_failed_report_blocks_later_effects_that_are_no_judge() -> None:
    published.clear()
    run = Pipeline("p", [rows(), Check(verdict="failed"), publish()]).run(store=False)
    assert (states(run)["publish"], published) == ("blocked", [])


def test_effects_before_the_failed_report_have_happened() -> None:
    published.clear()
    run = Pipeline("p", [rows(), publish(), Check(verdict="failed")]).run(store=False)
    assert (run.status, published) == ("blocked", ["published"])


def test_the_rest_goes_on_so_that_one_run_shows_every_problem() -> None:
    steps = [
        rows(),
        place(Check(verdict="failed"), name="first", outputs={"data": "checked"}),
        place(Check(verdict="failed"), name="second", outputs={"data": "checked_too"}),
        fit(),
    ]
    run = Pipeline("p", steps).run(store=False)
    verdicts = {name: report.verdict for name, report in run.reports.items()}
    assert verdicts == {"first_report": "failed", "second_report": "failed"}
    assert run["model"] == 3


def test_judge_gets_every_earlier_report_in_order_and_missing_ones_too() -> None:
    steps = [
        rows(),
        place(Check(verdict="failed"), name="first"),
        place(Check(), name="second"),
        judge(),
        place(Check(), name="later", inputs={"data": "data"}),
    ]
    run = Pipeline("p", steps).run(store=False)
    assert run["seen"] == ["first: failed", "second: missing"]
    assert states(run)["second"] == "blocked"


def test_judge_with_effects_runs_after_a_failed_report_without_what_was_blocked() -> None:
    steps = [rows(), Check(verdict="failed"), fit(), deploy()]
    assert Pipeline("p", steps).run(store=False)["decision"] == "None after ['failed']"


def test_judge_with_effects_gets_what_there_is() -> None:
    run = Pipeline("p", [rows(), Check(), fit(), deploy()]).run(store=False)
    assert run["decision"] == "3 after ['passed']"


def test_step_that_raises_skips_who_needs_it_and_nobody_else() -> None:
    @step
    def needs(broken: int) -> int:
        return broken

    run = Pipeline("p", [rows(), broken(), needs(), fit()]).run(store=False)
    assert run.status == "failed"
    assert states(run) == {
        "rows": "succeeded",
        "broken": "failed",
        "needs": "skipped",
        "fit": "succeeded",
    }
    assert run.step("needs").reason == "broken failed"


def test_report_of_a_step_that_raised_is_missing_for_judges() -> None:
    run = Pipeline("p", [rows(), Raises(), judge()]).run(store=False)
    assert run["seen"] == ["raises: missing"]
    assert "raises_report" not in run.reports


def test_step_without_a_report_that_raises_closes_no_gate() -> None:
    published.clear()
    run = Pipeline("p", [rows(), broken(), publish()]).run(store=False)
    assert (run.status, published) == ("failed", ["published"])


def test_check_that_raised_blocks_later_effects() -> None:
    published.clear()
    run = Pipeline("p", [rows(), Raises(), publish()]).run(store=False)
    assert (states(run)["publish"], published) == ("blocked", [])


def test_failed_counts_more_than_blocked() -> None:
    steps = [
        place(rows(), outputs={"data": "raw"}),
        place(Check(verdict="failed"), inputs={"data": "raw"}),
        fit(),
        place(broken(), inputs={"data": "raw"}),
    ]
    run = Pipeline("p", steps).run(store=False)
    assert (run.status, states(run)["fit"]) == ("failed", "blocked")


def test_raise_for_status_names_the_failed_reports() -> None:
    run = Pipeline("p", [rows(), Check(verdict="failed")]).run(store=False)
    with pytest.raises(RunError, match=rf"Run {run.id} was blocked by check_report\."):
        run.raise_for_status()
    assert run.reports["check_report"].failed()[0].message == "3 rows"
    assert run.reports["check_report"].step == "check"
