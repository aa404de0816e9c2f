import time

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell import DataError, Dataset
from stepwell_pii_scan import PiiScan
from stepwell_pii_scan._recogniser import Recogniser
from stepwell_pii_scan._recognisers import REGIONS, recognisers_for
from stepwell_pii_scan._search import Search, search_in
from stepwell_pii_scan._spans import Span, without_overlaps

RECOGNISERS = recognisers_for(REGIONS)
PLANTED = {
    "max.mustermann@example.com": "EMAIL_ADDRESS",
    "DE89 3704 0044 0532 0130 00": "IBAN_CODE",
    "4111-1111-1111-1111": "CREDIT_CARD",
    "203.0.113.77": "IP_ADDRESS",
    "36574261809": "DE_TAX_ID",
    "15 070649 C 10 3": "DE_SOCIAL_SECURITY",
    "536-90-4399": "US_SSN",
    "+49 30 1234567": "PHONE_NUMBER",
}
WORDS = st.text(st.characters(categories=["L", "Zs", "Po", "So"], exclude_characters=".,@'&%+~:/"))


def spans_in(text: str) -> list[tuple[str, str]]:
    found = search_in("text", RECOGNISERS).find(pl.Series([text]))
    return [(text[span.start : span.end], span.entity) for span in found.get(0, ())]


@settings(deadline=None)
@given(st.sampled_from(sorted(PLANTED)), WORDS, WORDS)
def test_planted_value_is_found_where_it_stands(value: str, before: str, after: str) -> None:
    assert (value, PLANTED[value]) in spans_in(f"{before}; {value} {after}")


@settings(deadline=None)
@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    for value, _ in spans_in(text):
        assert value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("😀 ärger: max@example.com 😀 x@example.org", ["max@example.com", "x@example.org"]),
        ("4711 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
        ("4111 1111 1111 1111 4111 1111 1111 1111", ["4111 1111 1111 1111"] * 2),
        (
            "AT61 1904 3002 3457 3201 DE89 3704 0044 0532 0130 00",
            ["AT61 1904 3002 3457 3201", "DE89 3704 0044 0532 0130 00"],
        ),
        ("a\x1amax@example.com\x1ab", ["max@example.com"]),
        ("a\x00max@example.com\n\t", ["max@example.com"]),
        ("36574261809,86095742719;47036892816", ["36574261809", "86095742719", "47036892816"]),
        ("36574261809,5 12,86095742719 0.47036892816", []),
        ("36574261809 86095742719", ["36574261809", "86095742719"]),
    ],
)
def test_spans_are_exact(text: str, values: list[str]) -> None:
    assert [value for value, _ in spans_in(text)] == values


def test_overlapping_spans_become_one_with_the_longest_name() -> None:
    [(value, entity)] = spans_in("86095742719@example.com")
    assert (value, entity) == ("86095742719@example.com", "EMAIL_ADDRESS")


@pytest.mark.parametrize(
    ("column", "text", "entity"),
    [
        ("telefon", "4711 0815", "PHONE_NUMBER"),
        ("ssn", "536904399", "US_SSN"),
        ("steuernummer", "4151081508156", "DE_TAX_NUMBER"),
        ("itin", "912903456", "US_ITIN"),
    ],
)
def test_name_of_the_column_is_context(column: str, text: str, entity: str) -> None:
    assert search_in("note", RECOGNISERS).find(pl.Series([text])) == {}
    [spans] = search_in(column, RECOGNISERS).find(pl.Series([text])).values()
    assert [span.entity for span in spans] == [entity]


def test_context_far_away_does_not_count() -> None:
    assert spans_in(f"phone {'.' * 60} 785 8949") == []
    assert spans_in("phone 785 8949") == [("785 8949", "PHONE_NUMBER")]


