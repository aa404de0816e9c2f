"""What a check found: findings, metrics and one verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    model_validator,
)

from stepwell._protocol._frozen import freeze, thaw

Verdict = Literal["passed", "warned", "failed", "missing"]
_SEVERITY: dict[Verdict, int] = {"passed": 0, "warned": 1, "failed": 2, "missing": 3}

Frozen = AfterValidator(freeze)
Details = Annotated[Mapping[str, JsonValue], Frozen, PlainSerializer(thaw)]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


Number = Annotated[float | None, AfterValidator(_finite)]


class Finding(BaseModel):
    """One thing that a check looked at, and whether it held. Never holds a cell of data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: str = Field(description="What was checked, for example 'expect_column_to_exist'.")
    verdict: Literal["passed", "warned", "failed"] = Field(description="Whether it held.")
    message: str = Field(description="One sentence: what was expected and what was found.")
    columns: Annotated[tuple[str, ...], Field(description="The columns concerned.")] = ()
    rows: int | None = Field(default=None, description="How many rows are concerned.")
    details: Details = Field(
        default={}, description="Further facts, as JSON.", validate_default=True
    )


class Metric(BaseModel):
    """A number that a step measured, and of what.

    `value` is None where it could not be computed (too few rows, one class only); NaN and
    infinities become None. `low` and `high` bound the interval, at 95 % unless `details` says
    otherwise. `against` names a second model version where the value is a difference from it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: Number
    low: Number = None
    high: Number = None
    rows: int | None = None
    model_version: str | None = None
    against: str | None = None
    group: Annotated[Mapping[str, str], Frozen] = Field(default={}, validate_default=True)
    details: Details = Field(default={}, validate_default=True)


class Report(BaseModel):
    """Findings and metrics of one step, with a verdict.

    A verdict that is not given is the worst of the findings. `missing` is the verdict of a report
    that could not be made; only judges ever see one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str = ""
    verdict: Verdict = "passed"
    summary: str = ""
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
    details: Details = Field(default={}, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _worst_of_the_findings(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("verdict") is not None:
            return given
        findings = [Finding.model_validate(finding) for finding in given.get("findings", ())]
        verdicts: list[Verdict] = [finding.verdict for finding in findings]
        worst = max(verdicts, key=_SEVERITY.__getitem__, default="passed")
        return {**given, "findings": findings, "verdict": worst}

    def metric(
        self, name: str, *, model_version: str | None = None, against: str | None = None
    ) -> Metric | None:
        """The metric of this name over all rows (no group), if it was measured."""
        for metric in self.metrics:
            if metric.group or metric.name != name or metric.against != against:
                continue
            if model_version is None or metric.model_version == model_version:
                return metric
        return None

    def failed(self) -> tuple[Finding, ...]:
        """The findings that failed."""
        return tuple(finding for finding in self.findings if finding.verdict == "failed")
