"""What a report has to hold: the part of the configuration that is not about columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Gate = Literal["value", "interval"]

ROUNDING = 1e-12
"""How far beyond a limit a value may be for the inexactness of floats."""


@dataclass(frozen=True)
class Policy:
    """Limits by metric, tolerances by rate, and how both are looked at."""

    limits: Mapping[str, float]
    tolerances: Mapping[str, float]
    minimum: int
    gate: Gate
    confidence: float