def test_validator_that_fails_is_an_error_without_the_value() -> None:
    def fails(written: str) -> bool:
        raise RuntimeError(written)

    broken = Recogniser(
        entity="X", pattern="canary[0-9]+", valid=fails, examples=(), counterexamples=()
    )
    with pytest.raises(DataError) as caught:
        Search((broken,)).find(pl.Series(["canary4711"]))
    assert str(caught.value) == "A recogniser of X fails (RuntimeError)."
    assert caught.value.__suppress_context__


HOSTILE = {
    "letters": "a",
    "digits": "1",
    "groups": "4111 1111 ",
    "at signs": "a@",
    "dots": "1.1.",
    "colons": "1:",
    "numbers beside words": "call 12345678 ",
    "addresses": "a@example.com ",
    "beginnings of IBANs": "DE89 3704 ",
    "phone numbers": "+49 30 123 ",
    "markup": "<script>\x1b[31m=HYPERLINK()",
    "brackets": "((((",
    "beginnings of streets": "123 Am Alten Main ",
    "wrong numbers beside their name": "DE89 3704 0044 0532 0130 01 IBAN ",
    "documents": "Passport A1234567 born 1.1.1980 Frau ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_effort_for_a_huge_cell_is_linear(piece: str) -> None:
    """(fault 32)"""
    small, large = (effort(piece * (size // len(piece))) for size in (50_000, 500_000))
    assert large < 30 * small + 1.0  # quadratic effort would be a hundredfold


def effort(text: str) -> float:
    begin = time.process_time()
    PiiScan().run(data=Dataset.of(pl.DataFrame({"text": [text]})))
    return time.process_time() - begin


# context, contradiction, overlaps


def levels_in(text: str, column: str = "text") -> list[tuple[str, bool]]:
    found = search_in(column, RECOGNISERS).find(pl.Series([text]))
    return [(span.entity, span.certain) for span in found.get(0, ())]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IBAN DE89370400440532013001", [("IBAN_CODE", False)]),
        ("DE89370400440532013001", []),
        ("BSN 111222333", [("NL_BSN", True)]),
        ("111222333", []),
        ("order no. 36574261809", [("DE_TAX_ID", False)]),
        ("KVNR A123456780", [("DE_HEALTH_INSURANCE", True)]),
        ("A123456780", [("DE_HEALTH_INSURANCE", False)]),
        ("PESEL 73062108041", [("PL_PESEL", True)]),
        ("Steuer-ID 73062108041", [("DE_TAX_ID", True)]),
    ],
)
def test_words_raise_and_lower(text: str, found: list[tuple[str, bool]]) -> None:
    assert levels_in(text) == found


@pytest.mark.parametrize(
    ("column", "text", "certain"),
    [("kvnr", "A123456780", True), ("order_number", "36574261809", False)],
)
def test_name_of_the_column_raises_and_lowers(column: str, text: str, certain: bool) -> None:
    [(_, level)] = levels_in(text, column)
    assert level is certain


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("Tel. +49 30 1234567, Artikel 4711081547110", ["PHONE_NUMBER"]),
        ("Phone 785 8949 or 785 8950", ["PHONE_NUMBER", "PHONE_NUMBER"]),
        ("reported 50260.21 phone: 030 1234567", ["PHONE_NUMBER"]),
        ("BSN is 473108963. sensor at 21.640217, 128.099410", ["NL_BSN"]),
    ],
)
def test_word_belongs_to_the_number_it_stands_next_to(text: str, entities: list[str]) -> None:
    assert [entity for entity, _ in levels_in(text)] == entities


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("https://max:pw@example.com/login", "URL_WITH_USER"),
        ("86095742719@example.com", "EMAIL_ADDRESS"),
        ("call 36574261809 now", "DE_TAX_ID"),
        ("dial 4111 1111 1111 1111", "CREDIT_CARD"),
    ],
)
def test_most_specific_valid_entity_gives_its_name(text: str, entity: str) -> None:
    assert levels_in(text) == [(entity, True)]


def test_suspect_inside_of_something_certain_is_no_finding() -> None:
    spans = [Span(0, 9, "A", certain=False), Span(3, 20, "B", certain=True, rank=2)]
    assert without_overlaps(spans) == (spans[1],)
