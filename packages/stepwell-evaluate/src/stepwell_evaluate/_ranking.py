"""Metrics of how well a score ranks rows of one class before all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._sample import Values, Weights

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows in descending order of `score`, those of the class apart from the others."""

    positive: NDArray[np.bool_]
    score: NDArray[np.float64]

    @cached_property
    def _of_class(self) -> Places:
        return self._descending(self.positive)

    @cached_property
    def _others(self) -> Places:
        return self._descending(~self.positive)

    @cached_property
    def _higher(self) -> Places:
        """For each row of the class, how many others score higher."""
        return self._before(self._others, "left")

    @cached_property
    def _not_lower(self) -> Places:
        """For each row of the class, how many others score higher or the same."""
        return self._before(self._others, "right")

    @cached_property
    def _found(self) -> Places:
        """For each row of the class, how many of the class score higher or the same."""
        return self._before(self._of_class, "right")

    def roc_auc(self, weights: Weights) -> Values:
        """The chance that a row of the class scores higher than another; a tie is half of it.

        One value for each row of `weights`; NaN where the class, or everything else, has no weight.
        """
        of_class = weights[:, _slice(self._of_class)]
        others = _cumulated(weights[:, _slice(self._others)])
        inversions = others[:, _slice(self._not_lower)]
        if not np.array_equal(self._higher, self._not_lower):
            inversions = (inversions + others[:, _slice(self._higher)]) / 2
        lost = np.einsum("ij,ij->i", of_class, inversions)
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 - lost / (of_class.sum(axis=1) * others[:, -1])

    def average_precision(self, weights: Weights) -> Values:
        """The mean of the precision at each row of the class; tied scores are one threshold.

        One value for each row of `weights`; NaN where the class, or everything else, has no weight.
        """
        of_class = weights[:, _slice(self._of_class)]
        others = _cumulated(weights[:, _slice(self._others)])
        found = _cumulated(of_class)
        every_one, every_other = found[:, -1], others[:, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            true = found[:, _slice(self._found)]
            precision = true / (true + others[:, _slice(self._not_lower)])
            mean = np.einsum("ij,ij->i", of_class, np.nan_to_num(precision, copy=False)) / every_one
        return np.where((every_one > 0) & (every_other > 0), mean, np.nan)

    def _descending(self, chosen: NDArray[np.bool_]) -> Places:
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(self.score[rows], kind="stable")[::-1]]

    def _before(self, rows: Places, side: Literal["left", "right"]) -> Places:
        descending = -self.score[rows]
        return np.searchsorted(descending, -self.score[self._of_class], side=side)


def _slice(places: Places) -> Any:
    """The places as a slice if they are one: a slice copies nothing."""
    if len(places) > 1:
        step = int(places[1] - places[0])
        if abs(step) == 1 and bool((np.diff(places) == step).all()):
            end = int(places[-1]) + step
            return slice(int(places[0]), end if end >= 0 else None, step)
    return places


def _cumulated(weights: Weights) -> Weights:
    """Sums of the first 0, 1, 2 ... columns."""
    sums = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
