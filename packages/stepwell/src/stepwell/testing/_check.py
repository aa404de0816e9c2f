"""One check of one subject, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal
from unittest import SkipTest

from packaging.version import Version

from stepwell._pipelines._failure import reason_of
from stepwell._protocol._step import Step, title

Result = Literal["passed", "failed", "expected failure", "pending", "not applicable"]

COUNTS_FROM: dict[str, str] = {}
"""New checks, each with the version of core from which its failures count: the next minor one.

Until then they are pending: told, and no failure. `{"check_something": "1.2"}` came with 1.1.
"""


class CheckFailed(AssertionError):
    """Something is not kept: `problem` says what, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class NotApplicable(SkipTest):
    """A check has nothing to look at; the message says what is not there."""


@dataclass(frozen=True)
class Outcome:
    """What came of a check, in a sentence; `error` is its failure, also one that does not count."""

    result: Result
    message: str
    error: CheckFailed | None = None


@dataclass(frozen=True)
class Check:
    """A check of a step class or of a package; call it. `str()` of it is its name."""

    subject: type[Step] | str
    function: Callable[[Any], None]
    expected_failure: str | None = None

    def __call__(self) -> None:
        """Raise CheckFailed if the subject does not keep what is checked.

        SkipTest, which pytest and unittest show as skipped with its reason, is raised where that
        does not count: the failure is expected or pending, or there is nothing to look at.
        """
        outcome = self.outcome()
        if outcome.result == "failed":
            assert outcome.error is not None  # every failure has one
            raise outcome.error
        if outcome.result != "passed":
            raise SkipTest(f"{outcome.result}: {outcome.message}")

    def outcome(self) -> Outcome:
        """What came of the check; whatever the subject raises is a failure."""
        try:
            self.function(self.subject)
        except CheckFailed as failure:
            return self._of_failure(failure)
        except NotApplicable as reason:
            return Outcome("not applicable", str(reason))
        except Exception as error:  # a step may do what no check has thought of
            return self._of_failure(self._ended_by(error))
        if self.expected_failure is not None:
            passed = CheckFailed(
                f"{self} passes, and is expected to fail ({self.expected_failure}).",
                "Remove it from the expected failures.",
            )
            return Outcome("failed", str(passed), passed)
        return Outcome("passed", (self.function.__doc__ or "").partition("\n")[0])

    def _ended_by(self, error: Exception) -> CheckFailed:
        failure = CheckFailed(
            f"{self} was ended by {reason_of(error)}.", "Mend the step where that was raised."
        )
        failure.__cause__ = error
        return failure

    def _of_failure(self, failure: CheckFailed) -> Outcome:
        if self.expected_failure is not None:
            return Outcome("expected failure", f"{self.expected_failure} ({failure})", failure)
        counts_from = COUNTS_FROM.get(self.function.__name__)
        if counts_from is not None and Version(version("stepwell")) < Version(counts_from):
            return Outcome("pending", f"{failure} It counts from {counts_from} on.", failure)
        return Outcome("failed", str(failure), failure)

    @property
    def subject_name(self) -> str:
        """The name of the step or package."""
        return self.subject if isinstance(self.subject, str) else title(self.subject)

    @property
    def name(self) -> str:
        """What is checked, without of whom."""
        return self.function.__name__.removeprefix("check_")

    def __str__(self) -> str:
        return f"{self.subject_name}-{self.name}"
