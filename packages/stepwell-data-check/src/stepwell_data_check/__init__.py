"""Stepwell steps that check a dataset against expectations."""

from stepwell_data_check._check import DataCheck
from stepwell_data_check._quarantine import Quarantine
from stepwell_expectations import expect

__all__ = ["DataCheck", "Quarantine", "expect"]
