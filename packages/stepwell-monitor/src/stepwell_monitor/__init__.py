"""Watching a model in production: plausible predictions, drift and performance."""

from stepwell_monitor._drift import Drift, DriftMeasured
from stepwell_monitor._performance import Performance, PerformanceMeasured
from stepwell_monitor._plausibility import Plausibility, PlausibilityChecked
from stepwell_monitor._profile import CategoricalColumn, DataProfile, NumericColumn
from stepwell_monitor._profile_step import Profile, Profiled

__all__ = [
    "CategoricalColumn",
    "DataProfile",
    "Drift",
    "DriftMeasured",
    "NumericColumn",
    "Performance",
    "PerformanceMeasured",
    "Plausibility",
    "PlausibilityChecked",
    "Profile",
    "Profiled",
]
