"""Going back: an earlier champion takes over again, by a decision that says why."""

from __future__ import annotations

from stepwell import ConfigurationError, Decision, DecisionLog, Report, decisions
from stepwell_deploy._deploy import Deployed
from stepwell_deploy._follow import PATIENCE, catch_up
from stepwell_deploy._safety import intact
from stepwell_deploy._standing import Standing, standing_of


def rollback(
    name: str, *, reason: str, to: int | None = None, patience: float = PATIENCE
) -> Deployed:
    """Make the champion before today's (or version `to`) the champion again, and say why.

    Its files are read and compared before anything is decided. Raises ConfigurationError if there
    is nothing to go back to, StoreError or CorruptedError if its files are not intact, and
    DecisionConflict if somebody else decides at the same moment.
    """
    return roll_back(decisions(name), reason=reason, to=to, patience=patience)


def roll_back(log: DecisionLog, *, reason: str, to: int | None, patience: float) -> Deployed:
    """`rollback` in the log of a store."""
    if not reason.strip():
        raise ConfigurationError(
            "A rollback needs a reason: it stands in the decision log for good."
        )
    standing = standing_of(log.entries())
    target = _target(log.name, standing, to)
    intact(log.store, str(target.model))
    decision = log.append(_decision(log.name, standing, target, reason), after=standing.number)
    findings = catch_up(log, patience=patience)
    summary = f"'{log.name}' is back at version {decision.version} ({decision.model_version})."
    return Deployed(decision, Report(step="rollback", summary=summary, findings=tuple(findings)))


def _target(name: str, standing: Standing, to: int | None) -> Decision:
    earlier = standing.crowned[:-1]
    versions = [decision.version for decision in earlier]
    if not earlier:
        raise ConfigurationError(f"'{name}' has no earlier champion to go back to.")
    if to is None:
        return earlier[-1]
    if to not in versions:
        known = ", ".join(str(version) for version in versions)
        raise ConfigurationError(
            f"'{name}' has no earlier champion with version {to}.", hint=f"Earlier: {known}."
        )
    return earlier[versions.index(to)]


def _decision(name: str, standing: Standing, target: Decision, reason: str) -> Decision:
    champion = standing.crowned[-1]
    return Decision(
        name=name,
        outcome="rolled_back",
        model=target.model,
        model_version=target.model_version,
        version=target.version,
        champion_before=champion.model,
        champion_version_before=champion.version,
        reasons=(reason,),
    )
