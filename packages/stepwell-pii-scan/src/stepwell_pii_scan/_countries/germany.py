"""Recognisers for the tax and social security numbers of Germany."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import (
    OTHER_NUMBERS,
    SEPARATORS,
    Recogniser,
    digits_and_letters,
    stdnum,
)

_SEPARATOR = f"[{SEPARATORS}]"


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


def is_health_insurance_number(written: str) -> bool:
    """Whether the check digit is right, and with the insurer's number that of the whole too.

    The letter counts as its position in the alphabet with two digits; digits are multiplied by one
    and two in turn, and the sum of the products' digits modulo ten is the check digit.
    """
    number = digits_and_letters(written).upper()
    digits = f"{ord(number[0]) - ord('A') + 1:02}{number[1:]}"
    return _ends_on_check_digit(digits[:11]) and (
        len(digits) == 11 or (len(digits) == 21 and _ends_on_check_digit(digits))
    )


def _ends_on_check_digit(digits: str) -> bool:
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits[:-1]))
    return sum(sum(divmod(product, 10)) for product in products) % 10 == int(digits[-1])


def is_identity_document(written: str) -> bool:
    """Whether the last digit is the check digit of those before it, with weights 7, 3 and 1."""
    number = digits_and_letters(written).upper().removesuffix("D")
    total = sum(int(c, 36) * (7, 3, 1)[place % 3] for place, c in enumerate(number[:9]))
    return len(number) == 10 and total % 10 == int(number[9])


TAX_ID = Recogniser(
    entity="DE_TAX_ID",
    pattern=rf"\b[1-9][0-9]{_SEPARATOR}?[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}{_SEPARATOR}?[0-9]{{3}}\b",
    valid=stdnum("de.idnr"),
    validation="repeated digits and check digit (ISO 7064)",
    checked=True,
    context=("steuer-id", "steuerid", "idnr", "steuerident", "identifikationsnummer", "tax id"),
    contradiction=OTHER_NUMBERS,
    digits=11,
    examples=(
        "36574261809",
        "36 574 261 809",
        "Steuer-ID: 86095742719.",
        "IdNr 47 036 892 816",
        "36-574-261-809",
    ),
    suspects=("Steuer-ID 36574261808", "Bestellnummer: 36574261809"),
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
    valid=stdnum("de.stnr"),
    validation="form of a Land's tax offices",
    digits=9,
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
    valid=stdnum("de.stnr"),
    validation="form of a Land's tax offices",
    alone="nothing",
    digits=10,
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
    validation="date of birth and check digit",
    checked=True,
    context=("rvnr", "sozialversicherung", "rentenversicherung", "sv-nummer", "svnr"),
    digits=9,
    examples=(
        "15070649C103",
        "15 070649 C 10 3",
        "RVNR 65170839J003, seit 1970",
        "65 170839 j 003",
    ),
    suspects=("RVNR 15070649C104",),
    counterexamples=(
        "15070649C104",
        "65170839J008",
        "15320649C103",
        "15071349C103",
        "1507064C103",
        "115070649C103",
    ),
)

HEALTH_INSURANCE = Recogniser(
    entity="DE_HEALTH_INSURANCE",
    pattern=r"\b[A-Za-z] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?: ?[0-9]{9} ?[0-9])?\b",
    valid=is_health_insurance_number,
    validation="check digit",
    checked=True,
    alone="suspect",
    context=(
        *("krankenversicher", "versichertennummer", "versicherten-nr", "kvnr", "krankenkasse"),
        *("gesundheitskarte", "egk", "health insurance", "versichertennr"),
    ),
    contradiction=OTHER_NUMBERS,
    digits=9,
    examples=("KVNR A123456780", "Versichertennummer M 310 119 802", "Krankenkasse: a123456780"),
    suspects=("A123456780", "KVNR A123456781"),
    counterexamples=("A123456781", "AA123456780", "Bestellnummer A123456781"),
)

IDENTITY_CARD = Recogniser(
    entity="DE_ID_CARD",
    pattern=r"\b[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8} ?[0-9]D?\b",
    valid=is_identity_document,
    validation="check digit (weights 7, 3, 1)",
    checked=True,
    alone="nothing",
    digits=1,
    context=("ausweis", "perso", "identity card", "id card"),
    examples=("Personalausweis T220001293", "Ausweisnr. L01X00T47 1", "Perso: T220001293D"),
    suspects=("Personalausweis T220001294",),
    counterexamples=("T220001293", "Charge L01X00T471"),
)

RECOGNISERS = (
    SOCIAL_SECURITY,
    TAX_ID,
    TAX_NUMBER,
    HEALTH_INSURANCE,
    IDENTITY_CARD,
    TAX_NUMBER_UNIFIED,
)
