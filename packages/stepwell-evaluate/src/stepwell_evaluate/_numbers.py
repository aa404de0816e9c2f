"""Metrics of predicted numbers: most of them follow from a few weighted sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._sample import Sample, Values, Weights, weighted_mean

Numbers = NDArray[np.float64]
Means = Callable[[str], Values]  # the weighted means of what `_per_row` computes


@dataclass(frozen=True, eq=False)
class NumberSample(Sample):
    """Actual and predicted numbers."""

    actual: Numbers
    predicted: Numbers
    metrics: tuple[str, ...]

    @cached_property
    def _error(self) -> Numbers:
        return self.actual - self.predicted

    @cached_property
    def _per_row(self) -> dict[str, Numbers]:
        # Centred, because the variance of large numbers is lost in the sum of their squares.
        actual = self.actual - self.actual.mean()
        absolute = np.abs(self._error)
        return {
            "actual": actual,
            "actual_squared": actual**2,
            "error": self._error,
            "error_squared": self._error**2,
            "absolute_error": absolute,
            "relative_error": self._relative_error(),
            "log_error_squared": self._log_error_squared(),
        }

    def _relative_error(self) -> Numbers:
        if not self.actual.all():
            return np.full(len(self.actual), np.nan)
        return np.abs(self._error / self.actual)

    def _log_error_squared(self) -> Numbers:
        if min(self.actual.min(), self.predicted.min()) <= -1:
            return np.full(len(self.actual), np.nan)
        return (np.log1p(self.actual) - np.log1p(self.predicted)) ** 2

    @cached_property
    def _by_absolute_error(self) -> NDArray[np.int64]:
        return np.argsort(np.abs(self._error), kind="stable")

    def measure(self, weights: Weights) -> dict[str, Values]:
        """The metrics, one value for each row of `weights`."""

        @cache
        def mean(name: str) -> Values:
            return weighted_mean(self._per_row[name], weights)

        with np.errstate(divide="ignore", invalid="ignore"):
            return {name: self._value(name, mean, weights) for name in self.metrics}

    def _value(self, name: str, mean: Means, weights: Weights) -> Values:
        if name == "median_absolute_error":
            return self._median_absolute_error(weights)
        return _OF_MEANS[name](mean)

    def _median_absolute_error(self, weights: Weights) -> Values:
        """The middle; between two errors that have half of the weight on each side, their mean."""
        errors: Numbers = np.abs(self._error)[self._by_absolute_error]
        below = np.cumsum(weights[:, self._by_absolute_error], axis=1)
        half = below[:, -1:] / 2
        last = len(errors) - 1
        lower = np.minimum((below < half).sum(axis=1), last)
        upper = np.minimum((below <= half + np.finfo(np.float64).eps).sum(axis=1), last)
        return np.where(below[:, -1] > 0, (errors[lower] + errors[upper]) / 2, np.nan)


def _r2(mean: Means) -> Values:
    variance = mean("actual_squared") - mean("actual") ** 2
    return np.where(variance > 0, 1 - mean("error_squared") / variance, np.nan)


def _explained_variance(mean: Means) -> Values:
    variance = mean("actual_squared") - mean("actual") ** 2
    unexplained = mean("error_squared") - mean("error") ** 2
    return np.where(variance > 0, 1 - unexplained / variance, np.nan)


def _mean(name: str) -> Callable[[Means], Values]:
    return lambda mean: mean(name)


def _root_mean(name: str) -> Callable[[Means], Values]:
    return lambda mean: np.sqrt(mean(name))


_OF_MEANS: dict[str, Callable[[Means], Values]] = {
    "r2": _r2,
    "explained_variance": _explained_variance,
    "mean_absolute_error": _mean("absolute_error"),
    "mean_absolute_percentage_error": _mean("relative_error"),
    "mean_squared_error": _mean("error_squared"),
    "root_mean_squared_error": _root_mean("error_squared"),
    "mean_squared_log_error": _mean("log_error_squared"),
    "root_mean_squared_log_error": _root_mean("log_error_squared"),
}
