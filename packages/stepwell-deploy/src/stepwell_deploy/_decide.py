"""The decision: made after the last entry of the log, or made again if somebody else was first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from stepwell import (
    CorruptedError,
    Decision,
    DecisionConflict,
    DecisionLog,
    Finding,
    Model,
    Report,
    StoreError,
)
from stepwell.authoring import JudgedReport
from stepwell_deploy._edited import edited_since, named_reports
from stepwell_deploy._judgement import Judgement, judge
from stepwell_deploy._policy import Policy
from stepwell_deploy._safety import smoke_test, way_back
from stepwell_deploy._standing import Standing, standing_of

_ATTEMPTS = 1_000


@dataclass(frozen=True)
class Candidate:
    """What is to be decided on."""

    model: Model | None
    champion: Model | None
    reports: Sequence[Report]
    policy: Policy
    policy_change: str | None = None
    run_id: str | None = None

    @property
    def compared_with(self) -> str | None:
        """The fingerprint of the champion that the reports compare with."""
        return None if self.champion is None else self.champion.fingerprint


@dataclass(frozen=True)
class Decided:
    """A decision, as it stands in the log, and what was tried on the way to it."""

    decision: Decision
    findings: tuple[Finding, ...] = ()


def decide(log: DecisionLog, candidate: Candidate) -> Decided:
    """Decide on `candidate` and append the decision to `log`.

    A run that asks again gets the answer that it got before. The model that is champion already
    stays it, and nothing is written.
    """
    if candidate.model is not None:
        with suppress(CorruptedError):  # the smoke test finds the damage, and the model is refused
            log.store.put(candidate.model)
    reports = _judged(log, candidate.reports)
    for _ in range(_ATTEMPTS):
        entries = log.entries()
        standing = standing_of(entries)
        answered = _answer_before(entries, candidate)
        if answered is not None:
            return Decided(answered)
        if _is_champion(standing, candidate.model):
            return Decided(_already_champion(log.name, standing, candidate))
        judgement, findings = _judge(log, entries, standing, candidate)
        decision = _decision(log.name, standing, candidate, judgement, reports)
        try:
            return Decided(log.append(decision, after=standing.number), findings)
        except DecisionConflict:
            continue  # what was read is out of date: read and judge again
    raise StoreError(f"The decisions about '{log.name}' change faster than they can be read.")


def _answer_before(entries: Iterable[Decision], candidate: Candidate) -> Decision | None:
    """The decision that the same run got for the same model under the same policy."""
    if candidate.run_id is None or candidate.model is None:
        return None
    asked = (candidate.run_id, candidate.model.fingerprint, candidate.policy.to_json())
    return next((one for one in entries if (one.run_id, one.model, one.policy) == asked), None)


def _is_champion(standing: Standing, model: Model | None) -> bool:
    champion = standing.champion
    return model is not None and champion is not None and champion.model == model.fingerprint


def _already_champion(name: str, standing: Standing, candidate: Candidate) -> Decision:
    champion = standing.champion
    assert champion is not None  # the caller has compared the model with it
    return Decision(
        name=name,
        outcome="already_champion",
        model=champion.model,
        model_version=champion.model_version,
        version=champion.version,
        champion_before=champion.model,
        champion_version_before=champion.version,
        reasons=(f"This model is the champion since decision {champion.number}.",),
        policy=candidate.policy.to_json(),
    )


def _judge(
    log: DecisionLog, entries: Sequence[Decision], standing: Standing, candidate: Candidate
) -> tuple[Judgement, tuple[Finding, ...]]:
    model, champion = candidate.model, candidate.champion
    if model is None:
        reason = "There is no model: the step that makes it was blocked or did not finish."
        return Judgement("refused", (reason,)), ()
    judgement = judge(
        candidate.policy,
        model=model.version,
        champion=None if champion is None else champion.version,
        reports=candidate.reports,
    )
    if judgement.outcome == "refused":
        return judgement, ()
    stale = _stale(log.name, standing, candidate)
    if stale is not None:
        return replace(judgement, outcome="refused", reasons=(stale,)), ()
    if judgement.outcome != "promoted":
        return judgement, ()
    edited = edited_since(
        [one for one in entries if _same_contest(one, candidate)],
        policy=candidate.policy.to_json(),
        reports=candidate.reports,
        store=log.store,
    )
    if edited is not None and candidate.policy_change is None:
        return replace(judgement, outcome="refused", reasons=(edited,)), ()
    if edited is not None:
        changed = f"The policy was changed after a result: {candidate.policy_change}"
        judgement = replace(judgement, reasons=(*judgement.reasons, changed))
    return _if_safe(log, standing, judgement, candidate.policy, model)


def _stale(name: str, standing: Standing, candidate: Candidate) -> str | None:
    """Why the comparison says nothing about today's champion, if it does not."""
    champion = standing.champion
    if candidate.compared_with == (None if champion is None else champion.model):
        return None
    compared = "no champion" if candidate.champion is None else candidate.champion.version
    today = (
        "nobody" if champion is None else f"{champion.model_version} (decision {champion.number})"
    )
    return (
        f"Conflict, compare again: the champion of '{name}' is {today}, and this model was "
        f"compared with {compared}. Run the pipeline once more."
    )


def _same_contest(earlier: Decision, candidate: Candidate) -> bool:
    """Whether `earlier` judged the same model against the same champion, and did not promote it."""
    if candidate.model is None or earlier.crowns:
        return False
    contest = (candidate.model.fingerprint, candidate.compared_with)
    return (earlier.model, earlier.champion_before) == contest


def _if_safe(
    log: DecisionLog, standing: Standing, judgement: Judgement, policy: Policy, model: Model
) -> tuple[Judgement, tuple[Finding, ...]]:
    champion = standing.champion
    loads = smoke_test(log.store, model.fingerprint)
    back = way_back(log.store, None if champion is None else champion.model)
    wrong = [loads] if loads.verdict == "failed" else []
    if policy.strict and back.verdict == "warned":
        wrong.append(back)
    if wrong:
        reasons = tuple(finding.message for finding in wrong)
        judgement = replace(judgement, outcome="refused", reasons=reasons)
    return judgement, (loads, back)


def _decision(
    name: str,
    standing: Standing,
    candidate: Candidate,
    judgement: Judgement,
    reports: Mapping[str, JudgedReport],
) -> Decision:
    model, champion = candidate.model, standing.champion
    return Decision(
        name=name,
        outcome=judgement.outcome,
        model=None if model is None else model.fingerprint,
        model_version=None if model is None else model.version,
        version=standing.promotions + 1 if judgement.outcome == "promoted" else None,
        champion_before=None if champion is None else champion.model,
        champion_version_before=None if champion is None else champion.version,
        reasons=judgement.reasons,
        reports=reports,
        metrics=judgement.metrics,
        policy=candidate.policy.to_json(),
        run_id=candidate.run_id,
    )


def _judged(log: DecisionLog, reports: Sequence[Report]) -> dict[str, JudgedReport]:
    """Verdict and fingerprint of every report, by the name of its step."""
    return {
        name: JudgedReport(
            verdict=report.verdict,
            fingerprint=None if report.verdict == "missing" else log.store.put(report),
        )
        for name, report in named_reports(reports).items()
    }
