"""Stepwell steps that split data and train scikit-learn models."""

from stepwell_train._split import Split, Splitted
from stepwell_train._train import Train, Trained

__all__ = ["Split", "Splitted", "Train", "Trained"]
