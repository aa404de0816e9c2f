"""Messages hold row numbers, counts and masked shapes, and never a cell."""

import traceback

import polars as pl
import pytest

from stepwell import StepwellError
from stepwell_data_check import DataCheck, expect
from stepwell_expectations._shapes import masked


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("anna.meier@example.com", "aaaa.aaaaa@aaaaaaa.aaa"),
        ("Müller-Lüdenscheidt", "Aaaaaa-Aaaaaaaaaaaa"),
        ("DE89 3704 0044", "AA99 9999 9999"),
        ("٢½²", "999"),
        ("王小明", "aaa"),
        ("e\u0301", "aa"),
        ("", ""),
        ("<script>", "?aaaaaa?"),
        ("=HYPERLINK(1)", "?AAAAAAAAA(9)"),
        ("\x1b[31m\n\t", "??99a??"),
        ("x" * 10_000_000, "a" * 32 + "…"),
    ],
    ids=lambda given: given[:12],
)
def test_shape_tells_nothing_of_what_a_text_says(text, shape):
    """Markup, formulas and escapes are inert, long texts are cut (fault 32)."""
    assert pl.select(masked(pl.lit(text))).item() == shape


def test_failing_check_of_emails_quotes_none():
    """Row numbers, counts and the masked shape, no value (fault 27)."""
    emails = ["anna.meier@example.com", "canary 4711", None, "bob@canary", "canary 4712"]
    data = pl.DataFrame({"email": emails})
    pattern = r"^[^@ ]+@[^@ ]+\.[a-z]+$"
    report = (
        DataCheck(suite=[expect("column_values_to_match_regex", "email", regex=pattern)])
        .run(data=data)
        .report
    )
    finding = report.findings[0]
    assert "3 of 4 rows are not (rows counted from 0: 1, 3, 4)" in finding.message
    assert finding.details["shapes"] == {"aaaaaa 9999": 2, "aaa@aaaaaa": 1}
    assert not [
        word for word in ("canary", "anna", "4711", "bob") if word in report.model_dump_json()
    ]


@pytest.mark.parametrize(
    "expectation",
    [
        expect("column_values_to_be_between", "email", min_value=1),
        expect("column_values_to_be_in_set", "email", value_set=["q"]),
        expect("column_values_to_be_unique", "email"),
        expect("column_values_to_be_null", "email"),
        expect("column_max_to_be_between", "email", min_value=1),
        expect("column_mean_to_be_between", "email", min_value=1),
        expect("column_values_to_be_of_type", "email", type_="int"),
        expect("column_value_lengths_to_equal", "email", value=3),
        expect("column_pair_values_to_be_equal", column_A="email", column_B="number"),
        expect("compound_columns_to_be_unique", column_list=["email", "number"]),
        expect("column_values_to_not_be_null", "email", row_condition="email > 3"),
    ],
    ids=lambda one: one["type"],
)
def test_no_compiled_expectation_quotes_a_cell(expectation):
    data = pl.DataFrame({"email": ["canary@x.de"] * 2, "number": [47114711] * 2})
    report = DataCheck(suite=[expectation]).run(data=data).report
    told = report.model_dump_json()
    assert report.verdict == "failed"
    assert "canary" not in told
    assert "47114711" not in told


def test_errors_of_polars_quote_no_cell(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("n\n" + "1\n" * 200 + "canary@x.de\n")
    scan = pl.scan_csv(path)
    with pytest.raises(StepwellError) as caught:
        DataCheck(suite=[expect("column_values_to_not_be_null", "n")]).run(data=scan)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_categories_of_a_column_are_not_told():
    data = pl.DataFrame({"email": pl.Series(["canary"], dtype=pl.Enum(["canary"]))})
    report = (
        DataCheck(
            suite=[
                expect("column_values_to_be_of_type", "email", type_="int"),
                expect("column_values_to_be_between", "email", min_value=1),
            ]
        )
        .run(data=data)
        .report
    )
    assert report.findings[0].message.endswith(
        "it is Enum, which is also named CategoricalDtypeType."
    )
    assert "canary" not in report.model_dump_json()
