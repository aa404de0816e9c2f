"""A frame against a suite: what is counted, and what is concluded from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from stepwell import DataError, Report
from stepwell_expectations._compiled import COMPILED
from stepwell_expectations._conclusion import added_up
from stepwell_expectations._expectation import Suite
from stepwell_expectations._report import report_of
from stepwell_expectations._suite import suite_of
from stepwell_expectations._tally import rows_apart, tally


def check(
    suite: Suite, frame: pl.LazyFrame, *, tables: Mapping[str, pl.LazyFrame] | None = None
) -> Report:
    """A finding for each expectation, and the result as Great Expectations writes it.

    `tables` are the other ones that the suite speaks of, by name.
    """
    return report_of(suite, added_up(counted(suite, frame, tables=tables)))


def counted(
    suite: Suite, frame: pl.LazyFrame, *, tables: Mapping[str, pl.LazyFrame] | None = None
) -> pl.DataFrame:
    """What has to be counted for each expectation, and the suite as it was read."""
    return tally(suite.written, suite.expectations, frame, tables or {})


def without_rows_apart(suite: Suite, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """The rows that no expectation of the level 'quarantine' sets apart, and the others."""
    apart = rows_apart(suite.expectations, frame)
    if apart is None:
        return frame, frame.clear()
    return frame.filter(~apart), frame.filter(apart)


def judged(counts: pl.DataFrame, parameters: Mapping[str, Any], *, at_most: float = 0) -> Report:
    """The report on the counts of one partition or of several, one below the other.

    `parameters` are those of the suite, `at_most` is the share of the rows that may be set apart.
    Raises DataError for counts of different suites.
    """
    found = added_up(counts)
    if len(found.suites) != 1:
        raise DataError("The counts are of different suites, and cannot be added.")
    suite = suite_of(json.loads(found.suites.pop()), parameters)
    return report_of(suite, found, at_most=at_most)


def adds_up(suite: Suite) -> bool:
    """Whether the counts of partitions can be added.

    Those of uniqueness cannot, nor what Great Expectations itself answers: both need all rows at
    once, and `judged` refuses to judge them from several partitions.
    """
    types = [expectation.type for expectation in suite.expectations]
    return all(type_ in COMPILED and COMPILED[type_].adds_up for type_ in types)
