"""Recognisers for passports and driving licences: they carry no check digit, so a word must."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser

_PASSPORT_WORDS = ("passport", "reisepass", "pass-nr", "passnummer", "passnr")
_LICENCE_WORDS = ("driver", "driving", "licence", "license", "dl")


def _document(
    entity: str, pattern: str, words: tuple[str, ...], example: str, other: str
) -> Recogniser:
    return Recogniser(
        entity=entity,
        pattern=rf"\b{pattern}\b",
        validation="form, next to a telling word",
        alone="nothing",
        context=words,
        cuts=False,
        digits=1,
        examples=(f"{words[0]} {example}", f"{words[-1]}: {example}."),
        counterexamples=(example, f"{words[0]} {other}"),
    )


_GERMAN = "CFGHJKLMNPRTVWXYZ"

PASSPORTS = (
    _document(
        "DE_PASSPORT",
        rf"[{_GERMAN}][0-9{_GERMAN}]{{3,7}}[0-9][0-9{_GERMAN}]{{0,4}}",
        ("reisepass", "passnummer", "pass-nr", "passnr", "pass nr"),
        "C01X0006H",
        "ABCDE",
    ),
    _document("US_PASSPORT", "(?:[0-9]{9}|[A-Z][0-9]{8})", _PASSPORT_WORDS, "A12345678", "12345"),
    _document("UK_PASSPORT", "[A-Z]{2}[0-9]{7}", _PASSPORT_WORDS, "AB1234567", "AB123"),
    _document("FR_PASSPORT", "[0-9]{2}[A-Z]{2}[0-9]{5}", ("passeport",), "12AB34567", "12AB345"),
    _document(
        "ES_PASSPORT",
        "[A-Za-z]{3}[0-9]{6}",
        ("pasaporte", *_PASSPORT_WORDS),
        "AAA123456",
        "AA12345",
    ),
    _document("IT_PASSPORT", "[A-Za-z]{2}[0-9]{7}", ("passaporto",), "YA1234567", "YA123"),
    _document(
        "NL_PASSPORT",
        "[A-NP-Z]{2}[A-NP-Z0-9]{6}[0-9]",
        ("paspoort",),
        "XR1001R58",
        "XR1001R",
    ),
    _document("PL_PASSPORT", "[A-Z]{2} ?[0-9]{7}", ("paszport",), "ZS0000177", "ZS000"),
    _document(
        "SE_PASSPORT", "(?:[A-Z]{2})?[0-9]{8}", ("passnummer", "pass nr"), "12345678", "1234567"
    ),
    _document("FI_PASSPORT", "[A-Z]{2}[0-9]{7}", ("passi", "passin"), "PP1234567", "PP123"),
    _document(
        "CH_PASSPORT", "[A-Z][0-9]{7}", ("reisepass", "schweizer pass"), "X1234567", "X12345678"
    ),
    _document("AT_PASSPORT", "[A-Z] ?[0-9]{7}", ("reisepass", "passnummer"), "P1234567", "P12345"),
)

_US_LICENCE = (
    "(?:[A-Z][0-9]{3,18}|[A-Z]{2}[0-9]{5,7}[A-Z]?|[0-9]{7,12}|[A-Z][0-9]{3}(?:-[0-9]{3,4}){2,3})"
)

LICENCES = (
    _document(
        "DE_FUEHRERSCHEIN",
        "[A-Z0-9][0-9]{2}[A-Z0-9]{6}[0-9][A-Z0-9]",
        ("führerschein", "fuehrerschein", "fahrerlaubnis"),
        "B072RRE2155",
        "B072RRE2",
    ),
    _document("US_DRIVER_LICENSE", _US_LICENCE, _LICENCE_WORDS, "A1234567", "A-12"),
    _document(
        "IT_DRIVER_LICENSE",
        "(?:[A-Z]{2}[0-9]{7}[A-Z]|U1[A-Z0-9]{7}[A-Z])",
        ("patente", "licenza di guida"),
        "RM1234567X",
        "RM12345",
    ),
    _document(
        "FR_DRIVER_LICENSE", "[0-9]{12}", ("permis de conduire", "permis"), "123456789012", "12"
    ),
    _document("NL_DRIVER_LICENSE", "[0-9]{10}", ("rijbewijs",), "1234567890", "12345"),
    _document(
        "PL_DRIVER_LICENSE",
        "[0-9]{5}/[0-9]{2}/[0-9]{4}",
        ("prawo jazdy", "prawa jazdy"),
        "12345/12/1234",
        "12/12",
    ),
    _document("AT_DRIVER_LICENSE", "[0-9]{8}", ("führerschein", "fuehrerschein"), "12345678", "12"),
    _document("CH_DRIVER_LICENSE", "[0-9]{12}", ("führerausweis",), "123456789012", "1234"),
)

RECOGNISERS = (*PASSPORTS, *LICENCES)
