"""The report: a finding for each expectation, and the result as Great Expectations writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import JsonValue

from stepwell import Finding, Report
from stepwell.authoring import listed
from stepwell_expectations._conclusion import Counted, Counts, outcomes
from stepwell_expectations._expectation import Expectation, Suite
from stepwell_expectations._outcome import GREAT_EXPECTATIONS, Outcome
from stepwell_expectations._words import counted

_NAMED_ROWS = 5
_LONGEST = 160


def report_of(suite: Suite, counts: Counts, *, at_most: float = 0) -> Report:
    """The report on `suite`. Its verdict is the worst of the findings.

    `at_most` is the share of the rows that may be set apart.
    """
    found = [counts.by_position.get(at, Counted()) for at in range(len(suite.expectations))]
    judged = list(zip(suite.expectations, outcomes(suite.expectations, counts), found, strict=True))
    findings = [_finding(*one) for one in judged]
    if any(expectation.sets_apart for expectation in suite.expectations):
        findings.append(_apart(counts, at_most))
    if counts.rows == 0 and not _accepts_no_rows(judged):
        findings.append(_no_rows())
    return Report(
        findings=tuple(findings),
        summary=_summary(findings, [outcome for _, outcome, _ in judged]),
        details=_result(suite, judged),
    )


Judged = tuple[Expectation, Outcome, Counted]


def _finding(expectation: Expectation, outcome: Outcome, found: Counted) -> Finding:
    details: dict[str, JsonValue] = {"engine": outcome.engine, "severity": expectation.severity}
    if found.rows:
        details["rows"] = list(found.rows)
    if found.shapes:
        details["shapes"] = dict(found.shapes)
    return Finding(
        check=expectation.type,
        verdict=_verdict(expectation, outcome),
        message=_message(expectation, outcome, found),
        columns=expectation.columns,
        rows=outcome.unexpected,
        details=details,
    )


def _verdict(expectation: Expectation, outcome: Outcome) -> Literal["passed", "warned", "failed"]:
    """Where nothing was there to be checked, it is not counted as passed."""
    if outcome.success:
        return "warned" if outcome.vacuous else "passed"
    if expectation.sets_apart and not outcome.error:
        return "warned"  # how many rows are too many is said once for them all
    return "failed" if expectation.severity == "critical" else "warned"


def _message(expectation: Expectation, outcome: Outcome, found: Counted) -> str:
    wish = _wish(expectation)
    if outcome.error:
        return f"{wish}: could not be checked. {outcome.found}"
    rows = f" (rows counted from 0: {_listed_rows(outcome, found)})" if found.rows else ""
    shapes = f", which look like {listed(found.shapes, most=3)}" if found.shapes else ""
    return f"{wish}: {outcome.found}{rows}{shapes}."


def _wish(expectation: Expectation) -> str:
    """`Column values to be between (column 'age', min_value 18, max_value 120)`."""
    words = expectation.type.removeprefix("expect_").replace("_", " ")
    given = ", ".join(f"{name} {value!r}" for name, value in expectation.kwargs.items())
    shown = given if len(given) <= _LONGEST else given[:_LONGEST] + "…"
    condition = " in the rows of its row_condition" if expectation.condition else ""
    return f"{words.capitalize()} ({shown}){condition}" if shown else words.capitalize() + condition


def _listed_rows(outcome: Outcome, found: Counted) -> str:
    rows = [str(row) for row in found.rows[:_NAMED_ROWS]]
    more = (outcome.unexpected or 0) - len(rows)
    return listed(rows) + (f" and {more:,} more" if more > 0 else "")


def _accepts_no_rows(judged: Sequence[Judged]) -> bool:
    """Whether the suite says that there may be no rows: its author has thought of it."""
    return any(
        outcome.success
        and expectation.type.startswith(("expect_table_row_count_", "contract_row_count"))
        for expectation, outcome, _ in judged
    )


def _apart(counts: Counts, at_most: float) -> Finding:
    """Whether no more rows were set apart than may be."""
    share = counts.apart / counts.rows if counts.rows else 0.0
    within = share <= at_most
    verb = "was" if counts.apart == 1 else "were"
    told = f"{counts.apart:,} of {counted(counts.rows, 'row')} {verb} set apart"
    return Finding(
        check="rows_set_apart",
        verdict=("warned" if counts.apart else "passed") if within else "failed",
        message=f"{told} ({share:.4%}), where at most {at_most:.4%} may be.",
        rows=counts.apart,
        details={"share": share, "at_most": at_most},
    )


def _no_rows() -> Finding:
    return Finding(
        check="rows",
        verdict="failed",
        message=(
            "The dataset has no rows, so that nothing was checked. If that is all right, add "
            "expect_table_row_count_to_be_between with min_value 0 to the suite."
        ),
        rows=0,
    )


def _summary(findings: Sequence[Finding], outcomes: Sequence[Outcome]) -> str:
    verdicts = [finding.verdict for finding in findings]
    told = [
        f"{verdicts.count(verdict)} {verdict}"
        for verdict in ("passed", "warned", "failed")
        if verdict in verdicts
    ]
    handed = sum(outcome.engine == GREAT_EXPECTATIONS for outcome in outcomes)
    by = f"; {handed} by Great Expectations, the rest in Polars" if handed else ""
    return f"{counted(len(outcomes), 'expectation')}: {', '.join(told)}{by}."


# the result as Great Expectations writes it


def _result(suite: Suite, judged: Sequence[Judged]) -> Mapping[str, JsonValue]:
    successful = sum(outcome.success for _, outcome, _ in judged)
    statistics: dict[str, JsonValue] = {
        "evaluated_expectations": len(judged),
        "successful_expectations": successful,
        "unsuccessful_expectations": len(judged) - successful,
        "success_percent": 100 * successful / len(judged),
    }
    return {
        "success": successful == len(judged),
        "results": [_one_result(*one) for one in judged],
        "suite_name": suite.name,
        "suite_parameters": {},
        "statistics": statistics,
        "meta": {},
        "id": None,
    }


def _one_result(expectation: Expectation, outcome: Outcome, found: Counted) -> dict[str, Any]:
    result = dict(outcome.result)
    if "element_count" in result:
        result["partial_unexpected_index_list"] = list(found.rows)
    return {
        "success": outcome.success,
        "expectation_config": dict(expectation.config),
        "result": result,
        "meta": {"engine": outcome.engine},
        "exception_info": {
            "raised_exception": outcome.error,
            "exception_message": outcome.found if outcome.error else None,
            "exception_traceback": None,
        },
    }
