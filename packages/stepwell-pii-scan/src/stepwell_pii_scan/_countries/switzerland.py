"""Recognisers for the social security and health insurance numbers of Switzerland."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, digits_and_letters, stdnum

_SEPARATOR = "[. -]?"


def is_insurance_card(written: str) -> bool:
    """Whether the country is Switzerland and the Luhn digit is right."""
    from stdnum import luhn

    return luhn.is_valid(digits_and_letters(written))


SOCIAL_SECURITY = Recogniser(
    entity="CH_SOCIAL_SECURITY",
    pattern=(rf"\b756{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{2}}\b"),
    valid=stdnum("ch.ssn"),
    validation="country and EAN-13 check digit",
    checked=True,
    contradiction=OTHER_NUMBERS,
    context=("ahv", "avs", "sozialversicherung", "navs", "ahvn13", "assicurazione", "ssn"),
    digits=13,
    examples=("756.9217.0769.85", "AHV-Nr. 7569217077685", "756 9217 0769 85,"),
    suspects=("AHV 756.9217.0769.86",),
    counterexamples=("756.9217.0769.86", "757.9217.0769.85", "756.9217.0769", "1756.9217.0769.85"),
)

HEALTH_INSURANCE = Recogniser(
    entity="CH_HEALTH_INSURANCE",
    pattern=r"\b80756[ ]?(?:[0-9][ ]?){14}[0-9]\b",
    valid=is_insurance_card,
    validation="country and Luhn digit",
    checked=True,
    context=("versichertenkarte", "krankenkasse", "krankenversicherung", "insurance card", "assur"),
    digits=20,
    examples=("80756000012345678903", "Versichertenkarte 80756 00001234567890 3"),
    suspects=("Krankenkasse 80756000012345678904",),
    counterexamples=("80756000012345678904", "8075600001234567890", "80757000012345678903"),
)

RECOGNISERS = (SOCIAL_SECURITY, HEALTH_INSURANCE)
