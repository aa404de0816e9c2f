"""How likely a difference is where nothing has changed, and what that means for many columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]

Correction = Literal["benjamini_hochberg", "bonferroni"]

# The usual 5 keeps the rate at 5 %; judged together, many columns need the far tail to be right.
_SMALLEST_EXPECTED = 20


@dataclass(frozen=True)
class ChiSquared:
    """Pearson's chi-squared of two counts of the same categories, and its p-value."""

    statistic: float
    p_value: float


def kolmogorov_smirnov_p_value(distance: float, reference: int, found: int) -> float:
    """The p-value of a two-sided Kolmogorov-Smirnov test of two samples of these sizes.

    Kolmogorov's limit with the correction of Vrbik (Pioneer Journal of Theoretical and Applied
    Statistics 15, 2018), within 1 % of SciPy's `ks_2samp(method="asymp")` around 0.05 and above it
    in the tail. It is too large, hence cautious, where values repeat.
    """
    from scipy.special import kolmogorov  # type: ignore[import-untyped]  # no stubs

    rows = reference * found / (reference + found)
    scaled = distance * sqrt(rows)
    return float(kolmogorov(scaled + 1 / (6 * sqrt(rows)) + (scaled - 1) / (4 * rows)))


def chi_squared(expected: Counts, observed: Counts) -> ChiSquared:
    """Whether two counts of the same categories differ.

    As SciPy's `chi2_contingency(correction=False)` for categories that are frequent enough. Rare
    ones, of which fewer than twenty would be expected, are taken together; if they still are too
    few for chi-squared, Fisher's exact test compares them with all others, and the smaller p-value
    counts twice.
    """
    import numpy as np

    total = expected + observed
    smaller = min(expected.sum(), observed.sum())
    rare = total * smaller / total.sum() < _SMALLEST_EXPECTED
    common = np.stack([expected[~rare], observed[~rare]])
    pooled = np.array([[expected[rare].sum()], [observed[rare].sum()]])
    if pooled.sum() * smaller / total.sum() >= _SMALLEST_EXPECTED:
        return _pearson(np.concatenate([common, pooled], axis=1))
    found = _pearson(common)
    if not pooled.sum():
        return found
    exact = _fisher(np.concatenate([common.sum(axis=1, keepdims=True), pooled], axis=1))
    return ChiSquared(found.statistic, min(1.0, 2 * min(found.p_value, exact)))


def _pearson(table: Counts) -> ChiSquared:
    from scipy.special import chdtrc

    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return ChiSquared(0.0, 1.0)
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    return ChiSquared(statistic, float(chdtrc(table.shape[1] - 1, statistic)))


def _fisher(table: Counts) -> float:
    from scipy.stats import fisher_exact  # type: ignore[import-untyped]  # no stubs

    return float(fisher_exact(table).pvalue)


def adjusted(p_values: Sequence[float], correction: Correction) -> list[float]:
    """The p-values corrected for their number: each is to be compared with the rate as declared.

    Bonferroni bounds the chance of any false alarm. Benjamini and Hochberg (1995) bound the share
    of false ones among the alarms, and where nothing drifts the chance of any alarm as well.
    """
    count = len(p_values)
    if correction == "bonferroni":
        return [min(1.0, p * count) for p in p_values]
    corrected = [1.0] * count
    smallest = 1.0
    ascending = sorted(range(count), key=p_values.__getitem__)
    for rank, index in zip(range(count, 0, -1), reversed(ascending), strict=True):
        smallest = min(smallest, p_values[index] * count / rank)
        corrected[index] = smallest
    return corrected
