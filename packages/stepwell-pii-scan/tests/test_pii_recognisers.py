"""The examples of every recogniser are its tests."""

from pathlib import Path

import polars as pl
import pytest

from stepwell_pii_scan._buckets import has_digits
from stepwell_pii_scan._recogniser import Recogniser
from stepwell_pii_scan._recognisers import REGIONS, known_entities, recognisers_for
from stepwell_pii_scan._search import Search, search_in

RECOGNISERS = recognisers_for(REGIONS)


EACH = [pytest.param(r, id=f"{number}-{r.entity}") for number, r in enumerate(RECOGNISERS)]


def cases(attribute: str) -> list[object]:
    return [
        pytest.param(recogniser, text, id=f"{number}-{recogniser.entity}-{text}")
        for number, recogniser in enumerate(RECOGNISERS)
        for text in getattr(recogniser, attribute)
    ]


def found(recogniser: Recogniser, text: str) -> list[tuple[str, bool]]:
    """The entities that the recogniser finds, and whether they are certain."""
    search = Search((recogniser,))
    frame = pl.DataFrame({"text": [text]})
    spans = search.find(frame["text"]).get(0, ())
    assert not (spans and search.candidates(frame).is_empty())
    return [(span.entity, span.certain) for span in spans]


@pytest.mark.parametrize(("recogniser", "text"), cases("examples"))
def test_example_is_found(recogniser: Recogniser, text: str) -> None:
    assert set(found(recogniser, text)) == {(recogniser.entity, True)}


@pytest.mark.parametrize(("recogniser", "text"), cases("suspects"))
def test_what_fails_its_check_or_lacks_context_is_suspect(
    recogniser: Recogniser, text: str
) -> None:
    assert set(found(recogniser, text)) == {(recogniser.entity, False)}


@pytest.mark.parametrize(("recogniser", "text"), cases("counterexamples"))
def test_counterexample_is_not_found(recogniser: Recogniser, text: str) -> None:
    assert found(recogniser, text) == []


@pytest.mark.parametrize("recogniser", EACH)
def test_recogniser_has_examples_and_counterexamples(recogniser: Recogniser) -> None:
    assert len([*recogniser.examples, *recogniser.suspects]) >= 2
    assert len(recogniser.counterexamples) >= 2


@pytest.mark.parametrize("recogniser", EACH)
def test_both_engines_match_the_same(recogniser: Recogniser) -> None:
    texts = [*recogniser.examples, *recogniser.counterexamples, "ü4111 1111ß", "٤١١١١١١١١١١١١١١١"]
    linear = pl.Series(texts).str.extract_all(recogniser.linear_pattern).to_list()
    assert linear == [recogniser.python_pattern.findall(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("IBAN DE89 3704 0044 0532 0130 00 und 030 1234567", "IBAN_CODE PHONE_NUMBER"),
        ("ids: 15 070649 C 10 3, 86095742719", "DE_SOCIAL_SECURITY DE_TAX_ID"),
        ("86095742719@example.com", "EMAIL_ADDRESS"),
        ("SSN 536-90-4399 or 912-90-3456", "US_SSN US_ITIN"),
        ("call +49 30 1234567 from 203.0.113.77", "PHONE_NUMBER IP_ADDRESS"),
    ],
)
def test_neighbours_are_told_apart(text: str, entity: str) -> None:
    [spans] = search_in("text", RECOGNISERS).find(pl.Series([text])).values()
    assert " ".join(span.entity for span in spans) == entity


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "The order of 12,345.67 EUR was paid on 2024-01-15 at 12:34:56.",
        "Version 10.0.19041.1 of 03/04/2021, build 20210304.1",
        "a8098c1a-f86e-11da-bd1a-00112444be1e",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "0.30000000000000004 and 6.02214076e23",
        "ISBN 978-3-16-148410-0, EAN 4006381333931",
        "1732406400000 ms, 1732406400000000 us",
        "A11 A34 A43 1169 A65 A75 A93 A101 A121 A143 A152 A173 A192 A201",
        "https://example.com/a/b?c=d&e=5#f @user #tag",
        "§ 2 Abs. 3, Art. 10 (5), 01067 Dresden, 80331 München",
        "lat 52.520008 lon 13.404954",
        "<PHONE_NUMBER> <EMAIL_ADDRESS:fbgmkhoipdacelnj>",
    ],
)
def test_ordinary_text_holds_nothing(text: str) -> None:
    assert search_in("text", RECOGNISERS).find(pl.Series([text])) == {}


@pytest.mark.parametrize(
    ("regions", "text", "found"),
    [
        (("DE",), "536-90-4399", False),
        (("US",), "86095742719", False),
        (("US",), "030 1234567", False),
        (("GB",), "020 7946 0958", True),
        (("DE",), "020 7946 0958", False),
        ((), "DE89370400440532013000", True),
    ],
)
def test_national_forms_are_found_in_their_regions_only(
    regions: tuple[str, ...], text: str, found: bool
) -> None:
    assert bool(search_in("text", recognisers_for(regions)).find(pl.Series([text]))) is found


README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize("entity", sorted(known_entities() - {"PERSONAL", "UNREADABLE"}))
def test_readme_knows_the_entity(entity: str) -> None:
    assert f"`{entity}`" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("recogniser", EACH)
def test_examples_have_the_digits_that_let_a_text_be_skipped(recogniser: Recogniser) -> None:
    texts = pl.DataFrame({"text": [*recogniser.examples, *recogniser.suspects]})
    if recogniser.digits:
        assert texts.filter(has_digits(recogniser.digits)).height == texts.height
