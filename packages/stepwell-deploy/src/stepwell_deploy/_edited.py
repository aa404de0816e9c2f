"""Whether what a model has to show was edited after it had lost.

A model that did not become champion may ask again under another policy, with other limits in the
checks before, or without a check that it failed. Each may be right, but somebody has to say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stepwell import Decision, Report, StepwellError
from stepwell.authoring import Store

Measurements = Mapping[tuple[Any, ...], float | None]


def named_reports(reports: Sequence[Report]) -> dict[str, Report]:
    """Every report by the name of its step, as the log has it."""
    named: dict[str, Report] = {}
    for position, report in enumerate(reports, start=1):
        name = report.step or f"report_{position}"
        named[f"{name}_{position}" if name in named else name] = report
    return named


def edited_since(
    lost: Iterable[Decision], *, policy: Mapping[str, Any], reports: Sequence[Report], store: Store
) -> str | None:
    """What was edited since the decisions that a model lost, as a sentence; None if nothing."""
    named = named_reports(reports)
    for number, decision in enumerate(lost):
        fields = sorted(key for key in policy if decision.policy.get(key) != policy[key])
        if fields and number == 0:
            return _told(f"The policy was edited ({', '.join(fields)})", decision)
        for name, judged in decision.reports.items():
            if judged.verdict != "failed" or judged.fingerprint is None:
                continue
            if name not in named:
                return _told(f"The report '{name}', which had failed, was left out", decision)
            passes = named[name].verdict in ("passed", "warned")
            if passes and _same_measurements(store, judged.fingerprint, named[name]):
                return _told(f"The limits of '{name}' were edited on the same numbers", decision)
    return None


def _told(what: str, decision: Decision) -> str:
    return (
        f"{what} after decision {decision.number}, which did not promote this same model. If that "
        "is meant, say why: policy_change='...'."
    )


def _same_measurements(store: Store, earlier: str, report: Report) -> bool:
    """Whether both reports measured the same, as far as they measured the same things.

    A report that cannot be read any more cannot show that it measured something else.
    """
    try:
        before = _measurements(store.get(earlier, "report"))
    except StepwellError:
        return True
    now = _measurements(report)
    shared = before.keys() & now.keys()
    return bool(shared) and all(before[key] == now[key] for key in shared)


def _measurements(report: Report) -> Measurements:
    return {
        (one.name, one.model_version, one.against, tuple(sorted(one.group.items()))): one.value
        for one in report.metrics
    }
