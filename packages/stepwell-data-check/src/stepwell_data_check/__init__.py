"""A Stepwell step that checks a dataset against a Great Expectations suite."""

from stepwell_data_check._check import DataCheck
from stepwell_expectations import expect

__all__ = ["DataCheck", "expect"]
