"""Stepwell steps that check data: against expectations, and before a model learns from it."""

from stepwell_data_check._check import DataCheck
from stepwell_data_check._quarantine import Quarantine
from stepwell_data_check._training import TrainingDataCheck
from stepwell_expectations import expect

__all__ = ["DataCheck", "Quarantine", "TrainingDataCheck", "expect"]
