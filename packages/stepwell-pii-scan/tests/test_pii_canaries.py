"""Found values, whole or in part, stand nowhere but in the data (faults 27, 28, 32)."""

import json
import logging
import traceback
from typing import Any

import polars as pl
import pytest

from stepwell import Dataset, Pipeline, StepwellError, Tallied
from stepwell_pii_scan import PiiScan

CANARIES = {
    "EMAIL_ADDRESS": "kanarienvogel@zwitscher-test.example.org",
    "IBAN_CODE": "DE89370400440532013000",
    "CREDIT_CARD": "4111 1111 1111 1111",
    "PHONE_NUMBER": "+49 30 7654321",
    "DE_TAX_ID": "36574261809",
    "DE_SOCIAL_SECURITY": "15070649C103",
    "US_SSN": "536-90-4399",
    "IP_ADDRESS": "203.0.113.77",
    "IT_FISCAL_CODE": "RCCMNL83S18D969H",
    "FR_SOCIAL_SECURITY": "295109912611193",
    "FI_PERSONAL_IDENTITY_CODE": "131052-308T",
    "URL_WITH_USER": "ftp://vogelfrau:nest@host/x",
}
PARTS = (
    *("kanarienvogel", "zwitscher", "example.org", "DE89", "3704", "0532013000", "4111", "1111"),
    *("7654321", "3657", "261809", "150706", "C103", "536-90", "4399", "203.0", "113.77"),
    *("RCCMNL", "83S18", "2951099", "611193", "131052", "308T", "vogelfrau", "nest@"),
    *("<script>", "\x1b[31m", "HYPERLINK"),
)


def planted() -> pl.DataFrame:
    values = list(CANARIES.values())
    noise = "<script>alert()</script> \x1b[31m =HYPERLINK()"
    return pl.DataFrame(
        {
            "note": [f"{noise} {value}" for value in values],
            "email": values,
            "category": pl.Series(values, dtype=pl.Categorical),
            "enum": pl.Series(values, dtype=pl.Enum(values)),
            "tags": [[value] for value in values],
            "contact": [{"any": value} for value in values],
            "raw": [value.encode() for value in values],
            "number": [36574261809] * len(values),
            "strange": [b"\xff" + value.encode() for value in values],
        }
    )


def assert_silent(*texts: str) -> None:
    for text in texts:
        assert [part for part in PARTS if part in text] == []


@pytest.mark.parametrize("action", ["block", "mask", "drop", "warn"])
def test_report_holds_no_value(action: Any, caplog: pytest.LogCaptureFixture) -> None:
    """(faults 27, 28)"""
    caplog.set_level(logging.DEBUG)
    done = PiiScan(on_finding=action).run(data=Dataset.of(planted()))
    report = done.report
    assert {finding.check for finding in report.findings} >= set(CANARIES)
    assert_silent(report.model_dump_json(), str(report), repr(report), caplog.text)
    assert_silent(report.summary, *(finding.message for finding in report.findings))
    assert_silent(repr(done), str(done.data))


@pytest.mark.parametrize("mask_as", ["placeholder", "pseudonym", "format"])
def test_data_masked_in_any_way_holds_no_value(
    mask_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASK_KEY", "a secret of enough characters")
    step = PiiScan(on_finding="mask", mask_as=mask_as, secret_key="${MASK_KEY}")
    done = step.run(data=Dataset.of(planted().drop("strange")))
    assert done.report.verdict in ("passed", "warned")
    written = str(done.data.to_polars().to_dicts())
    assert [canary for canary in CANARIES.values() if canary in written] == []


def test_suspects_and_samples_hold_no_value() -> None:
    """(faults 27, 28)"""
    wrong = ["IBAN DE89370400440532013001", "credit card 4111 1111 1111 1112"] * 20
    report = PiiScan(sample=0.5).run(data=Dataset.of(pl.DataFrame({"note": wrong}))).report
    assert {finding.check for finding in report.findings} == {"IBAN_CODE", "CREDIT_CARD", "sample"}
    assert_silent(report.model_dump_json(), str(report))


def test_masked_data_holds_no_value() -> None:
    frame = planted().drop("strange")
    done = PiiScan(on_finding="mask").run(data=Dataset.of(frame))
    assert done.report.verdict == "passed"
    masked = done.data.to_polars()
    written = [str(masked.to_dicts()), str(masked.schema), str(masked.write_ipc(None).getvalue())]
    assert [canary for canary in CANARIES.values() if any(canary in text for text in written)] == []


def test_counts_hold_no_value() -> None:
    counts = PiiScan().tally(planted().lazy())
    assert_silent(counts.write_json())


def test_errors_hold_no_value() -> None:
    failing = planted().lazy().with_columns(pl.col("note").cast(pl.Int64))
    with pytest.raises(StepwellError) as caught:
        PiiScan().run(data=Dataset.of(failing))
    assert_silent(str(caught.value), "".join(traceback.format_exception(caught.value)))


def test_run_of_a_pipeline_is_blocked_and_its_record_holds_no_value(tmp_path: Any) -> None:
    """(fault 28)"""
    pipeline = Pipeline("canaries", inputs={"data": Dataset}, steps=[PiiScan()])
    run = pipeline.run(data=planted(), store=str(tmp_path))
    assert run.status == "blocked"
    record = json.dumps(run.record)
    assert [canary for canary in (*CANARIES.values(), "zwitscher") if canary in record] == []


def test_huge_value_has_a_short_shape() -> None:
    """(fault 32)"""
    huge = f"{'a' * 10_000_000}@example.com"
    done: Tallied = PiiScan().run(data=Dataset.of(pl.DataFrame({"note": [huge]})))
    [finding] = done.report.findings
    assert finding.details["shapes"] == (f"{'x' * 32}…",)
    assert len(done.report.model_dump_json()) < 2_000
