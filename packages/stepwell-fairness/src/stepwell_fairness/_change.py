"""How a rate of each group changed from the champion to the challenger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stepwell import Finding, Metric
from stepwell_fairness._counts import Group
from stepwell_fairness._definitions import Rate
from stepwell_fairness._gates import (
    HELD,
    SOME_UNKNOWN,
    UNKNOWN,
    VIOLATED,
    Judgement,
    Outcome,
    labelled,
    named,
)
from stepwell_fairness._intervals import Estimate, standard_errors
from stepwell_fairness._pairs import PairedConfusion, Versions
from stepwell_fairness._policy import ROUNDING, Gate, Policy

CHECK = "no_worse_than_champion"


@dataclass(frozen=True)
class Change:
    """How much a rate of one group changed from the champion to the challenger."""

    group: Group
    rows: int
    estimate: Estimate


@dataclass(frozen=True)
class Regression:
    """The changes of one rate, in the groups of one grouping; `left_out` are too small to tell."""

    rate: Rate
    by: Group
    changes: tuple[Change, ...]
    left_out: Mapping[Group, int]

    @classmethod
    def of(
        cls, rate: Rate, by: Group, groups: Mapping[Group, PairedConfusion], policy: Policy
    ) -> Regression:
        """The changes, with intervals that hold together for all groups."""
        sizes = {group: confusion.size(rate) for group, confusion in sorted(groups.items())}
        large = [group for group, size in sizes.items() if size >= policy.minimum]
        z = standard_errors(policy.confidence, comparisons=len(large))
        estimates = {group: groups[group].change(rate, z) for group in large}
        changes = {group: estimate for group, estimate in estimates.items() if estimate}
        return cls(
            rate=rate,
            by=by,
            changes=tuple(Change(group, sizes[group], found) for group, found in changes.items()),
            left_out={group: size for group, size in sizes.items() if group not in changes},
        )

    def metrics(self, versions: Versions) -> list[Metric]:
        """The change of each group that is large enough."""
        return [
            Metric(
                name=self.rate.name,
                value=change.estimate.value,
                low=change.estimate.low,
                high=change.estimate.high,
                rows=change.rows,
                model_version=versions.challenger,
                against=versions.champion,
                group=labelled(self.by, change.group),
            )
            for change in self.changes
        ]

    def finding(self, tolerance: float, versions: Versions, policy: Policy) -> Finding:
        """Whether no group's rate became worse by more than `tolerance`."""
        judgement = self._judgement(tolerance, policy.gate)
        return Finding(
            check=CHECK,
            verdict=judgement.verdict,
            message=self._message(tolerance, policy, judgement.outcome),
            columns=self.by,
            rows=sum(self.left_out.values()) or None,
            details={
                "outcome": judgement.outcome,
                "gate": policy.gate,
                "rate": self.rate.name,
                "tolerance": tolerance,
                "model_version": versions.challenger,
                "against": versions.champion,
                "minimum_group_size": policy.minimum,
                "left_out": {named(self.by, g): rows for g, rows in self.left_out.items()},
            },
        )

    def _worsening(self, change: Change, gate: Gate) -> tuple[float, float]:
        """How much worse the group fares at least and at most, as the gate sees it."""
        estimate = change.estimate
        sign = -1 if self.rate.better == "higher" else 1
        if gate == "value":
            return sign * estimate.value, sign * estimate.value
        low, high = sorted((sign * estimate.low, sign * estimate.high))
        return low, high

    def _judgement(self, tolerance: float, gate: Gate) -> Judgement:
        if not self.changes:
            return UNKNOWN
        bounds = [self._worsening(change, gate) for change in self.changes]
        slack = tolerance + ROUNDING
        if max(least for least, _ in bounds) > slack:
            return VIOLATED
        if max(most for _, most in bounds) > slack:
            return UNKNOWN
        return SOME_UNKNOWN if self.left_out else HELD

    def _message(self, tolerance: float, policy: Policy, outcome: Outcome) -> str:
        where = f"{self.rate.name} by {' and '.join(self.by)}"
        small = (
            f" Too few rows to tell for {len(self.left_out)} of "
            f"{len(self.left_out) + len(self.changes)} groups: a group needs "
            f"{policy.minimum} {self.rate.among} that neither model has seen."
            if self.left_out
            else ""
        )
        if not self.changes:
            return f"{where} cannot be compared with the champion's.{small} Undecided."
        worst = max(self.changes, key=lambda change: self._worsening(change, "value"))
        found = worst.estimate
        said = f" Undecided for the {policy.gate}." if outcome == "undecided" else ""
        return (
            f"{where}: the group that fares worst against the champion is "
            f"{named(self.by, worst.group)}, {found.value:+.3f} (interval {found.low:+.3f} to "
            f"{found.high:+.3f}, {worst.rows:,} {self.rate.among}); a change for the worse of "
            f"{tolerance:g} is tolerated, for its {policy.gate}.{small}{said}"
        )
