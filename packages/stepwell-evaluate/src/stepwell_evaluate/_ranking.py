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

    def weighed(self, weights: Weights) -> Weighed:
        """What the metrics are computed from, for each row of `weights`."""
        of_class = weights[:, _slice(self._of_class)]
        others = _cumulated(weights[:, _slice(self._others)])
        not_lower = others[:, _slice(self._not_lower)]
        tied = not np.array_equal(self._higher, self._not_lower)
        return Weighed(
            of_class=of_class,
            found=_cumulated(of_class)[:, _slice(self._found)],
            higher=others[:, _slice(self._higher)] if tied else not_lower,
            not_lower=not_lower,
            all_of_class=of_class.sum(axis=1),
            all_others=others[:, -1],
        )

    def _descending(self, chosen: NDArray[np.bool_]) -> Places:
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(self.score[rows], kind="stable")[::-1]]

    def _before(self, rows: Places, side: Literal["left", "right"]) -> Places:
        descending = -self.score[rows]
        return np.searchsorted(descending, -self.score[self._of_class], side=side)


@dataclass(frozen=True, eq=False)
class Weighed:
    """Weights of the rows of the class, in descending order of their score.

    For each of them, the weight `found` of the class down to its score, and of the others that
    score `higher` or are `not_lower`. Metrics are NaN where the class, or everything else, has no
    weight.
    """

    of_class: Weights
    found: Weights
    higher: Weights
    not_lower: Weights
    all_of_class: Values
    all_others: Values

    def roc_auc(self) -> Values:
        """The chance that a row of the class scores higher than another; a tie is half of it."""
        lost = np.einsum("ij,ij->i", self.of_class, self.not_lower)
        if self.higher is not self.not_lower:
            lost = (lost + np.einsum("ij,ij->i", self.of_class, self.higher)) / 2
        return self._where_defined(1 - _divided(lost, self.all_of_class * self.all_others))

    def average_precision(self) -> Values:
        """The mean of the precision at each row of the class; tied scores are one threshold."""
        precision = _divided(self.found, self.found + self.not_lower)
        precise = np.einsum("ij,ij->i", self.of_class, precision)
        return self._where_defined(_divided(precise, self.all_of_class))

    def _where_defined(self, values: Values) -> Values:
        return np.where((self.all_of_class > 0) & (self.all_others > 0), values, np.nan)


def _divided(some: NDArray[np.float64], all_: NDArray[np.float64]) -> NDArray[np.float64]:
    """`some` of `all_`; nothing of nothing is 0."""
    return np.divide(some, all_, out=np.zeros_like(some), where=all_ > 0)


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
