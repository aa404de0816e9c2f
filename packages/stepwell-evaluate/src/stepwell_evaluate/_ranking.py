"""Metrics of how well a score ranks rows of one class before all others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._sample import Values, Weights


@dataclass(frozen=True, eq=False)
class Ranking:
    """Rows in descending order of `score`, those of the class apart from the others."""

    positive: NDArray[np.bool_]
    score: NDArray[np.float64]

    @cached_property
    def _of_class(self) -> NDArray[np.int64]:
        return self._descending(self.positive)

    @cached_property
    def _others(self) -> NDArray[np.int64]:
        return self._descending(~self.positive)

    def _descending(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        rows = np.flatnonzero(chosen)
        return rows[np.argsort(-self.score[rows], kind="stable")]

    def measure(self, weights: Weights) -> tuple[Values, Values]:
        """ROC AUC and average precision, one value for each row of `weights`.

        NaN where the class, or everything else, has no weight. Tied scores count half for the
        AUC, and are one threshold for average precision, as in scikit-learn.
        """
        of_class = weights[:, self._of_class]
        class_before = _cumulated(of_class)
        others_before = _cumulated(weights[:, self._others])
        every_one, every_other = class_before[:, -1], others_before[:, -1]
        descending = -self.score[self._of_class]
        higher = others_before[:, self._count(self._others, descending, "left")]
        not_lower = others_before[:, self._count(self._others, descending, "right")]
        found = class_before[:, self._count(self._of_class, descending, "right")]
        with np.errstate(divide="ignore", invalid="ignore"):
            inversions = np.einsum("ij,ij->i", of_class, higher + not_lower) / 2
            roc_auc = 1 - inversions / (every_one * every_other)
            precision = np.nan_to_num(found / (found + not_lower))
            average_precision = np.einsum("ij,ij->i", of_class, precision) / every_one
        defined = (every_one > 0) & (every_other > 0)
        return np.where(defined, roc_auc, np.nan), np.where(defined, average_precision, np.nan)

    def _count(
        self, rows: NDArray[np.int64], descending: NDArray[np.float64], side: str
    ) -> NDArray[np.int64]:
        """How many of `rows` score higher than each score, with `side="right"` not lower."""
        if side == "left":
            return np.searchsorted(-self.score[rows], descending, side="left")
        return np.searchsorted(-self.score[rows], descending, side="right")


def _cumulated(weights: Weights) -> Weights:
    """Sums of the first 0, 1, 2 ... columns."""
    sums = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums
