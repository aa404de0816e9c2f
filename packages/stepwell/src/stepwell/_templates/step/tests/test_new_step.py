import polars as pl
import pytest
from stepwell import DataError, Dataset

from stepwell_new_step import NewStep

PEOPLE = Dataset.of(pl.DataFrame({"name": ["Ada", "Bo", "Ada"], "visit": [1, 2, 3]}))


def test_first_of_equal_rows_stays() -> None:
    done = NewStep(columns=["name"]).run(data=PEOPLE)
    assert done.data.to_polars()["visit"].to_list() == [1, 2]


def test_too_many_repeated_rows_fail() -> None:
    done = NewStep(columns=["name"], at_most=0.1).run(data=PEOPLE)
    assert done.report.verdict == "failed"
    assert done.report.findings[0].rows == 1


def test_missing_column_is_reported_by_name() -> None:
    with pytest.raises(DataError, match="no column 'nmae'"):
        NewStep(columns=["nmae"]).run(data=PEOPLE)
