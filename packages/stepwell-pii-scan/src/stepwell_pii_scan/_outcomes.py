"""What becomes of each finding: the rules, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._found import UNREADABLE, Found
from stepwell_pii_scan._rule import Action, MaskAs, Rule, rule_for

Fate = Literal[
    "allowed",
    "expired",
    "doubtful",
    "blocked",
    "masked",
    "generalised",
    "dropped",
    "warned",
]

_DONE: Mapping[Action, Fate] = {
    "block": "blocked",
    "mask": "masked",
    "generalise": "generalised",
    "drop": "dropped",
    "warn": "warned",
}


@dataclass(frozen=True)
class Policy:
    """What a step says about findings."""

    on_finding: Action
    on_suspect: Action
    mask_as: MaskAs
    rules: Sequence[Rule]
    allow: Sequence[Allowance]


@dataclass(frozen=True)
class Outcome:
    """A finding, what becomes of it, the allowance that speaks of it, and how data changes.

    It is `decided` if a rule names its column.
    """

    found: Found
    fate: Fate
    allowance: Allowance | None
    removed: Action | None
    mask_as: MaskAs
    decided: bool


def outcomes_of(findings: Iterable[Found], policy: Policy) -> tuple[Outcome, ...]:
    """What becomes of `findings`."""
    allowances = {(allowance.column, allowance.entity): allowance for allowance in policy.allow}
    return tuple(
        _outcome(found, policy, allowances.get((found.column, found.entity))) for found in findings
    )


def _outcome(found: Found, policy: Policy, allowance: Allowance | None) -> Outcome:
    rule = rule_for(policy.rules, found.column, found.entity)
    mask_as = rule.mask_as if rule and rule.mask_as else policy.mask_as
    decided = rule is not None and rule.column is not None
    action = _action(found, policy, rule)
    fate = _DONE[action] if action else "doubtful"
    removed = action if action in ("mask", "generalise", "drop") else None
    if allowance is None:
        return Outcome(found, fate, None, removed, mask_as, decided)
    if allowance.expired:
        return Outcome(found, "expired", allowance, removed, mask_as, decided)
    return Outcome(found, "allowed", allowance, None, mask_as, decided)


def _action(found: Found, policy: Policy, rule: Rule | None) -> Action | None:
    """What is done with a finding without an allowance; None if somebody has to look first."""
    if "suspect" in found.counts and not found.certain:
        return policy.on_suspect
    if not found.certain:
        return rule.action if rule and rule.column else None
    action = rule.action if rule else policy.on_finding
    if found.entity == UNREADABLE and action in ("mask", "generalise"):
        return "block"
    return action
