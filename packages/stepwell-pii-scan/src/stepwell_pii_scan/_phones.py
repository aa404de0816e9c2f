"""Recognisers for phone numbers: international, national by region, and next to a telling word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache, partial

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, SEPARATORS, Recogniser

_MORE_DIGITS = rf"(?:[/(){SEPARATORS}]{{0,3}}[0-9]){{5,14}}"
_EXTENSION = r"[ ,]{0,2}(?:x|ext\.?|App\.?) ?[0-9]{1,6}\b"
_BEFORE_EXTENSION = re.compile(r"[ ,]*(?:x|ext|app).*", re.IGNORECASE)
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_DATE = re.compile(
    rf"(?:{_DAY}[./-]{_MONTH}[./-](?:{_YEAR}|[0-9]{{2}})|{_MONTH}[./-]{_DAY}[./-]{_YEAR}"
    rf"|{_YEAR}[./-]{_MONTH}[./-]{_DAY})(?![./-]?[0-9])"
)
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]{1,2}")
_WORDS = (
    "phone",
    "telefon",
    "telephone",
    "tel",
    "fax",
    "mobile",
    "mobil",
    "handy",
    "cell",
    "call",
    "reach you",
    "answering",
    "anrufen",
    "rufnummer",
    "durchwahl",
    "hotline",
    "whatsapp",
    "sms",
    "office",
    "büro",
    "erreichen",
    "erreichbar",
    "rückruf",
    "my number",
    "meine nummer",
    "dial",
    "ring",
    "text me",
    "appel",
    "téléphone",
    "teléfono",
    "telefono",
    "telefoon",
    "puhelin",
)


@lru_cache(maxsize=50_000)
def is_phone_number(written: str, *, region: str | None = None) -> bool:
    """Whether the numbering plan of the country (of `region` without a country code) knows it."""
    import phonenumbers

    number = re.sub(r"^00", "+", written) if region is None else written
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False


def could_be_dialled(written: str) -> bool:
    """Whether it has as many digits as phone numbers have, and is no date and no price."""
    digits = sum(c.isdigit() for c in _BEFORE_EXTENSION.sub("", written))
    if _DATE.match(written) or _DECIMAL.fullmatch(written):
        return False
    return 6 <= digits <= 15


INTERNATIONAL = Recogniser(
    entity="PHONE_NUMBER",
    pattern=rf"(?:\+|\b00) ?[1-9]{_MORE_DIGITS}(?:{_EXTENSION})?",
    valid=is_phone_number,
    validation="numbering plan of the country (phonenumbers)",
    digits=7,
    examples=(
        "+49 30 1234567",
        "0049 176 12345678",
        "+49 (0)30 123456-78",
        "+1 212-555-0123 ext. 12",
        "Ruf an: +4917612345678!",
        "+44 20 7946 0958",
        "tel:+1-212-555-0123",
    ),
    counterexamples=(
        "+49 1",
        "1+4917612",
        "+999 123456789",
        "0012345",
        "+1 111 111 1111",
    ),
)

NEXT_TO_A_WORD = Recogniser(
    entity="PHONE_NUMBER",
    pattern=rf"(?:\+|\(\+?|\b)[0-9]{_MORE_DIGITS}(?:{_EXTENSION}|\b)",
    valid=could_be_dialled,
    validation="number of digits, and no date",
    alone="nothing",
    context=_WORDS,
    contradiction=OTHER_NUMBERS,
    digits=6,
    glue=" ./-",
    examples=(
        "Phone: 785 8949",
        "Sie erreichen mich telefonisch unter 4711-0815",
        "you can call 06-10446904",
        "fax (88) 684-334",
        "(978)645-9740x11144 office",
        "Tel. 2813882583",
        "Handynummer 17612345678",
    ),
    counterexamples=(
        "785 8949",
        "call me on 2024-01-15",
        "Phone call of 01.02.2023",
        "tell me 12345678",
        "phone 12345",
    ),
)

_TRUNK_ZERO = (
    rf"(?:\(0[1-9][0-9]{{1,4}}\)|\b0[1-9][0-9]{{1,4}})[/{SEPARATORS}]{{1,3}}"
    rf"[0-9](?:[/{SEPARATORS}]?[0-9]){{3,9}}\b"
)
_NORTH_AMERICA = (
    r"(?:\b1[ .-])?(?:\([2-9][0-9]{2}\) ?|\b[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}"
    rf"(?:{_EXTENSION}|\b)"
)


def national(regions: tuple[str, ...]) -> Iterator[Recogniser]:
    """Numbers as people in `regions` write them to each other, without a country code."""
    import phonenumbers

    american = tuple(r for r in regions if phonenumbers.country_code_for_region(r) == 1)
    others = tuple(r for r in regions if r not in american)
    if others:
        mobile = r"|\b01[567][0-9]{8,9}\b" if "DE" in others else ""
        yield _national(f"{_TRUNK_ZERO}{mobile}", others, "DE")
    if american:
        yield _national(_NORTH_AMERICA, american, "US")


def _national(pattern: str, regions: tuple[str, ...], written_like: str) -> Recogniser:
    examples, counterexamples = _EXAMPLES[written_like]
    return Recogniser(
        entity="PHONE_NUMBER",
        pattern=pattern,
        valid=partial(_is_national_number, regions=regions),
        validation="numbering plans of the regions (phonenumbers)",
        glue=" ./-",
        digits=8,
        examples=examples,
        counterexamples=counterexamples,
    )


def _is_national_number(written: str, *, regions: tuple[str, ...]) -> bool:
    dialled = re.sub(r"[^0-9]", "", _BEFORE_EXTENSION.sub("", written))
    return any(
        is_phone_number(written, region=region)
        for region in regions
        if _could_be_in(region).fullmatch(dialled)
    )


@cache
def _could_be_in(region: str) -> re.Pattern[str]:
    """Matches every number that the region's plan can know, and few others: for a quick no."""
    from phonenumbers import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.general_desc is None:
        return re.compile("[0-9]+")
    return re.compile(
        f"(?:{plan.national_prefix_for_parsing or ''})?"
        f"(?:{plan.general_desc.national_number_pattern})"
    )


_EXAMPLES = {
    "DE": (
        (
            "030 1234567",
            "(0176) 1234 5678",
            "Rückruf: 089/72 63 41.",
            "0176-12345678",
            "01761234567 oder so",
            "030 1234567,040 7654321",
        ),
        (
            "01.02.2023",
            "01067 Dresden 12345",
            "0123456789",
            "12 030 1234567",
            "030 12",
        ),
    ),
    "US": (
        (
            "212-555-0123",
            "(212) 555-0123",
            "1-212-555-0123",
            "212.555.0123",
            "ask (212)555-0123.",
            "(504)454-3797x7316",
        ),
        (
            "2125550123",
            "112-555-0123",
            "212-155-0123",
            "212-555-01234",
            "4 212-555-0123",
        ),
    ),
}
