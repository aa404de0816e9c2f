"""Deploy: the challenger becomes champion only if every report passed and it is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from stepwell import Decision, Finding, Model, Report, Step, decisions
from stepwell.authoring import running
from stepwell_deploy._decide import Candidate, Decided, decide
from stepwell_deploy._direction import direction_of, nearest
from stepwell_deploy._follow import PATIENCE, catch_up
from stepwell_deploy._name import Name
from stepwell_deploy._policy import Policy


@dataclass(frozen=True)
class Deployed:
    """What `Deploy` decided."""

    decision: Decision
    """The decision, as it stands in the log; one that changed nothing has no number."""

    report: Report
    """The decision in words, what was tried before it, and whether MLflow has followed."""


class Deploy(Step):
    """Decide whether a model goes into production, and write the decision down.

    The challenger becomes champion if every report of the pipeline has passed and it is better
    than the champion on the same rows, or if there is no champion yet. MLflow's registry and its
    aliases follow the decision; a registry that is away changes nothing but a warning.
    """

    effects: ClassVar[bool] = True

    name: Name = Field(description="The name of the model in the decision log and in MLflow.")
    better_on: str = Field(
        default="roc_auc",
        description="The metric to be better on; 'evaluate.roc_auc' if several steps measure it.",
    )
    by: float = Field(
        default=0.0,
        ge=0,
        allow_inf_nan=False,
        description="The least improvement; a tie never wins.",
    )
    gate: Literal["value", "interval"] = Field(
        default="value",
        description="Whether the difference itself, or the whole of its interval, must reach `by`.",
    )
    higher_is_better: bool | None = Field(
        default=None, description="The direction of a metric that is not among the known ones."
    )
    least_rows: int = Field(
        default=30, ge=1, description="On fewer rows nothing is decided: the champion stays."
    )
    strict: bool = Field(
        default=False, description="Whether a warning, too, keeps a model out of production."
    )
    policy_change: str | None = Field(
        default=None,
        min_length=1,
        description="Why the policy was edited after this same model had lost under the old one.",
    )
    registry: bool = Field(default=True, description="Whether MLflow's model registry follows.")
    registry_patience: float = Field(
        default=PATIENCE, gt=0, description="The most seconds to wait for MLflow."
    )

    @model_validator(mode="after")
    def _direction_is_known(self) -> Self:
        if self.higher_is_better is None and direction_of(self.better_on) is None:
            raise ValueError(
                f"it is not known whether more of {self.better_on!r} is better. "
                f"{nearest(self.better_on)} Otherwise add higher_is_better=True or False".strip()
            )
        return self

    def run(
        self, *, model: Model | None, champion: Model | None, reports: list[Report]
    ) -> Deployed:
        """Judge, decide, and let MLflow follow."""
        log = decisions(self.name)
        current = running()
        decided = decide(
            log,
            Candidate(
                model=model,
                champion=champion,
                reports=reports,
                policy=self._policy(),
                policy_change=self.policy_change,
                run_id=None if current is None else current.run_id,
            ),
        )
        findings = [_finding(decided), *decided.findings]
        if self.registry:
            findings += catch_up(log, patience=self.registry_patience)
        return Deployed(decided.decision, _report(decided.decision, findings))

    def _policy(self) -> Policy:
        direction = self.higher_is_better
        return Policy(
            better_on=self.better_on,
            by=self.by,
            gate=self.gate,
            higher_is_better=bool(direction_of(self.better_on)) if direction is None else direction,
            least_rows=self.least_rows,
            strict=self.strict,
        )

    @classmethod
    def example(cls) -> tuple[Deploy, dict[str, Any]]:
        """A configured step and its inputs, for the conformance kit."""
        failed = Report(step="evaluate", verdict="failed", summary="An example.")
        inputs = {"model": None, "champion": None, "reports": [failed]}
        return cls(name="example", registry=False), inputs


_VERDICTS: dict[str, Literal["passed", "warned", "failed"]] = {
    "promoted": "passed",
    "already_champion": "passed",
    "not_better": "warned",
    "undecided": "warned",
    "refused": "failed",
}


def _finding(decided: Decided) -> Finding:
    decision = decided.decision
    message = f"{_what_happened(decision)} {' '.join(decision.reasons)}"
    return Finding(check="decision", verdict=_VERDICTS[decision.outcome], message=message)


def _what_happened(decision: Decision) -> str:
    version = decision.model_version
    return {
        "promoted": f"{version} becomes champion of '{decision.name}', version {decision.version}.",
        "already_champion": f"{version} stays champion of '{decision.name}'.",
        "not_better": f"{version} does not become champion of '{decision.name}'.",
        "undecided": f"{version} does not become champion of '{decision.name}': undecided.",
        "refused": f"{version or 'The model'} is refused for '{decision.name}'.",
    }[decision.outcome]


def _report(decision: Decision, findings: list[Finding]) -> Report:
    """The smoke test counts as part of the decision, which already says that it failed."""
    return Report(
        step="deploy",
        findings=tuple(findings),
        summary=_what_happened(decision),
        details={
            "outcome": decision.outcome,
            "number": decision.number,
            "version": decision.version,
        },
    )
