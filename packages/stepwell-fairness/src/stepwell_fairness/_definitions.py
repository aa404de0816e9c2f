"""The metrics, by fairlearn's names: rates of a group, and what compares the rates of groups.

A rate is a share: of the rows *among* which it is taken, the part that is *counted*. Rows come as
(actual, predicted), each True for the favourable label; actual is None while it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Cell = tuple[bool | None, bool]
Among = Literal[
    "rows", "labelled rows", "actual positives", "actual negatives", "predicted positives",
    "positives, actual or predicted",
]  # fmt: skip

_AMONG: Mapping[Among, Callable[[bool | None, bool], bool]] = {
    "rows": lambda actual, predicted: True,
    "labelled rows": lambda actual, predicted: actual is not None,
    "actual positives": lambda actual, predicted: actual is True,
    "actual negatives": lambda actual, predicted: actual is False,
    "predicted positives": lambda actual, predicted: actual is not None and predicted,
    "positives, actual or predicted": lambda actual, predicted: (
        actual is True or (actual is False and predicted)
    ),
}


@dataclass(frozen=True)
class Rate:
    """A share of the rows of a group.

    `paired` rates are taken among rows that do not depend on the prediction, so that two models
    have them on the same rows. `scale` is what the metric makes of the share, where it is not the
    share itself.
    """

    name: str
    among: Among
    counts: Callable[[bool | None, bool], bool]
    better: Literal["higher", "lower"]
    scale: Callable[[float], float] | None = None

    def is_among(self, cell: Cell) -> bool:
        """Whether rows like `cell` are what the rate is a share of."""
        return _AMONG[self.among](*cell)

    def counted(self, cell: Cell) -> bool:
        """Whether rows like `cell` count."""
        return self.is_among(cell) and self.counts(*cell)

    def scaled(self, share: float) -> float:
        """The metric's value for a share."""
        return self.scale(share) if self.scale else share

    @property
    def paired(self) -> bool:
        """Whether two models have this rate on the same rows."""
        return self.among in ("rows", "labelled rows", "actual positives", "actual negatives")


def _selected(_actual: bool | None, predicted: bool) -> bool:
    return predicted


def _not_selected(_actual: bool | None, predicted: bool) -> bool:
    return not predicted


def _correct(actual: bool | None, predicted: bool) -> bool:
    return actual is predicted


def _wrong(actual: bool | None, predicted: bool) -> bool:
    return actual is not predicted


def _f1_of_overlap(share: float) -> float:
    """F1 from true positives / (true positives + false positives + false negatives)."""
    return 2 * share / (1 + share)


RATES: Mapping[str, Rate] = {
    rate.name: rate
    for rate in (
        Rate("selection_rate", "rows", _selected, "higher"),
        Rate("true_positive_rate", "actual positives", _selected, "higher"),
        Rate("false_negative_rate", "actual positives", _not_selected, "lower"),
        Rate("true_negative_rate", "actual negatives", _not_selected, "higher"),
        Rate("false_positive_rate", "actual negatives", _selected, "lower"),
        Rate("accuracy_score", "labelled rows", _correct, "higher"),
        Rate("zero_one_loss", "labelled rows", _wrong, "lower"),
        Rate("precision_score", "predicted positives", _correct, "higher"),
        Rate("recall_score", "actual positives", _selected, "higher"),
        Rate("f1_score", "positives, actual or predicted", _correct, "higher", _f1_of_overlap),
    )
}
"""Every rate of a group."""

REPORTED_RATES = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "true_negative_rate",
    "false_negative_rate",
    "accuracy_score",
)
"""The rates that every report has, for each group."""

PAIRED_RATES = tuple(name for name, rate in RATES.items() if rate.paired)
"""The rates that can be compared with the champion's on the same rows."""

Comparison = Literal["difference", "ratio", "group_min", "group_max"]


@dataclass(frozen=True)
class Disparity:
    """How the rates of groups compare: the worst of `rates`, where there are several."""

    name: str
    rates: tuple[Rate, ...]
    comparison: Comparison

    @property
    def limit(self) -> Literal["at_most", "at_least"]:
        """The kind of limit that makes sense: differences stay small, ratios close to 1."""
        return "at_most" if self.comparison in ("difference", "group_max") else "at_least"


def _disparity(name: str, comparison: Comparison, *rates: str) -> Disparity:
    return Disparity(name, tuple(RATES[rate] for rate in rates), comparison)


_PARITIES = {
    "demographic_parity": ("selection_rate",),
    "equalized_odds": ("true_positive_rate", "false_positive_rate"),
    "equal_opportunity": ("true_positive_rate",),
}
_COMPARED: tuple[Comparison, ...] = ("difference", "ratio")
_WORST: Mapping[str, Comparison] = {
    "accuracy_score": "group_min",
    "precision_score": "group_min",
    "recall_score": "group_min",
    "f1_score": "group_min",
    "zero_one_loss": "group_max",
}

DISPARITIES: Mapping[str, Disparity] = {
    disparity.name: disparity
    for disparity in (
        *(
            _disparity(f"{n}_{how}", how, *rates)
            for n, rates in _PARITIES.items()
            for how in _COMPARED
        ),
        *(
            _disparity(f"{rate}_{how}", how, rate)
            for rate in (*REPORTED_RATES, "zero_one_loss")
            for how in _COMPARED
        ),
        *(_disparity(f"{rate}_{how}", how, rate) for rate, how in _WORST.items()),
    )
}
"""Every metric that compares groups: what limits can be set on."""

REPORTED_DISPARITIES = (
    *(f"{name}_{how}" for name in _PARITIES for how in _COMPARED),
    "accuracy_score_difference",
    "accuracy_score_group_min",
)
"""The comparisons that every report has, for each attribute and the intersection."""
