"""The limits that a person sets, checked when the step is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stepwell.authoring import did_you_mean
from stepwell_fairness._definitions import DISPARITIES, PAIRED_RATES, RATES

OTHER: Mapping[str, str] = {"at_most": "at_least", "at_least": "at_most"}
_NEED_MORE = ("balanced_accuracy", "roc_auc", "log_loss", "r2_", "mean_absolute", "mean_squared")


def check_limits(kind: Literal["at_most", "at_least"], limits: Mapping[str, float]) -> None:
    """Raise ValueError for a metric that does not exist, the wrong kind of limit, or its value."""
    for name, limit in limits.items():
        if name not in DISPARITIES:
            raise ValueError(_unknown(name))
        if DISPARITIES[name].limit != kind:
            fair = "0 is fair" if kind == "at_least" else "larger is fairer"
            raise ValueError(f"of {name!r}, {fair}: move it to {OTHER[kind]}")
        if not 0 <= limit <= 1:
            raise ValueError(f"the limit of {name!r} is {limit:g}; it lies between 0 and 1")


def check_tolerances(tolerances: Mapping[str, float]) -> None:
    """Raise ValueError for a rate that cannot be compared with the champion's."""
    for name, tolerance in tolerances.items():
        if name not in PAIRED_RATES:
            raise ValueError(
                f"{name!r} is no rate that two models have on the same rows. "
                f"{did_you_mean(name, PAIRED_RATES)} Rates: {', '.join(PAIRED_RATES)}"
            )
        if not 0 <= tolerance <= 1:
            raise ValueError(f"the tolerance of {name!r} is {tolerance:g}; it lies between 0 and 1")


def _unknown(name: str) -> str:
    if name in RATES:
        derived = [other for other in DISPARITIES if other.startswith(f"{name}_")]
        return (
            f"{name!r} is a rate of one group; a limit is set on how groups compare: "
            f"{', '.join(derived)}"
        )
    if name.startswith(_NEED_MORE):
        return (
            f"{name!r} cannot be computed from counts of right and wrong predictions. "
            f"Metrics: {', '.join(DISPARITIES)}"
        )
    near = did_you_mean(name, DISPARITIES) or f"Metrics: {', '.join(DISPARITIES)}"
    return f"there is no metric {name!r}. {near}"
