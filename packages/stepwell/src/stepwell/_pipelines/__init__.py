"""Pipelines: wired, planned and executed."""
