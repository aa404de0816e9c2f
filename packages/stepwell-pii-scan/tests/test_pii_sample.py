"""A sample is drawn only when asked for, and says what it can miss."""

import polars as pl
import pytest

from stepwell import Dataset, Report
from stepwell_pii_scan import PiiScan
from stepwell_pii_scan._sample import most_missed

FRAME = pl.DataFrame({"note": ["max@example.com", *(f"x{n}" for n in range(9_999))]})


def scanned(frame: pl.DataFrame, share: float) -> Report:
    return PiiScan(sample=share).run(data=Dataset.of(frame)).report


def test_sampled_report_states_the_bound_on_what_it_missed() -> None:
    """(fault 31)"""
    finding = scanned(FRAME, 0.1).findings[-1]
    assert (finding.check, finding.verdict) == ("sample", "warned")
    assert "What stands in no more than 28 rows can be missed" in finding.message
    assert "with 95% confidence" in finding.message


def test_sample_has_about_the_share_asked_for_and_is_the_same_every_time() -> None:
    report = scanned(FRAME, 0.1)
    assert 850 < report.details["scanned"] < 1_150
    assert scanned(FRAME, 0.1) == report


def test_row_numbers_are_those_of_all_rows() -> None:
    frame = pl.DataFrame({"note": [f"max{n}@example.com" for n in range(1_000)]})
    finding = scanned(frame, 0.05).findings[0]
    assert finding.details["first_rows"][-1] > 10
    assert finding.rows == scanned(frame, 0.05).details["scanned"]


@pytest.mark.parametrize(("share", "rows"), [(0.5, 4), (0.1, 28), (0.01, 298), (0.001, 2_994)])
def test_bound_is_the_most_rows_that_are_missed_with_five_per_cent(share: float, rows: int) -> None:
    assert most_missed(share) == rows
    assert (1 - share) ** rows >= 0.05 > (1 - share) ** (rows + 1)


def test_every_row_is_scanned_unless_a_sample_is_asked_for() -> None:
    report = PiiScan().run(data=Dataset.of(FRAME)).report
    assert report.details["scanned"] == 10_000
    assert report.verdict == "failed"
