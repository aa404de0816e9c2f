import json
from datetime import date, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest

from stepwell import Dataset, Finding, Report
from stepwell_pii_scan import Allowance, PiiScan

LATER = date.today() + timedelta(days=30)


def scanned(frame: Any, **fields: Any) -> Report:
    return PiiScan(**fields).run(data=frame).report


def found(report: Report) -> dict[tuple[str, str], str]:
    return {(f.columns[0], f.check): f.verdict for f in report.findings if f.columns}


def only(report: Report) -> Finding:
    [finding] = report.findings
    return finding


# what is found


def test_clean_data_passes_and_comes_back_unchanged() -> None:
    data = Dataset.of(pl.DataFrame({"amount": [1, 2], "code": ["A11", "A12"]}))
    done = PiiScan().run(data=data)
    assert done.report.verdict == "passed"
    assert done.report.summary == "2 rows scanned: nothing personal found."
    assert done.data is data


@pytest.mark.parametrize("row", [0, 5_000, 9_999])
def test_one_real_number_among_ten_thousand_rows_is_found(row: int) -> None:
    """(fault 31)"""
    ids = [str(36574261808 if n != row else 36574261809) for n in range(10_000)]
    finding = only(scanned(pl.DataFrame({"reference": ids})))
    assert (finding.check, finding.verdict, finding.rows) == ("DE_TAX_ID", "failed", 1)
    assert finding.details["first_rows"] == (row,)


def test_number_with_a_wrong_check_digit_is_no_finding() -> None:
    wrong = ["4111111111111112", "DE89370400440532013001", "36574261808", "15070649C104"]
    assert scanned(pl.DataFrame({"reference": wrong})).verdict == "passed"


def test_rows_values_and_shapes_are_counted() -> None:
    notes = ["x", "max@example.com, m@example.org", "m@x.de", "DE89 3704 0044 0532 0130 00"]
    report = scanned(pl.DataFrame({"note": notes}))
    assert [(f.check, f.rows, f.details["values"]) for f in report.findings] == [
        ("EMAIL_ADDRESS", 2, 3),
        ("IBAN_CODE", 1, 1),
    ]
    assert report.findings[0].details["shapes"] == ("x@x.xx", "x@xxxxxxx.xxx", "xxx@xxxxxxx.xxx")
    assert report.findings[1].details["shapes"] == ("XX99 9999 9999 9999 9999 99",)
    assert report.findings[1].details["first_rows"] == (3,)


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([4111111111111111, None, 5]),
        pl.Series([4111111111111111, None, 5], dtype=pl.UInt64),
        pl.Series([4111111111111111.0, float("nan"), float("inf")]),
        pl.Series(["4111111111111111.00", "0.50", None]).cast(pl.Decimal(20, 2)),
        pl.Series(["4111111111111111", "b", None], dtype=pl.Categorical),
        pl.Series(["4111111111111111", "b", None], dtype=pl.Enum(["4111111111111111", "b"])),
        pl.Series([b"4111111111111111", b"x", None]),
        pl.Series([["a", "4111111111111111"], [], None]),
        pl.Series([["a", "4111111111111111"], ["", ""], None], dtype=pl.Array(pl.String, 2)),
        pl.Series([{"a": {"b": "4111111111111111"}}, {"a": None}, None]),
        pl.Series([[{"a": ["4111111111111111"]}], [None], None]),
    ],
    ids=lambda cells: str(cells.dtype).partition("(")[0] + str(len(str(cells.dtype))),
)
def test_card_number_is_found_in_any_type_of_column(cells: pl.Series) -> None:
    finding = only(scanned(pl.DataFrame({"x": cells})))
    assert (finding.check, finding.rows, finding.verdict) == ("CREDIT_CARD", 1, "failed")
    assert finding.details["first_rows"] == (0,)


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([None, None]),
        pl.Series([True, False]),
        pl.Series([1.5, 4111111111111111.5]),
        pl.Series([-4111111111111111, 2**62]),
        pl.Series([date(2024, 1, 15)] * 2),
        pl.Series([timedelta(days=1)] * 2),
        pl.Series([[], []], dtype=pl.List(pl.String)),
        pl.Series([127, -128], dtype=pl.Int8),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_other_cells_pass(cells: pl.Series) -> None:
    assert scanned(pl.DataFrame({"x": cells})).verdict == "passed"


def test_phone_numbers_kept_as_numbers_are_found_by_the_name_of_their_column() -> None:
    frame = pl.DataFrame({"handy": [4917612345678, 17612345678], "n": [4917612345678, 17612345678]})
    assert found(scanned(frame)) == {("handy", "PHONE_NUMBER"): "failed"}


