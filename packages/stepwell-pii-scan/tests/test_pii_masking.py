from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from stepwell import ConfigurationError, Dataset, Report
from stepwell_pii_scan import Allowance, PiiScan, _masking

CARD = "4111111111111111"


def masked(frame: Any, **fields: Any) -> tuple[pl.DataFrame, Report]:
    done = PiiScan(on_finding="mask", **fields).run(data=frame)
    return done.data.to_polars(), done.report


def masked_cells(cells: pl.Series, **fields: Any) -> pl.Series:
    frame, report = masked(cells.alias("x").to_frame(), **fields)
    assert report.verdict == "passed"
    return frame["x"]


def test_spans_in_free_text_are_replaced_and_the_rest_stays() -> None:
    notes = ["😀 Ruf 030 1234567 an, oder max@example.com!", None, "bezahlt"]
    assert masked_cells(pl.Series(notes)).to_list() == [
        "😀 Ruf <PHONE_NUMBER> an, oder <EMAIL_ADDRESS>!",
        None,
        "bezahlt",
    ]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (pl.Series([int(CARD), 5, None]), pl.Series(["<CREDIT_CARD>", "5", None])),
        (pl.Series([float(CARD), 0.5, None]), pl.Series(["<CREDIT_CARD>", "0.5", None])),
        (
            pl.Series([CARD, "b", None], dtype=pl.Categorical),
            pl.Series(["<CREDIT_CARD>", "b", None], dtype=pl.Categorical),
        ),
        (
            pl.Series([CARD, "b", None], dtype=pl.Enum([CARD, "b", "5555555555554444"])),
            pl.Series(["<CREDIT_CARD>", "b", None], dtype=pl.Enum(["<CREDIT_CARD>", "b"])),
        ),
        (pl.Series([CARD.encode(), b"x", None]), pl.Series([b"<CREDIT_CARD>", b"x", None])),
        (
            pl.Series([["a", CARD], [], None, [None]]),
            pl.Series([["a", "<CREDIT_CARD>"], [], None, [None]]),
        ),
        (
            pl.Series([["a", CARD], None], dtype=pl.Array(pl.String, 2)),
            pl.Series([["a", "<CREDIT_CARD>"], None], dtype=pl.Array(pl.String, 2)),
        ),
        (
            pl.Series([{"a": {"b": CARD}, "c": 1}, None, {"a": None, "c": 2}]),
            pl.Series([{"a": {"b": "<CREDIT_CARD>"}, "c": 1}, None, {"a": None, "c": 2}]),
        ),
        (
            pl.Series([[{"a": [CARD], "n": 1}, None], []]),
            pl.Series([[{"a": ["<CREDIT_CARD>"], "n": 1}, None], []]),
        ),
    ],
    ids=lambda cells: str(cells.dtype).partition("(")[0] + str(len(str(cells.dtype))),
)
def test_every_type_of_column_is_masked(cells: pl.Series, expected: pl.Series) -> None:
    found = masked_cells(cells)
    assert found.dtype == expected.dtype
    assert found.to_list() == expected.to_list()


def test_categories_that_no_row_uses_are_masked() -> None:
    cells = masked_cells(pl.Series(["a"], dtype=pl.Enum(["a", "max@example.com"])))
    assert cells.dtype == pl.Enum(["a", "<EMAIL_ADDRESS>"])


def test_column_known_by_its_name_is_masked_as_a_whole() -> None:
    frame = pl.DataFrame({"email": ["max(at)example.com", None, "", "a@b.de"]})
    found, report = masked(frame)
    assert found["email"].to_list() == ["<EMAIL_ADDRESS>", None, "", "<EMAIL_ADDRESS>"]
    assert report.verdict == "passed"


def test_dates_and_durations_become_text() -> None:
    frame = pl.DataFrame(
        {"geburtsdatum": [date(1990, 1, 1), None], "dob": [timedelta(days=1), None]}
    )
    found, _ = masked(frame)
    assert found.rows() == [("<DATE_OF_BIRTH>", "<DATE_OF_BIRTH>"), (None, None)]


def test_declared_column_is_masked_as_a_whole() -> None:
    data = Dataset.of(pl.DataFrame({"city": ["Bonn", "Köln"]}), roles={"city": "personal"})
    found, report = masked(data)
    assert found["city"].to_list() == ["<PERSONAL>", "<PERSONAL>"]
    assert report.verdict == "passed"


def test_other_fields_of_a_struct_keep_values_and_types() -> None:
    frame = pl.DataFrame({"c": [{"email": "x", "age": 30}, None]})
    found, _ = masked(frame)
    assert found["c"].to_list() == [{"email": "<EMAIL_ADDRESS>", "age": 30}, None]


def test_allowed_entities_are_left_in_the_text() -> None:
    allowed = Allowance(
        column="note",
        entity="EMAIL_ADDRESS",
        reason="contact",
        owner="Sales",
        expires=date(9999, 1, 1),
    )
    frame = pl.DataFrame({"note": [f"a@example.com {CARD}"]})
    found, report = masked(frame, allow=[allowed])
    assert found["note"].to_list() == ["a@example.com <CREDIT_CARD>"]
    assert report.verdict == "passed"


