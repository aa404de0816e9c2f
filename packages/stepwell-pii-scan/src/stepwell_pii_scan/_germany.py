"""Recognisers for the tax and social security numbers of Germany."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import SEPARATORS, Recogniser, digits_and_letters

_SEPARATOR = f"[{SEPARATORS}]"


def is_tax_id(written: str) -> bool:
    """Whether digits repeat as the rules say and the check digit (ISO 7064, MOD 11,10) is right."""
    from stdnum.de import idnr

    return idnr.is_valid(digits_and_letters(written))


def is_tax_number(written: str) -> bool:
    """Whether some Land writes the numbers of its tax offices like this."""
    from stdnum.de import stnr

    return stnr.is_valid(digits_and_letters(written))


_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def is_social_security_number(written: str) -> bool:
    """Whether the date of birth can be one and the check digit is right.

    The rule stands in § 2 of the Versicherungsnummern-, Kontoführungs- und
    Versicherungsverlaufsverordnung (VKVV): the letter counts as its position in the alphabet with
    two digits, each digit is multiplied by its weight, and the sum of the products' digits modulo
    ten is the check digit.
    """
    number = digits_and_letters(written).upper()
    day, month = int(number[2:4]), int(number[4:6])
    if day > 31 or month > 12:
        return False
    position = ord(number[8]) - ord("A") + 1
    digits = f"{number[:8]}{position:02}{number[9:11]}"
    products = (int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return sum(sum(divmod(product, 10)) for product in products) % 10 == int(number[11])


TAX_ID = Recogniser(
    entity="DE_TAX_ID",
    pattern=rf"\b[1-9][0-9]{_SEPARATOR}?[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}\b",
    valid=is_tax_id,
    examples=(
        "36574261809",
        "36 574 261 809",
        "Steuer-ID: 86095742719.",
        "IdNr 47 036 892 816",
        "36-574-261-809",
    ),
    counterexamples=(
        "36574261808",
        "36554266806",
        "06574261809",
        "365742618091",
        "x36574261809",
        "36574261809.5",
    ),
)

TAX_NUMBER = Recogniser(
    entity="DE_TAX_NUMBER",
    pattern=r"\b[0-9]{2,3} ?/ ?[0-9]{3,4} ?/ ?[0-9]{4,5}\b",
    valid=is_tax_number,
    glue=".,/",
    examples=(
        "181/815/08155",
        "St.-Nr. 93/815/08152",
        "21 / 815 / 08150",
        "133/8150/8159",
    ),
    counterexamples=(
        "01/02/2023",
        "1/815/08155",
        "181/815/08155/2",
        "24/815",
        "2023/01/0203",
    ),
)

TAX_NUMBER_UNIFIED = Recogniser(
    entity="DE_TAX_NUMBER",
    pattern=r"\b[0-9]{10,13}\b",
    valid=is_tax_number,
    context=("steuernummer", "steuernr", "st.-nr", "stnr", "tax number"),
    examples=(
        "Steuernummer 18181508155",
        "Ihre Steuernummer lautet: 4151081508156",
        "StNr. 2893081508152",
    ),
    counterexamples=(
        "18181508155",
        "Bestellung 4151081508156",
        "Steuernummer 1234567",
    ),
)

SOCIAL_SECURITY = Recogniser(
    entity="DE_SOCIAL_SECURITY",
    pattern=(
        rf"\b[0-9]{{2}}{_SEPARATOR}?[0-3][0-9][01][0-9]{{3}}"
        rf"{_SEPARATOR}?[A-Za-z]{_SEPARATOR}?[0-9]{{2}}{_SEPARATOR}?[0-9]\b"
    ),
    valid=is_social_security_number,
    examples=(
        "15070649C103",
        "15 070649 C 10 3",
        "RVNR 65170839J003, seit 1970",
        "65 170839 j 003",
    ),
    counterexamples=(
        "15070649C104",
        "65170839J008",
        "15320649C103",
        "15071349C103",
        "1507064C103",
        "115070649C103",
    ),
)

RECOGNISERS = (SOCIAL_SECURITY, TAX_ID, TAX_NUMBER, TAX_NUMBER_UNIFIED)
