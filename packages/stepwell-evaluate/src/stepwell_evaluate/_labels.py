"""Metrics of predicted labels: all of them follow from three totals per class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stepwell_evaluate._sample import Sample, Values, Weights

Codes = NDArray[np.integer[Any]]
ByClass = NDArray[np.float64]  # one row per replicate, one column per class


@dataclass(frozen=True, eq=False)
class LabelSample(Sample):
    """Actual and predicted classes, as numbers from 0 to `classes` - 1."""

    actual: Codes
    predicted: Codes
    classes: int
    positive: int | None
    metrics: tuple[str, ...]

    def measure(self, weights: Weights) -> dict[str, Values]:
        """The metrics, one value for each row of `weights`."""
        right = np.flatnonzero(self.actual == self.predicted)
        totals = Totals(
            correct=_by_class(weights[:, right], self.actual[right], self.classes),
            actual=_by_class(weights, self.actual, self.classes),
            predicted=_by_class(weights, self.predicted, self.classes),
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return {name: self._value(name, totals) for name in self.metrics}

    def _value(self, name: str, totals: Totals) -> Values:
        if name in _OF_THE_POSITIVE_CLASS:
            return _OF_THE_POSITIVE_CLASS[name](totals.of(self.positive))
        return _OF_ALL_CLASSES[name](totals)


@dataclass(frozen=True, eq=False)
class Totals:
    """Weights of rows by class: predicted correctly, actually of it, predicted as it."""

    correct: ByClass
    actual: ByClass
    predicted: ByClass

    def of(self, code: int | None) -> Totals:
        """The totals of one class; of none, nothing, so that every metric is undefined."""
        if code is None:
            nothing = np.zeros((len(self.correct), 1))
            return Totals(nothing, nothing, nothing)
        only = slice(code, code + 1)
        return Totals(self.correct[:, only], self.actual[:, only], self.predicted[:, only])


def _by_class(weights: Weights, codes: Codes, classes: int) -> ByClass:
    totals = np.zeros((len(weights), classes))
    if not len(codes):
        return totals
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    totals[:, present] = np.add.reduceat(weights[:, order], starts, axis=1)
    return totals


# per class


def _precision(totals: Totals) -> ByClass:
    return totals.correct / totals.predicted


def _recall(totals: Totals) -> ByClass:
    return totals.correct / totals.actual


def _f1(totals: Totals) -> ByClass:
    return 2 * totals.correct / (totals.actual + totals.predicted)


# over all classes


def _sum(by_class: ByClass | NDArray[np.bool_]) -> Values:
    total: Values = by_class.sum(axis=1, dtype=np.float64)
    return total


def _accuracy(totals: Totals) -> Values:
    return _sum(totals.correct) / _sum(totals.actual)


def _balanced_accuracy(totals: Totals) -> Values:
    """The mean recall of the classes that occur; undefined if that is one."""
    occur = totals.actual > 0
    recall = np.where(occur, _recall(totals), 0.0)
    return np.where(_sum(occur) > 1, _sum(recall) / _sum(occur), np.nan)


def _matthews_corrcoef(totals: Totals) -> Values:
    """0 for a model that predicts one class only; undefined where only one class occurs."""
    rows = _sum(totals.actual)
    covariance = _sum(totals.correct) * rows - _sum(totals.actual * totals.predicted)
    of_predicted = rows**2 - _sum(totals.predicted**2)
    of_actual = rows**2 - _sum(totals.actual**2)
    correlation = covariance / np.sqrt(of_predicted * of_actual)
    correlation = np.where(_sum(totals.predicted > 0) > 1, correlation, 0.0)
    return np.where(_sum(totals.actual > 0) > 1, correlation, np.nan)


def _macro(per_class: Callable[[Totals], ByClass]) -> Callable[[Totals], Values]:
    """The mean over the classes that occur or were predicted; an undefined class counts 0."""

    def mean(totals: Totals) -> Values:
        present = (totals.actual + totals.predicted) > 0
        return _sum(np.nan_to_num(per_class(totals))) / _sum(present)

    return mean


def _weighted(per_class: Callable[[Totals], ByClass]) -> Callable[[Totals], Values]:
    """The mean weighted by how often a class occurs; an undefined class counts 0."""

    def mean(totals: Totals) -> Values:
        return _sum(np.nan_to_num(per_class(totals)) * totals.actual) / _sum(totals.actual)

    return mean


def _only(per_class: Callable[[Totals], ByClass]) -> Callable[[Totals], Values]:
    def value(totals: Totals) -> Values:
        return per_class(totals)[:, 0]

    return value


_PER_CLASS = {"precision": _precision, "recall": _recall, "f1": _f1}
_OF_THE_POSITIVE_CLASS: Mapping[str, Callable[[Totals], Values]] = {
    name: _only(per_class) for name, per_class in _PER_CLASS.items()
}
_OF_ALL_CLASSES: Mapping[str, Callable[[Totals], Values]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "matthews_corrcoef": _matthews_corrcoef,
    **{f"{name}_macro": _macro(per_class) for name, per_class in _PER_CLASS.items()},
    **{f"{name}_weighted": _weighted(per_class) for name, per_class in _PER_CLASS.items()},
}
