from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Finding
from stepwell_pii_scan import KAnonymity

FRAME = pl.DataFrame(
    {
        "PLZ": ["10115"] * 5 + ["80331"] * 5 + ["canary"],
        "geschlecht": ["w"] * 5 + ["m"] * 5 + ["w"],
        "income": range(11),
    }
)


def checked(frame: Any, **fields: Any) -> Finding:
    [finding] = KAnonymity(**fields).run(data=Dataset.of(frame)).report.findings
    return finding


def test_smallest_group_over_proposed_columns_decides() -> None:
    finding = checked(FRAME)
    assert (finding.verdict, finding.columns, finding.rows) == ("failed", ("PLZ", "geschlecht"), 1)
    assert finding.details == {"k": 1, "groups": 3, "rows_below": 1, "proposed": True}
    assert "canary" not in finding.model_dump_json()


def test_large_groups_pass_and_the_data_is_passed_on() -> None:
    done = KAnonymity().run(data=Dataset.of(FRAME.head(10)))
    assert done.report.verdict == "passed"
    assert done.report.summary == "10 rows: the smallest group has 5."
    assert done.data.to_polars().equals(FRAME.head(10))


def test_chosen_columns_and_size() -> None:
    assert checked(FRAME, columns=["geschlecht"], at_least=6).verdict == "failed"
    assert checked(FRAME, columns=["geschlecht"], at_least=5).verdict == "passed"
    assert checked(FRAME, columns=["income"], on_finding="warn").verdict == "warned"


def test_missing_values_are_a_group_like_any_other() -> None:
    frame = pl.DataFrame({"zip": ["1"] * 5 + [None] * 5})
    assert checked(frame).details["groups"] == 2


@pytest.mark.parametrize(
    "name",
    ["plz", "postcode", "zip_code", "ZipCode", "Geburtsdatum", "birth_date", "sex", "Geschlecht"],
)
def test_column_is_proposed_by_its_name(name: str) -> None:
    assert checked(pl.DataFrame({name: ["a"]})).columns == (name,)


def test_data_without_quasi_identifiers_or_rows_warns() -> None:
    assert "nothing was checked" in checked(pl.DataFrame({"amount": [1]})).message
    assert checked(FRAME.head(0)).message == "There are no rows: nothing was checked."


def test_unknown_column_and_too_small_groups_are_refused() -> None:
    with pytest.raises(DataError, match="Did you mean 'PLZ'"):
        checked(FRAME, columns=["PLT"])
    with pytest.raises(ConfigurationError, match="at_least"):
        KAnonymity(at_least=1)
