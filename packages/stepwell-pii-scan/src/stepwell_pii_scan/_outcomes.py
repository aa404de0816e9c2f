"""What becomes of each finding: the rules, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from stepwell_pii_scan._allowance import Allowance
from stepwell_pii_scan._found import UNREADABLE, Found

Action = Literal["block", "mask", "drop", "warn"]
Fate = Literal["allowed", "expired", "doubtful", "blocked", "masked", "dropped", "warned"]

_DONE: Mapping[Action, Fate] = {
    "block": "blocked",
    "mask": "masked",
    "drop": "dropped",
    "warn": "warned",
}


@dataclass(frozen=True)
class Outcome:
    """A finding, what becomes of it, the allowance that speaks of it, and whether data changes."""

    found: Found
    fate: Fate
    allowance: Allowance | None
    removed: bool


def outcomes_of(
    findings: Iterable[Found], on_finding: Action, allow: Iterable[Allowance]
) -> tuple[Outcome, ...]:
    """What becomes of `findings`."""
    allowances = {(allowance.column, allowance.entity): allowance for allowance in allow}
    return tuple(
        _outcome(found, on_finding, allowances.get((found.column, found.entity)))
        for found in findings
    )


def _outcome(found: Found, on_finding: Action, allowance: Allowance | None) -> Outcome:
    fate = _fate(found, on_finding)
    removed = fate in ("masked", "dropped")
    if allowance is None:
        return Outcome(found, fate, None, removed)
    if allowance.expired:
        return Outcome(found, "expired", allowance, removed)
    return Outcome(found, "allowed", allowance, removed=False)


def _fate(found: Found, on_finding: Action) -> Fate:
    """What becomes of a finding without an allowance."""
    if not found.certain:
        return "doubtful"
    if found.entity == UNREADABLE and on_finding == "mask":
        return "blocked"
    return _DONE[on_finding]
