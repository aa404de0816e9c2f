"""What metrics are computed from: cells that each stand for one row or for several equal ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]  # one value per replicate
Weights = NDArray[np.float64]  # one row per replicate, one column per cell


def weighted_mean(numbers: NDArray[np.float64], weights: Weights) -> Values:
    """The mean of `numbers`, one for each row of `weights`."""
    # Not `weights @ numbers`: this sum loses fewer digits, and wakes no threads for a few rows.
    with np.errstate(invalid="ignore"):
        mean: Values = (weights * numbers).sum(axis=1) / weights.sum(axis=1)
    return mean


@dataclass(frozen=True, eq=False)
class Sample(ABC):
    """The cells of one model version: how many rows each stands for, and the weight of one row."""

    rows: NDArray[np.int64]
    weight: NDArray[np.float64]

    @abstractmethod
    def measure(self, weights: Weights) -> dict[str, Values]:
        """Every metric of the sample, one value for each row of `weights`; NaN if undefined."""

    def value(self) -> dict[str, float]:
        """The metrics of the sample as it is."""
        measured = self.measure((self.rows * self.weight)[np.newaxis, :])
        return {name: float(values[0]) for name, values in measured.items()}

    def take(self, cells: NDArray[np.int64]) -> Self:
        """The sample of these cells, each standing for one row."""
        taken: dict[str, Any] = {
            field.name: value[cells]
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), np.ndarray)
        }
        return replace(self, **taken | {"rows": np.ones(len(cells), dtype=np.int64)})


@dataclass(frozen=True, eq=False)
class Difference(Sample):
    """How much two models differ on the same cells: `challenger` minus `champion`."""

    challenger: Sample
    champion: Sample

    @classmethod
    def of(cls, challenger: Sample, champion: Sample) -> Difference:
        """The difference between two samples of the same rows in the same order."""
        return cls(challenger.rows, challenger.weight, challenger, champion)

    def measure(self, weights: Weights) -> dict[str, Values]:
        """The differences, metric by metric."""
        champion = self.champion.measure(weights)
        challenger = self.challenger.measure(weights)
        return {name: values - champion[name] for name, values in challenger.items()}

    def take(self, cells: NDArray[np.int64]) -> Self:
        """The difference on these cells, each standing for one row."""
        return type(self)(
            rows=np.ones(len(cells), dtype=np.int64),
            weight=self.weight[cells],
            challenger=self.challenger.take(cells),
            champion=self.champion.take(cells),
        )