def test_data_with_an_expired_allowance_is_masked_and_fails() -> None:
    expired = Allowance(
        column="note", entity="CREDIT_CARD", reason="x", owner="x", expires=date(2020, 1, 1)
    )
    found, report = masked(pl.DataFrame({"note": [CARD]}), allow=[expired])
    assert found["note"].to_list() == ["<CREDIT_CARD>"]
    assert report.verdict == "failed"


def test_roles_stay_with_masked_columns() -> None:
    data = Dataset.of(pl.DataFrame({"nachname": ["x"]}), roles={"nachname": "protected"})
    done = PiiScan(on_finding="mask").run(data=data)
    assert done.data.roles == data.roles


def test_masked_data_scans_clean() -> None:
    frame = pl.DataFrame({"email": ["a@b.de", "c"], "note": [f"{CARD}, 030 1234567", "ok"]})
    found, _ = masked(frame)
    assert PiiScan().run(data=Dataset.of(found)).report.verdict == "passed"


def test_what_masking_leaves_behind_fails_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_masking, "placeholder", lambda entity, value="", key=None: value)
    frame = pl.DataFrame({"email": ["a@b.de"]})
    _, report = masked(frame)
    assert report.verdict == "failed"
    assert report.findings[-1].message == (
        "After masking, column 'email' still holds EMAIL_ADDRESS."
    )


def test_cell_that_does_not_come_clean_is_replaced_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        _masking, "placeholder", lambda entity, value="", key=None: value or f"<{entity}>"
    )
    found, report = masked(pl.DataFrame({"note": [f"card {CARD} end"]}))
    assert found["note"].to_list() == ["<CREDIT_CARD>"]
    assert report.verdict == "passed"


def test_masking_is_lazy_and_streams() -> None:
    frame = pl.LazyFrame({"note": ["a@b.de", "x"] * 1_000})
    done = PiiScan(on_finding="mask").run(data=Dataset.of(frame))
    found = done.data.lazy().select("note").collect(engine="streaming")
    assert found["note"].to_list() == ["<EMAIL_ADDRESS>", "x"] * 1_000


# pseudonyms


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MASK_KEY", "a secret of enough characters")
    return "${MASK_KEY}"


def test_same_value_gets_the_same_pseudonym_in_every_column(key: str) -> None:
    frame = pl.DataFrame({"email": ["a@b.de", "c@d.de"], "note": ["to c@d.de", "to a@b.de"]})
    found, report = masked(frame, secret_key=key)
    first, second = found["email"]
    assert found["note"].to_list() == [f"to {second}", f"to {first}"]
    assert first != second
    assert first.startswith("<EMAIL_ADDRESS:")
    assert report.verdict == "passed"


def test_another_key_gives_other_pseudonyms_and_another_state(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame({"email": ["a@b.de"]})
    step = PiiScan(on_finding="mask", secret_key=key)
    before, state = masked(frame, secret_key=key)[0], step.external_state()
    monkeypatch.setenv("MASK_KEY", "another secret of enough characters")
    assert not masked(frame, secret_key=key)[0].equals(before)
    assert step.external_state() != state


def test_pseudonyms_hold_letters_only_so_that_no_number_is_found_in_them(key: str) -> None:
    frame = pl.DataFrame({"email": [f"a{n}@b.de" for n in range(200)]})
    found, _ = masked(frame, secret_key=key)
    assert found["email"].str.contains(r"^<EMAIL_ADDRESS:[a-p]{16}>$").all()


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([1.5, 4915.0, None]),
        pl.Series([b"\xff", b"x", None]),
        pl.Series([date(2020, 1, 1), None]),
        pl.Series([1, 2], dtype=pl.Int8),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_named_column_of_any_type_gets_pseudonyms(cells: pl.Series, key: str) -> None:
    found, _ = masked(pl.DataFrame({"telefon": cells}), secret_key=key)
    texts = found["telefon"].cast(pl.String).drop_nulls()
    assert texts.str.contains(r"^<PHONE_NUMBER(:[a-p]{16})?>$").all()
    assert len(texts) == len(cells.drop_nulls())


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        (None, "the environment variable MASK_KEY is not set."),
        ("short", "the environment variable MASK_KEY has only 5 characters."),
    ],
)
def test_key_that_is_missing_or_weak_is_an_error(
    secret: str | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MASK_KEY", raising=False)
    if secret:
        monkeypatch.setenv("MASK_KEY", secret)
    with pytest.raises(ConfigurationError, match=message):
        masked(pl.DataFrame({"email": ["a@b.de"]}), secret_key="${MASK_KEY}")


def test_key_itself_is_refused_as_configuration() -> None:
    with pytest.raises(ConfigurationError, match="give its name as") as caught:
        PiiScan(secret_key="canary-secret")
    assert "canary" not in str(caught.value)
