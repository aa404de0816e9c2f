"""Recognisers for the insurance, health, tax and licence numbers of the United Kingdom."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, digits_and_letters, stdnum

_FIRST, _SECOND = "[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z]", "[A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z]"
_NOT_ISSUED = frozenset({"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"})


def is_insurance_number(written: str) -> bool:
    """Whether numbers with these first two letters are given out."""
    return written[:2].upper() not in _NOT_ISSUED


def is_driving_licence(written: str) -> bool:
    """Whether month and day of birth can be ones; five is added to the month for women."""
    number = digits_and_letters(written)
    month, day = int(number[6:8]), int(number[8:10])
    return 1 <= (month - 50 if month > 50 else month) <= 12 and 1 <= day <= 31


def is_tax_reference(written: str) -> bool:
    """Whether the first digit is the check digit of the others; a K may follow them."""
    return stdnum("gb.utr")(written.rstrip("K"))


NATIONAL_INSURANCE = Recogniser(
    entity="UK_NINO",
    pattern=rf"\b{_FIRST}{_SECOND}(?: ?[0-9]{{2}}){{3}} ?[A-Da-d]\b",
    valid=is_insurance_number,
    validation="prefixes that are given out",
    context=("national insurance", "nino", "ni number", "insurance number"),
    digits=6,
    examples=("AB123456C", "NI number: jg 12 13 16 a", "National Insurance AA 12 34 56 B."),
    counterexamples=("GB123456C", "QQ123456C", "AB123456E", "AB12345C", "DA123456C", "XAB123456C"),
)

NHS = Recogniser(
    entity="UK_NHS",
    pattern=r"\b[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}\b",
    valid=stdnum("gb.nhs"),
    validation="check digit (modulus 11)",
    checked=True,
    alone="nothing",
    context=("nhs", "national health", "health service", "patient"),
    contradiction=OTHER_NUMBERS,
    glue=".,-",
    digits=10,
    examples=("NHS number 943 476 5919", "nhs no: 9434765900", "943-476-5919 (NHS)"),
    suspects=("NHS number 943 476 5918",),
    counterexamples=("943 476 5919", "order 9434765918", "nhs 943 476"),
)

TAX_REFERENCE = Recogniser(
    entity="UK_UTR",
    pattern=r"\b[0-9]{5} ?[0-9]{5}K?\b",
    valid=is_tax_reference,
    validation="check digit (modulus 11)",
    checked=True,
    alone="nothing",
    context=("utr", "taxpayer reference", "tax reference", "self assessment", "self-assessment"),
    digits=10,
    examples=("UTR 1955839609", "Unique Taxpayer Reference: 19558 39612"),
    suspects=("UTR 1955839608",),
    counterexamples=("1955839609", "order 1955839609", "UTR 195583960"),
)

DRIVING_LICENCE = Recogniser(
    entity="UK_DRIVING_LICENCE",
    pattern=(
        r"\b[A-Z][A-Z9]{4} ?[0-9](?:[05][1-9]|[16][0-2])[0-3][0-9][0-9] ?"
        r"[A-Z9]{2} ?[0-9A-Z][A-Z]{2}(?:[0-9]{2})?\b"
    ),
    valid=is_driving_licence,
    validation="date of birth in its place",
    context=("driving licence", "licence", "dvla"),
    digits=6,
    examples=("MORGA657054SM9IJ", "Licence: JONES710238HA3DX.", "FARME 601165 AB5DE"),
    counterexamples=("MORGA677054SM9IJ", "MORGA657354SM9IJ", "MORG657054SM9IJ"),
)

RECOGNISERS = (NATIONAL_INSURANCE, DRIVING_LICENCE, NHS, TAX_REFERENCE)
