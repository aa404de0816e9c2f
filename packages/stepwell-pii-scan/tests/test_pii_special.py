"""Special categories of personal data (GDPR Art. 9), for whoever keeps the catalog."""

from typing import Any

import polars as pl
import pytest

from stepwell import Dataset, Report
from stepwell_pii_scan import PiiScan


def report_on(**columns: Any) -> Report:
    return PiiScan().run(data=Dataset.of(pl.DataFrame(columns))).report


def test_finding_proposes_the_role_that_fits() -> None:
    religion, name = report_on(religion=["x"], name=["y"]).findings
    assert "give it the role 'special'" in religion.message
    assert "give it the role 'personal'" in name.message


@pytest.mark.parametrize(
    ("column", "entity"),
    [
        ("religion", "RELIGION"),
        ("Konfession", "RELIGION"),
        ("diagnosis", "HEALTH"),
        ("blood_type", "HEALTH"),
        ("ethnicity", "ETHNIC_ORIGIN"),
        ("gewerkschaft", "TRADE_UNION"),
        ("political_party", "POLITICAL_OPINION"),
        ("sexual_orientation", "SEXUAL_ORIENTATION"),
        ("fingerprint", "GENETIC_OR_BIOMETRIC"),
        ("vorstrafen", "CRIMINAL_RECORD"),
    ],
)
def test_name_of_a_column_warns_and_classifies(column: str, entity: str) -> None:
    report = report_on(**{column: ["x", "y"]})
    assert [(f.check, f.verdict) for f in report.findings] == [(entity, "warned")]
    assert report.details["classification"] == {column: "special category"}


def test_values_of_a_category_are_suspect_under_any_name() -> None:
    report = report_on(
        group_code=pl.Series(["evangelisch", "Muslim", "none"], dtype=pl.Categorical)
    )
    [finding] = report.findings
    assert (finding.check, finding.verdict, finding.rows) == ("RELIGION", "warned", 2)
    assert report.details["classification"] == {"group_code": "special category"}


def test_word_in_a_sentence_is_nobodys_religion() -> None:
    assert report_on(note=["a catholic school was built", "SPD wins"]).findings == ()


def test_classification_names_the_gravest_of_a_column() -> None:
    report = report_on(email=["a@b.de"], name=["Bolt"], amount=[1])
    assert report.details["classification"] == {"email": "personal", "name": "perhaps personal"}
