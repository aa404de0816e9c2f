"""Recognisers for the personal identity number of Sweden, which is its tax number too."""

from __future__ import annotations

from calendar import monthrange

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, digits_and_letters

_MONTH, _DAY = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
_LEAP_YEAR = 2000


def is_personal_number(written: str) -> bool:
    """Whether the date exists and the Luhn digit is right; a coordination number adds 60 days."""
    from stdnum import luhn

    number = digits_and_letters(written)[-10:]
    month, day = int(number[2:4]), int(number[4:6]) % 60
    return 1 <= day <= monthrange(_LEAP_YEAR, month)[1] and luhn.is_valid(number)


PERSONAL = Recogniser(
    entity="SE_PERSONNUMMER",
    pattern=rf"\b(?:(?:19|20)[0-9]{{2}}{_MONTH}{_DAY}[+-]?|[0-9]{{2}}{_MONTH}{_DAY}[+-])[0-9]{{4}}\b",
    valid=is_personal_number,
    validation="date of birth and Luhn digit",
    checked=True,
    context=("personnummer", "personnr", "samordningsnummer", "pnr", "identity number"),
    contradiction=OTHER_NUMBERS,
    glue=".,-",
    digits=10,
    examples=("880320-0016", "personnummer 811228-9809", "199001011007", "19900101-1015"),
    suspects=("personnummer 880320-0017",),
    counterexamples=("880320-0017", "881320-0016", "199001011008", "1-880320-0016"),
)

PERSONAL_WITHOUT_DASH = Recogniser(
    entity="SE_PERSONNUMMER",
    pattern=rf"\b[0-9]{{2}}{_MONTH}{_DAY}[0-9]{{4}}\b",
    valid=is_personal_number,
    validation="date of birth and Luhn digit",
    checked=True,
    alone="suspect",
    context=PERSONAL.context,
    contradiction=OTHER_NUMBERS,
    digits=10,
    examples=("personnummer 8803200016", "pnr: 8112289809"),
    suspects=("8803200016",),
    counterexamples=("8803200017", "order 8803200017"),
)

RECOGNISERS = (PERSONAL, PERSONAL_WITHOUT_DASH)
