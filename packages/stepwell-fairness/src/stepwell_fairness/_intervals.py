"""Intervals of proportions, of their differences and of their ratios, in closed form.

All of them start from Wilson's score interval, so they stay inside their range and do not collapse
where a proportion is 0 or 1. `n` may be a fraction: the effective number of rows of weighted data.

References:
    Wilson, JASA 22 (1927) 209-212: one proportion.
    Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: difference, independent groups.
    Newcombe, Statistics in Medicine 17 (1998) 2635-2650, method 10: difference, the same rows.
    Donner and Zou, Statistical Methods in Medical Research 21 (2012) 347-359: ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, sqrt


@dataclass(frozen=True)
class Estimate:
    """A value and the interval around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Proportion:
    """A share of `n` rows."""

    value: float
    n: float

    def estimate(self, z: float) -> Estimate:
        """The share with Wilson's score interval."""
        p, spread = self.value, z * z / self.n
        centre = (p + spread / 2) / (1 + spread)
        reach = z / (1 + spread) * sqrt(p * (1 - p) / self.n + spread / (4 * self.n))
        return Estimate(p, max(0.0, min(centre - reach, p)), min(1.0, max(centre + reach, p)))


def standard_errors(confidence: float, *, comparisons: int = 1) -> float:
    """How many standard errors an interval reaches to either side.

    With several `comparisons`, all their intervals together keep the confidence (Bonferroni).
    """
    from statistics import NormalDist

    error = (1 - confidence) / max(comparisons, 1)
    return NormalDist().inv_cdf(1 - error / 2)


def difference(first: Estimate, second: Estimate, *, correlation: float = 0.0) -> Estimate:
    """`first` minus `second`, with Newcombe's interval.

    Independent groups have no correlation; two models on the same rows have one.
    """
    value = first.value - second.value
    below = _length(first.value - first.low, second.high - second.value, correlation)
    above = _length(first.high - first.value, second.value - second.low, correlation)
    return Estimate(value, max(-1.0, value - below), min(1.0, value + above))


def ratio(first: Estimate, second: Estimate) -> Estimate:
    """`first` divided by `second`, with Donner and Zou's interval; both may be infinite."""
    p1, p2 = first.value, second.value
    product = p1 * p2
    # The published limits, multiplied out so that neither divides zero by zero.
    low_scale = first.low * (2 * p1 - first.low)
    low_root = sqrt(max(0.0, product**2 - low_scale * second.high * (2 * p2 - second.high)))
    high_scale = second.low * (2 * p2 - second.low)
    high_root = sqrt(max(0.0, product**2 - high_scale * first.high * (2 * p1 - first.high)))
    return Estimate(
        value=p1 / p2 if p2 > 0 else inf,
        low=low_scale / (product + low_root) if product + low_root > 0 else 0.0,
        high=(product + high_root) / high_scale if high_scale > 0 else inf,
    )


@dataclass(frozen=True)
class Pairs:
    """Shares of the same `n` rows: counted for both models, for one of them only, for neither."""

    both: float
    first_only: float
    second_only: float
    neither: float
    n: float

    def change(self, z: float) -> Estimate:
        """The share of the first model minus the second's, with Newcombe's paired interval."""
        first = Proportion(self.both + self.first_only, self.n)
        second = Proportion(self.both + self.second_only, self.n)
        return difference(first.estimate(z), second.estimate(z), correlation=self._correlation())

    def _correlation(self) -> float:
        margins = (self.both + self.first_only) * (self.second_only + self.neither)
        spread = sqrt(margins * (self.both + self.second_only) * (self.first_only + self.neither))
        if spread == 0:
            return 0.0
        covariance = self.both * self.neither - self.first_only * self.second_only
        if covariance > 0:  # Newcombe's continuity correction
            covariance = max(covariance - 1 / (2 * self.n), 0.0)
        return max(-1.0, min(1.0, covariance / spread))


def _length(a: float, b: float, correlation: float) -> float:
    if correlation == 0:
        return hypot(a, b)
    return sqrt(max(0.0, a * a - 2 * correlation * a * b + b * b))