def test_field_of_a_struct_is_judged_by_its_own_name() -> None:
    frame = pl.DataFrame({"contact": [{"email": "unknown", "city": "Bonn"}]})
    finding = only(scanned(frame))
    assert (finding.columns, finding.check) == (("contact",), "EMAIL_ADDRESS")
    assert finding.details["fields"] == ("contact.email",)


def test_row_with_hits_in_two_fields_counts_once() -> None:
    frame = pl.DataFrame({"c": [{"a": "x@example.com", "b": "y@example.com"}]})
    finding = only(scanned(frame))
    assert (finding.rows, finding.details["values"]) == (1, 2)


def test_categories_that_no_row_uses_are_scanned_too() -> None:
    unused = pl.Series(["a"], dtype=pl.Enum(["a", "max@example.com"]))
    finding = only(scanned(pl.DataFrame({"x": unused})))
    assert (finding.check, finding.rows, finding.verdict) == ("EMAIL_ADDRESS", 0, "failed")
    assert "in its categories" in finding.message


def test_bytes_that_are_no_text_do_not_pass_as_scanned() -> None:
    frame = pl.DataFrame({"photo": [b"\xff\xd8\xff", b"text", None]})
    finding = only(scanned(frame))
    assert (finding.check, finding.verdict, finding.rows) == ("UNREADABLE", "failed", 1)
    assert only(scanned(frame, on_finding="mask")).verdict == "failed"
    allowed = Allowance(
        column="photo", entity="UNREADABLE", reason="pictures", owner="Data team", expires=LATER
    )
    assert scanned(frame, allow=[allowed]).verdict == "passed"


def test_no_rows_are_a_warning() -> None:
    report = scanned(pl.DataFrame({"email": []}, schema={"email": pl.String}))
    assert (report.verdict, only(report).message) == (
        "warned",
        "There are no rows: nothing was scanned.",
    )


def test_data_without_columns_is_a_warning() -> None:
    assert scanned(pl.DataFrame()).verdict == "warned"


def test_ten_thousand_columns_are_scanned() -> None:
    frame = pl.DataFrame({f"c{n}": ["a"] for n in range(9_999)} | {"last": ["max@example.com"]})
    assert found(scanned(frame)) == {("last", "EMAIL_ADDRESS"): "failed"}


def test_pandas_frames_and_files_are_scanned_alike(tmp_path: object) -> None:
    frame = pl.DataFrame({"note": ["max@example.com", "x"]})
    frame.write_parquet(f"{tmp_path}/x.parquet")
    lazily = scanned(pl.scan_parquet(f"{tmp_path}/x.parquet"))
    assert scanned(frame) == lazily == scanned(pd.DataFrame({"note": ["max@example.com", "x"]}))


def test_only_the_columns_asked_for_are_scanned() -> None:
    frame = pl.DataFrame({"a": ["max@example.com"], "b": ["max@example.com"]})
    assert found(scanned(frame, columns=["b"])) == {("b", "EMAIL_ADDRESS"): "failed"}


def test_report_says_what_was_looked_for() -> None:
    looked_for = scanned(pl.DataFrame({"x": [1]}), regions=["US"]).details["entities"]
    assert "US_SSN" in looked_for
    assert "DE_TAX_ID" not in looked_for


# names and roles


def test_name_that_means_nothing_else_fails_without_a_hit_in_the_contents() -> None:
    finding = only(scanned(pl.DataFrame({"telephone": ["A191", "A192"]})))
    assert finding.verdict == "failed"
    assert finding.message == (
        "Column 'telephone' is named like PHONE_NUMBER (2 rows filled). Use on_finding='mask' or "
        "'drop'; if it may stay, allow=[Allowance(column='telephone', entity='PHONE_NUMBER', "
        "reason=..., owner=..., expires=...)]."
    )


@pytest.mark.parametrize("action", ["block", "mask", "drop", "warn"])
def test_name_that_may_mean_something_else_only_warns(action: str) -> None:
    frame = pl.DataFrame({"name": ["Bolt M8", "Nut M8"]})
    done = PiiScan(on_finding=action).run(data=frame)
    assert only(done.report).verdict == "warned"
    assert done.data.to_polars().equals(frame)


@pytest.mark.parametrize("empty", [[None, None], ["", "  "], ["<EMAIL_ADDRESS>", None]])
def test_named_column_that_holds_nothing_is_no_finding(empty: list[str | None]) -> None:
    assert scanned(pl.DataFrame({"email": empty}, schema={"email": pl.String})).verdict == "passed"


