"""Fairness of predictions: what a model does to groups of people, with limits."""

from stepwell_fairness._fairness import Fairness, FairnessMeasured

__all__ = ["Fairness", "FairnessMeasured"]
