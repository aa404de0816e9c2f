"""Keeping pipelines current: what an index has, whether a pipeline still fits, and the upgrade."""
