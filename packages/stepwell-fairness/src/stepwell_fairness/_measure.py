"""Comparing the rates of groups: values, intervals, and which groups are too small to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from stepwell_fairness._counts import Confusion, Group
from stepwell_fairness._definitions import Comparison, Disparity, Rate
from stepwell_fairness._intervals import (
    Estimate,
    Proportion,
    difference,
    ratio,
    standard_errors,
)
from stepwell_fairness._policy import Policy

Groups = Mapping[Group, Confusion]


@dataclass(frozen=True)
class GroupRate:
    """A rate of one group, and of how many rows it is a share."""

    group: Group
    value: float
    rows: int


@dataclass(frozen=True)
class Measured:
    """A disparity of groups.

    `estimate` is None where fewer groups are large enough than a comparison takes. `lowest` and
    `highest` are the groups that the value comes from, for `rate`. `left_out` holds the groups that
    are too small, with their number of rows.
    """

    disparity: Disparity
    estimate: Estimate | None
    rate: Rate
    lowest: GroupRate | None
    highest: GroupRate | None
    compared: int
    left_out: Mapping[Group, int]


@dataclass(frozen=True)
class _Compared:
    """One rate, compared between groups."""

    rate: Rate
    estimate: Estimate
    lowest: GroupRate
    highest: GroupRate


def measure(disparity: Disparity, groups: Groups, policy: Policy) -> Measured:
    """The disparity of the groups that have the minimum of rows for every rate it looks at.

    The interval is simultaneous: of every pair of groups (or every group, for the worst one) an
    interval is made, with the confidence shared out between them, so that many groups do not widen
    the gap by chance alone. It reaches from the largest lower to the largest upper bound.
    """
    sizes = {
        group: min(confusion.share(rate).rows for rate in disparity.rates)
        for group, confusion in groups.items()
    }
    left_out = {group: size for group, size in sizes.items() if size < policy.minimum}
    large = {group: groups[group] for group in groups if group not in left_out}
    compared = _compared(disparity, large, policy.confidence)
    deciding = _worst(disparity.comparison, compared) if compared else None
    return Measured(
        disparity=disparity,
        estimate=_together(disparity.comparison, compared) if compared else None,
        rate=deciding.rate if deciding else disparity.rates[0],
        lowest=deciding.lowest if deciding else None,
        highest=deciding.highest if deciding else None,
        compared=len(large),
        left_out=left_out,
    )


def _compared(disparity: Disparity, groups: Groups, confidence: float) -> list[_Compared]:
    """Each rate of the disparity, compared; none if one of them cannot be."""
    pairwise = disparity.comparison in ("difference", "ratio")
    count = len(groups)
    if count < (2 if pairwise else 1):
        return []
    comparisons = len(disparity.rates) * (count * (count - 1) // 2 if pairwise else count)
    z = standard_errors(confidence, comparisons=comparisons)
    every = [_compare(disparity.comparison, rate, groups, z) for rate in disparity.rates]
    found = [compared for compared in every if compared is not None]
    return found if len(found) == len(every) else []


def _compare(comparison: Comparison, rate: Rate, groups: Groups, z: float) -> _Compared | None:
    shares = {group: confusion.share(rate) for group, confusion in groups.items()}
    known = {group: share.proportion for group, share in shares.items() if share.proportion}
    if len(known) < len(groups):
        return None
    estimate = _estimate(comparison, rate, list(known.values()), z)
    if estimate is None:
        return None
    ordered = sorted(known, key=lambda group: (known[group].value, group))
    lowest, highest = (
        GroupRate(group, rate.scaled(known[group].value), shares[group].rows)
        for group in (ordered[0], ordered[-1])
    )
    return _Compared(rate, estimate, lowest, highest)


def _estimate(
    comparison: Comparison, rate: Rate, shares: Sequence[Proportion], z: float
) -> Estimate | None:
    estimates = [share.estimate(z) for share in shares]
    if comparison == "difference":
        return _largest([_gap(*pair) for pair in combinations(estimates, 2)])
    if comparison == "ratio":
        if max(share.value for share in shares) == 0:
            return None
        return _smallest([_relation(*pair) for pair in combinations(estimates, 2)])
    scaled = [
        Estimate(rate.scaled(e.value), rate.scaled(e.low), rate.scaled(e.high)) for e in estimates
    ]
    return _smallest(scaled) if comparison == "group_min" else _largest(scaled)


def _gap(first: Estimate, second: Estimate) -> Estimate:
    """How far two groups are apart, whichever is ahead."""
    signed = difference(first, second)
    return Estimate(
        value=abs(signed.value),
        low=max(0.0, signed.low, -signed.high),
        high=max(signed.high, -signed.low),
    )


def _relation(first: Estimate, second: Estimate) -> Estimate:
    """The smaller of two groups' rates divided by the larger; 1 where both are zero."""
    smaller, larger = sorted((first, second), key=lambda estimate: estimate.value)
    if larger.value == 0:
        return Estimate(1.0, 0.0, 1.0)
    found = ratio(smaller, larger)
    # Beyond 1 the other group is the smaller one: its ratio is the reciprocal.
    return Estimate(found.value, min(found.low, 1 / found.high), min(found.high, 1.0))


def _largest(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(*(max(each) for each in _columns(estimates)))


def _smallest(estimates: Sequence[Estimate]) -> Estimate:
    return Estimate(*(min(each) for each in _columns(estimates)))


def _columns(estimates: Sequence[Estimate]) -> Iterator[tuple[float, ...]]:
    return zip(*((e.value, e.low, e.high) for e in estimates), strict=True)


def _together(comparison: Comparison, compared: Sequence[_Compared]) -> Estimate:
    estimates = [one.estimate for one in compared]
    return _largest(estimates) if _bad_when_large(comparison) else _smallest(estimates)


def _worst(comparison: Comparison, compared: Sequence[_Compared]) -> _Compared:
    choose = max if _bad_when_large(comparison) else min
    return choose(compared, key=lambda one: one.estimate.value)


def _bad_when_large(comparison: Comparison) -> bool:
    return comparison in ("difference", "group_max")
