"""Metrics of scores: how well they rank, and how far they are from the truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._labels import Codes
from stepwell_evaluate._ranking import Ranking
from stepwell_evaluate._sample import Sample, Values, Weights, weighted_mean

Numbers = NDArray[np.float64]

RANKING = frozenset({"roc_auc", "average_precision"})
ONE_AGAINST_THE_REST = frozenset({"roc_auc_ovr", "roc_auc_ovr_weighted"})
EPSILON = float(np.finfo(np.float64).eps)
_CLOSE_TO_ONE = 1e-5  # single precision probabilities add up to one within this


@dataclass(frozen=True, eq=False)
class BinaryScores(Sample):
    """Scores of the positive class, and how wrong each was; NaN if scores are no probabilities.

    Where `tied` is false, `score` stands for scores of which the order is not known any more.
    """

    positive: NDArray[np.bool_]
    score: Numbers
    tied: NDArray[np.bool_]
    log_loss: Numbers
    brier_score: Numbers
    metrics: tuple[str, ...]

    @cached_property
    def _ranking(self) -> Ranking:
        return Ranking(self.positive, self.score)

    def measure(self, weights: Weights) -> dict[str, Values]:
        """The metrics, one value for each row of `weights`."""
        losses = {"log_loss": self.log_loss, "brier_score": self.brier_score}
        measured = _means(losses, self.metrics, weights)
        if RANKING.intersection(self.metrics):
            weighed = self._ranking.weighed(weights)
            measured["roc_auc"] = weighed.roc_auc()
            measured["average_precision"] = weighed.average_precision()
        return {name: measured[name] for name in self.metrics}


@dataclass(frozen=True, eq=False)
class MulticlassScores(Sample):
    """Probabilities of every class, one column each, in the order of the class codes."""

    actual: Codes
    probabilities: Numbers
    metrics: tuple[str, ...]

    @cached_property
    def _rankings(self) -> tuple[Ranking, ...]:
        columns = enumerate(np.ascontiguousarray(self.probabilities.T))
        return tuple(Ranking(self.actual == code, column) for code, column in columns)

    @cached_property
    def _are_probabilities(self) -> bool:
        inside = (self.probabilities >= 0).all() and (self.probabilities <= 1).all()
        sums = self.probabilities.sum(axis=1)
        return bool(inside and (np.abs(sums - 1) <= _CLOSE_TO_ONE).all())

    @cached_property
    def _losses(self) -> dict[str, Numbers]:
        rows = np.arange(len(self.actual))
        truth = np.zeros_like(self.probabilities)
        truth[rows, self.actual] = 1
        losses = {
            "log_loss": surprise(self.probabilities[rows, self.actual]),
            "brier_score": ((truth - self.probabilities) ** 2).sum(axis=1),
        }
        undefined = np.full(len(rows), np.nan)
        return losses if self._are_probabilities else dict.fromkeys(losses, undefined)

    def measure(self, weights: Weights) -> dict[str, Values]:
        """The metrics, one value for each row of `weights`."""
        measured = _means(self._losses, self.metrics, weights)
        if ONE_AGAINST_THE_REST.intersection(self.metrics):
            measured |= self._one_against_the_rest(weights)
        return {name: measured[name] for name in self.metrics}

    def _one_against_the_rest(self, weights: Weights) -> dict[str, Values]:
        if not self._are_probabilities:
            undefined = np.full(len(weights), np.nan)
            return {"roc_auc_ovr": undefined, "roc_auc_ovr_weighted": undefined}
        areas = np.column_stack([ranking.weighed(weights).roc_auc() for ranking in self._rankings])
        occurrence = np.column_stack([weights[:, r.positive].sum(axis=1) for r in self._rankings])
        with np.errstate(invalid="ignore"):
            weighted = (areas * occurrence).sum(axis=1) / occurrence.sum(axis=1)
        return {"roc_auc_ovr": areas.mean(axis=1), "roc_auc_ovr_weighted": weighted}


def binary_losses(of_the_actual_class: Numbers) -> dict[str, Numbers]:
    """How wrong each row is, by the probability of the class that it is of."""
    if ((of_the_actual_class < 0) | (of_the_actual_class > 1)).any():
        undefined = np.full(len(of_the_actual_class), np.nan)
        return {"log_loss": undefined, "brier_score": undefined}
    return {
        "log_loss": surprise(of_the_actual_class),
        "brier_score": (1 - of_the_actual_class) ** 2,
    }


def surprise(probability: Numbers) -> Numbers:
    """The logarithmic loss of each row, clipped as scikit-learn clips it."""
    return -np.log(np.clip(probability, EPSILON, 1 - EPSILON))


def _means(
    losses: dict[str, Numbers], metrics: tuple[str, ...], weights: Weights
) -> dict[str, Values]:
    return {name: weighted_mean(losses[name], weights) for name in losses if name in metrics}
