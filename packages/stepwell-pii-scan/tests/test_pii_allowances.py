from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from stepwell import ConfigurationError, DataError, Report
from stepwell_pii_scan import Allowance, PiiScan
from stepwell_pii_scan._clock import today

FRAME = pl.DataFrame({"telephone": ["A191", "A192"], "amount": [1, 2]})


def allowance(**fields: Any) -> Allowance:
    usual = {
        "column": "telephone",
        "entity": "PHONE_NUMBER",
        "reason": "codes",
        "owner": "Data",
        "expires": today(),
    }
    return Allowance(**{**usual, **fields})


def scanned(*allow: Allowance, **fields: Any) -> Report:
    return PiiScan(allow=allow, **fields).run(data=FRAME).report


def test_allowed_finding_passes_and_says_why_and_until_when() -> None:
    report = scanned(allowance(expires=date(9999, 12, 31)))
    assert report.verdict == "passed"
    assert report.findings[0].message == (
        "Column 'telephone' is named like PHONE_NUMBER (2 rows filled). "
        "Allowed until 9999-12-31 by Data: codes"
    )


def test_allowance_holds_on_its_last_day() -> None:
    assert scanned(allowance(expires=today())).verdict == "passed"


@pytest.mark.parametrize("action", ["block", "mask", "drop", "warn"])
def test_expired_allowance_blocks_and_says_when_it_expired(action: str) -> None:
    yesterday = today() - timedelta(days=1)
    report = scanned(allowance(expires=yesterday), on_finding=action)
    assert report.verdict == "failed"
    assert f"Its allowance expired on {yesterday}" in report.findings[0].message


def test_allowance_covers_one_column_and_one_entity_only() -> None:
    others = [allowance(column="amount"), allowance(entity="EMAIL_ADDRESS")]
    report = scanned(*others)
    assert report.verdict == "failed"
    assert [finding.verdict for finding in report.findings] == ["failed", "passed", "passed"]


def test_allowance_that_matches_nothing_is_reported() -> None:
    unused = scanned(allowance(), allowance(column="amount")).findings[-1]
    assert (unused.check, unused.verdict, unused.columns) == ("allowance", "passed", ("amount",))
    assert unused.message == (
        "The allowance of PHONE_NUMBER in column 'amount' matches nothing in this data."
    )


def test_expired_allowance_that_matches_nothing_is_a_warning() -> None:
    report = scanned(allowance(), allowance(column="amount", expires=date(2020, 1, 1)))
    assert report.verdict == "warned"
    assert report.findings[-1].message.endswith("and expired on 2020-01-01: remove it.")


def test_external_state_names_expired_allowances() -> None:
    old = allowance(column="amount", expires=date(2020, 1, 1))
    assert PiiScan(allow=[allowance()]).external_state() == {"expired": [], "key": None}
    assert PiiScan(allow=[allowance(), old]).external_state() == {
        "expired": [old.model_dump(mode="json")],
        "key": None,
    }


def test_allowances_can_be_written_as_json() -> None:
    step = PiiScan(allow=[allowance()])
    assert PiiScan.model_validate_json(step.model_dump_json()) == step


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": " "}, "an allowance needs a reason"),
        ({"expires": "soon"}, "expires"),
        ({"owner": " "}, "an allowance needs an owner"),
        ({"until": "x"}, "until"),
    ],
)
def test_incomplete_allowance_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        allowance(**fields)


@pytest.mark.parametrize("missing", ["column", "entity", "reason", "owner", "expires"])
def test_allowance_needs_all_of_its_fields(missing: str) -> None:
    fields = allowance().model_dump(mode="json", exclude={missing})
    with pytest.raises(ConfigurationError, match=f"allow.0.{missing}"):
        PiiScan(allow=[fields])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"allow": [allowance(entity="EMAIL_ADRESS")]},
            "PiiScan: in allow, there is no entity 'EMAIL_ADRESS'. Did you mean "
            "'EMAIL_ADDRESS'? Entities: AT_DRIVER_LICENSE, ",
        ),
        (
            {"allow": [allowance(), allowance(reason="other")]},
            "PiiScan, field 'allow': column 'telephone' is given two allowances for PHONE_NUMBER.",
        ),
        (
            {"on_finding": "delete"},
            "PiiScan, field 'on_finding': Input should be 'block', 'mask', 'generalise', 'drop' or "
            "'warn'.",
        ),
        (
            {"regions": ["de"]},
            "PiiScan, field 'regions': 'de' is no country code; give two capital letters, for "
            "example 'DE'.",
        ),
        ({"alow": []}, "PiiScan has no field 'alow'. Did you mean 'allow'?"),
    ],
)
def test_wrong_configuration_is_refused_in_one_sentence(
    fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        PiiScan(**fields)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"allow": [allowance(column="telphone")]},
            "PiiScan names column 'telphone', which the data does not have. Did you mean "
            "'telephone'? Columns: amount, telephone.",
        ),
        (
            {"columns": ["x"]},
            "PiiScan names column 'x', which the data does not have. Columns: amount, telephone.",
        ),
    ],
)
def test_unknown_column_is_reported_by_name(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        PiiScan(**fields).run(data=FRAME)
    assert str(caught.value) == message


@pytest.mark.parametrize("data", ["file.csv", None, [1, 2], {"a": [1]}])
def test_what_is_no_table_is_refused(data: Any) -> None:
    with pytest.raises(DataError, match="A dataset is made from"):
        PiiScan().run(data=data)