def test_flag_named_after_personal_data_is_no_finding() -> None:
    assert scanned(pl.DataFrame({"email": [True, False]})).verdict == "passed"


def test_date_of_birth_is_found_by_its_name() -> None:
    frame = pl.DataFrame({"geburtsdatum": [date(1990, 1, 1)], "bestelldatum": [date(2024, 1, 1)]})
    assert found(scanned(frame)) == {("geburtsdatum", "DATE_OF_BIRTH"): "failed"}


def test_declared_personal_data_blocks_and_can_be_allowed() -> None:
    data = Dataset.of(pl.DataFrame({"city": ["Bonn"]}), roles={"city": "personal"})
    finding = only(scanned(data))
    assert (finding.check, finding.verdict) == ("PERSONAL", "failed")
    allowed = Allowance(
        column="city", entity="PERSONAL", reason="needed", owner="Data team", expires=LATER
    )
    assert scanned(data, allow=[allowed]).verdict == "passed"


@pytest.mark.parametrize("role", ["personal", "special"])
def test_declared_role_is_masked_and_classified(role: str) -> None:
    data = Dataset.of(pl.DataFrame({"code": ["Bonn"]}), roles={"code": role})
    done = PiiScan(on_finding="mask").run(data=data)
    assert done.data.to_polars()["code"].to_list() == ["<PERSONAL>"]
    kind = {"personal": "personal", "special": "special category"}[role]
    assert done.report.details["classification"] == {"code": kind}
    assert f"has the role {role} " in only(done.report).message


@pytest.mark.parametrize("flag", [True, [True], {"is": True}])
def test_declared_flag_is_personal_data(flag: object) -> None:
    data = Dataset.of(pl.DataFrame({"disabled": [flag]}), roles={"disabled": "special"})
    assert only(scanned(data)).verdict == "failed"
    done = PiiScan(on_finding="mask").run(data=data)
    assert done.report.verdict == "passed"
    assert "<PERSONAL>" in str(done.data.to_polars().row(0))


def test_declared_role_makes_an_ambiguous_name_certain() -> None:
    frame = pl.DataFrame({"name": ["Qwx"]})
    data = Dataset.of(frame, roles={"name": ["identifier", "personal"]})
    finding = only(scanned(data))
    assert (finding.check, finding.verdict) == ("PERSON", "failed")
    assert finding.details["evidence"] == ("ambiguous name", "declared")


def test_declared_identifier_is_judged_like_any_other_column() -> None:
    data = Dataset.of(pl.DataFrame({"id": ["K-1", "K-2"]}), roles={"id": "identifier"})
    assert scanned(data).verdict == "passed"


# actions


def test_blocking_passes_the_data_on_as_it_is() -> None:
    frame = pl.DataFrame({"note": ["max@example.com"]})
    done = PiiScan().run(data=frame)
    assert done.report.verdict == "failed"
    assert done.data.to_polars().equals(frame)


def test_warning_passes_the_data_on_as_it_is() -> None:
    frame = pl.DataFrame({"note": ["max@example.com"]})
    done = PiiScan(on_finding="warn").run(data=frame)
    assert done.report.verdict == "warned"
    assert done.data.to_polars().equals(frame)


def test_dropping_names_the_columns_so_that_no_protected_one_vanishes_unnoticed() -> None:
    frame = pl.DataFrame({"note": ["max@example.com"], "nachname": ["x"], "amount": [1]})
    data = Dataset.of(frame, roles={"nachname": "protected"})
    done = PiiScan(on_finding="drop").run(data=data)
    assert done.report.verdict == "passed"
    assert done.data.columns == ("amount",)
    assert data.missing_protected(done.data) == ()


# partitions


def test_counts_of_partitions_add_up_to_the_whole() -> None:
    notes = ["x", "max@example.com", "y", "a@example.org", "DE89370400440532013000", "z"]
    frame = pl.DataFrame({"note": notes, "email": ["a", None, "b", None, None, "c"]})
    step = PiiScan()
    parts = [frame[:2], frame[2:3], frame[3:]]
    together = pl.concat([step.tally(part.lazy()) for part in parts])
    assert step.conclude(together) == step.run(data=frame).report


def test_report_is_json_and_its_messages_are_one_line() -> None:
    report = scanned(pl.DataFrame({"note": ["max@example.com"], "email": ["x"], "name": ["y"]}))
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert all("\n" not in finding.message for finding in report.findings)
    assert json.loads(report.model_dump_json())["verdict"] == "failed"
