"""What is done with single entities and columns, and what masks of every kind look like."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, Dataset, Report
from stepwell_pii_scan import Allowance, PiiScan, Rule

CARD = "4111111111111111"
NOTES = pl.DataFrame({"note": [f"a@example.com paid with {CARD}", "x"], "other": ["a@b.de", None]})
KEY = "${MASK_KEY}"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASK_KEY", "a secret of enough characters")


def done(frame: pl.DataFrame, **fields: Any) -> tuple[pl.DataFrame, Report]:
    outcome = PiiScan(**fields).run(data=Dataset.of(frame))
    return outcome.data.to_polars(), outcome.report


def fates(report: Report) -> dict[tuple[str, str], Any]:
    return {(f.columns[0], f.check): f.details["outcome"] for f in report.findings}


def test_rule_for_an_entity_counts_in_every_column() -> None:
    found, report = done(NOTES, rules=[Rule(entity="EMAIL_ADDRESS", action="mask")])
    assert found["note"][0] == f"<EMAIL_ADDRESS> paid with {CARD}"
    assert found["other"][0] == "<EMAIL_ADDRESS>"
    assert fates(report)["note", "CREDIT_CARD"] == "blocked"


def test_most_specific_rule_counts() -> None:
    rules = [
        Rule(entity="EMAIL_ADDRESS", action="mask"),
        Rule(column="note", action="warn"),
        Rule(column="note", entity="EMAIL_ADDRESS", action="block"),
    ]
    _, report = done(NOTES, rules=rules)
    assert fates(report) == {
        ("note", "EMAIL_ADDRESS"): "blocked",
        ("note", "CREDIT_CARD"): "warned",
        ("other", "EMAIL_ADDRESS"): "masked",
    }


def test_what_is_only_warned_of_stays_beside_what_is_masked() -> None:
    found, _ = done(NOTES, on_finding="mask", rules=[Rule(entity="CREDIT_CARD", action="warn")])
    assert found["note"][0] == f"<EMAIL_ADDRESS> paid with {CARD}"


def test_columns_are_dropped_and_masked_in_one_scan() -> None:
    found, report = done(NOTES, on_finding="mask", rules=[Rule(column="other", action="drop")])
    assert found.columns == ["note"]
    assert found["note"][0] == "<EMAIL_ADDRESS> paid with <CREDIT_CARD>"
    assert report.verdict == "passed"


def test_rule_for_a_column_decides_on_a_name_that_may_mean_something_else() -> None:
    frame = pl.DataFrame({"name": ["Qwx"], "username": ["Qwx"]})
    _, report = done(frame, rules=[Rule(column="name", action="block")])
    assert fates(report) == {("name", "PERSON"): "blocked", ("username", "PERSON"): "doubtful"}


@pytest.mark.parametrize("cells", [["Qwx", "Bolt"], ["Qwx", "Frau Müller"]])
def test_rule_to_mask_such_a_column_masks_every_cell(cells: list[str]) -> None:
    frame = pl.DataFrame({"name": cells})
    found, report = done(frame, rules=[Rule(column="name", action="mask")])
    assert found["name"].to_list() == ["<PERSON>", "<PERSON>"]
    assert report.verdict == "passed"


def test_allowance_is_stronger_than_a_rule() -> None:
    allowed = Allowance(
        column="other", entity="EMAIL_ADDRESS", reason="asked", owner="x", expires=date(9999, 1, 1)
    )
    _, report = done(NOTES, rules=[Rule(column="other", action="block")], allow=[allowed])
    assert fates(report)["other", "EMAIL_ADDRESS"] == "allowed"


# masks that keep the format


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("DE89 3704 0044 0532 0130 00", r"^[A-Z]{2}\d{2} \d{4} \d{4} \d{4} \d{4} \d{2}$"),
        (CARD, r"^\d{16}$"),
        ("536-90-4399", r"^\d{3}-\d{2}-\d{4}$"),
        ("max@example.com", r"^[a-z]{3}@[a-z]{7}\.invalid$"),
        ("203.0.113.77", r"^(\d{3}\.\d\.\d{3}\.\d{2}|<IP_ADDRESS>)$"),
        ("12345678Z", r"^\d{8}[A-Z]$"),
    ],
)
def test_mask_keeps_the_format_and_is_clean(value: str, shape: str) -> None:
    frame = pl.DataFrame({"note": [f"see {value} please"]})
    found, report = done(frame, on_finding="mask", mask_as="format", secret_key=KEY)
    masked = found["note"].str.strip_prefix("see ").str.strip_suffix(" please")
    assert masked.str.contains(shape)[0]
    assert value not in found["note"][0]
    assert report.verdict == "passed"
    assert PiiScan().run(data=Dataset.of(found)).report.verdict in ("passed", "warned")


def test_same_value_gets_the_same_format_and_another_key_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pl.DataFrame({"iban": ["DE89370400440532013000", "AT611904300234573201", None, "?"]})
    fields: dict[str, Any] = {"on_finding": "mask", "mask_as": "format", "secret_key": KEY}
    first, report = done(frame, **fields)
    assert report.verdict == "passed"
    assert done(frame, **fields)[0].equals(first)
    assert first["iban"].str.len_chars().to_list() == [22, 20, None, 1]
    monkeypatch.setenv("MASK_KEY", "another secret of enough characters")
    assert not done(frame, **fields)[0].equals(first)


def test_number_that_is_found_whatever_its_digits_gets_a_placeholder() -> None:
    frame = pl.DataFrame({"note": ["Phone: 785 8949 extension"]})
    found, report = done(frame, on_finding="mask", mask_as="format", secret_key=KEY)
    assert found["note"][0] == "Phone: <PHONE_NUMBER> extension"
    assert report.verdict == "passed"


def test_rule_can_mask_in_another_way() -> None:
    rules = [Rule(entity="CREDIT_CARD", action="mask", mask_as="placeholder")]
    found, _ = done(NOTES, on_finding="mask", secret_key=KEY, rules=rules)
    assert found["note"].str.contains(r"^<EMAIL_ADDRESS:[a-p]{16}> paid with <CREDIT_CARD>$")[0]


# coarser values


@pytest.mark.parametrize(
    ("column", "value", "coarser"),
    [
        ("geburtsdatum", "03.11.1985", "1985"),
        ("geburtsdatum", date(1985, 11, 3), "1985"),
        ("geburtsdatum", "3.11.85", "<DATE_OF_BIRTH>"),
        ("note", "from 203.0.113.77 today", "from 203.0.113.* today"),
        ("note", "from 2001:db8:85a3:0:0:8a2e:370:7334", "from 2001:db8:85a3:*"),
        ("note", "to max@example.com", "to *@example.com"),
        ("note", "IBAN DE89370400440532013000", "IBAN DE*"),
        ("note", f"card {CARD}", "card <CREDIT_CARD>"),
        ("note", "Lindenweg 3, 01067 Dresden", "01***"),
    ],
)
def test_generalising_leaves_the_coarser_part(column: str, value: object, coarser: str) -> None:
    found, report = done(pl.DataFrame({column: [value]}), on_finding="generalise")
    assert found[column][0] == coarser
    assert report.verdict == "passed"
    assert report.findings[0].message.endswith("Generalised.")


# suspects


@pytest.mark.parametrize(
    ("action", "verdict", "cell"),
    [
        ("warn", "warned", "IBAN DE89370400440532013001"),
        ("block", "failed", "IBAN DE89370400440532013001"),
        ("mask", "passed", "IBAN <IBAN_CODE>"),
    ],
)
def test_suspects_are_treated_as_asked(action: Any, verdict: str, cell: str) -> None:
    frame = pl.DataFrame({"note": ["IBAN DE89370400440532013001"]})
    found, report = done(frame, on_suspect=action)
    assert (report.verdict, found["note"][0]) == (verdict, cell)
    assert report.findings[0].message.startswith("Column 'note' holds what may be IBAN_CODE in 1")
    assert report.findings[0].details["shapes"] == ("XX99999999999999999999",)


def test_suspects_beside_certain_ones_are_masked_with_them() -> None:
    notes = ["IBAN DE89370400440532013001", "IBAN DE89370400440532013000"]
    found, report = done(pl.DataFrame({"note": notes}), on_finding="mask")
    assert found["note"].to_list() == ["IBAN <IBAN_CODE>"] * 2
    assert report.verdict == "passed"


# what is refused


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rules": [{"action": "mask"}]}, "a rule needs a column or an entity"),
        (
            {"rules": [{"action": "mask", "entity": "EMAIL"}]},
            "in rules, there is no entity 'EMAIL'",
        ),
        (
            {"rules": [{"action": "drop", "column": "a", "mask_as": "format"}]},
            "mask_as means nothing with the action 'drop'",
        ),
        ({"mask_as": "format"}, "mask_as='format' needs a secret_key"),
        ({"sample": 0.1, "on_finding": "mask"}, "a sample cannot find all there is to mask"),
        ({"sample": 1.5}, "sample"),
    ],
)
def test_rules_that_mean_nothing_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        PiiScan(**fields)
