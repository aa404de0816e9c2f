"""How far data is from its profile: the distances of two distributions, from their counts.

Kolmogorov-Smirnov, Wasserstein and Jensen-Shannon are SciPy's `ks_2samp`, `wasserstein_distance`
(divided by the reference's standard deviation) and `jensenshannon` to base 2. The population
stability index is the sum of (q - p) ln(q / p) over bins or categories, where a share of less than
1e-4 counts as that much. Numbers are binned by the deciles of the reference.

They are exact where the profile is. Otherwise Kolmogorov-Smirnov is too small by less than one part
in the number of points, so that it never raises an alarm which the data itself would not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

from stepwell_monitor._profile import CategoricalColumn, NumericColumn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

_BINS = 10
_SMALLEST_SHARE = 1e-4


@dataclass(frozen=True)
class Steps:
    """Two cumulative distributions at the points of a profile: values below, and up to, each."""

    points: Floats
    rows: int
    below: Counts
    up_to: Counts
    found: Floats
    found_below: Counts
    found_up_to: Counts

    @classmethod
    def of(cls, reference: NumericColumn, found: Floats) -> Steps:
        """The distributions of a profile and of the sorted values `found`; neither is empty."""
        import numpy as np

        points = np.array(reference.points)
        return cls(
            points=points,
            rows=reference.count,
            below=np.array(reference.below),
            up_to=np.array(reference.up_to),
            found=found,
            found_below=np.searchsorted(found, points, side="left"),
            found_up_to=np.searchsorted(found, points, side="right"),
        )

    def kolmogorov_smirnov(self) -> float:
        """The largest gap between the distributions."""
        import numpy as np

        now = len(self.found)
        at = np.abs(self.up_to / self.rows - self.found_up_to / now).max()
        before = np.abs(self.below / self.rows - self.found_below / now).max()
        return float(max(at, before))

    def wasserstein(self) -> float:
        """The area between the distributions."""
        import numpy as np

        now = len(self.found)
        middle = self.points[len(self.points) // 2]  # near zero, sums of values lose no digits
        points = self.points - middle
        sums = np.zeros(now + 1)
        np.cumsum(np.subtract(self.found, middle, out=sums[1:]), out=sums[1:])

        def area_under(a: Floats, b: Floats, count_a: Counts, count_b: Counts) -> Floats:
            """Of the distribution of `found`, from a to b."""
            area: Floats = b * count_b - a * count_a - (sums[count_b] - sums[count_a])
            return area / now

        left, right = points[:-1], points[1:]
        low, high = self.found_up_to[:-1], self.found_below[1:]
        # Between two points the profile is level, so that `found` crosses it at most once.
        level = (self.up_to[:-1] + self.below[1:]) / (2 * self.rows)
        target = np.ceil(level * now).astype(np.int64)
        crossing = np.clip(target, low, high)
        value = self.found[crossing - 1] - middle
        at = np.select([target <= low, target > high], [left, right], value)
        before = level * (at - left) - area_under(left, at, low, crossing)
        after = area_under(at, right, crossing, high) - level * (right - at)
        ahead = points[0] * self.found_below[0] - sums[self.found_below[0]]
        last = self.found_up_to[-1]
        beyond = sums[now] - sums[last] - points[-1] * (now - last)
        return float(np.abs(before).sum() + np.abs(after).sum() + (ahead + beyond) / now)

    def bins(self) -> tuple[Counts, Counts]:
        """How many values of each lie between the deciles of the reference."""
        import numpy as np

        deciles = self.rows * np.arange(1, _BINS) / _BINS
        edges = np.unique(np.searchsorted(self.up_to, deciles))
        return (
            np.diff(self.up_to[edges], prepend=0, append=self.rows),
            np.diff(self.found_up_to[edges], prepend=0, append=len(self.found)),
        )


def numeric_distances(reference: NumericColumn, found: Floats) -> dict[str, float]:
    """The distances of sorted values from a profile; infinite where a constant has moved."""
    steps = Steps.of(reference, found)
    expected, observed = steps.bins()
    area, spread = steps.wasserstein(), reference.standard_deviation
    return {
        "kolmogorov_smirnov": steps.kolmogorov_smirnov(),
        "wasserstein": area / spread if spread > 0 else (inf if area > 0 else 0.0),
        "population_stability_index": population_stability_index(expected, observed),
        "jensen_shannon": jensen_shannon(expected, observed),
    }


def categorical_distances(
    reference: CategoricalColumn, found: Mapping[str, int]
) -> dict[str, float]:
    """The distances of category counts from a profile; neither is empty."""
    expected, observed = aligned(reference.categories, found)
    return {
        "population_stability_index": population_stability_index(expected, observed),
        "jensen_shannon": jensen_shannon(expected, observed),
    }


def aligned(reference: Mapping[str, int], found: Mapping[str, int]) -> tuple[Counts, Counts]:
    """Both counts, for all categories of either."""
    import numpy as np

    names = sorted({*reference, *found})
    return (
        np.array([reference.get(name, 0) for name in names], dtype=np.int64),
        np.array([found.get(name, 0) for name in names], dtype=np.int64),
    )


def population_stability_index(expected: Counts, observed: Counts) -> float:
    """The population stability index of two counts of the same bins."""
    import numpy as np

    p = np.maximum(expected / expected.sum(), _SMALLEST_SHARE)
    q = np.maximum(observed / observed.sum(), _SMALLEST_SHARE)
    return float(((q - p) * np.log(q / p)).sum())


def jensen_shannon(expected: Counts, observed: Counts) -> float:
    """The Jensen-Shannon distance of two counts of the same bins, between 0 and 1."""
    import numpy as np

    p, q = expected / expected.sum(), observed / observed.sum()
    middle = (p + q) / 2

    def divergence(shares: Floats) -> float:
        some = shares > 0
        return float((shares[some] * np.log2(shares[some] / middle[some])).sum())

    return sqrt(max(0.0, (divergence(p) + divergence(q)) / 2))
