"""Evaluate models: metrics with intervals, thresholds, and a fair comparison with the champion."""

from stepwell_evaluate._evaluate import Evaluate, Evaluated

__all__ = ["Evaluate", "Evaluated"]
