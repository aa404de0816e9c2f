"""Recognisers for bank accounts and payment cards."""

from __future__ import annotations

from string import ascii_uppercase

from stepwell_pii_scan._recogniser import (
    OTHER_NUMBERS,
    SEPARATORS,
    Recogniser,
    digits_and_letters,
    stdnum,
)

_SEPARATOR = f"[{SEPARATORS}]"

_IBAN_COUNTRIES = (
    "AD|AE|AL|AT|AZ|BA|BE|BG|BH|BI|BR|BY|CH|CR|CY|CZ|DE|DJ|DK|DO|EE|EG|ES|FI|"
    "FK|FO|FR|GB|GE|GI|GL|GR|GT|HN|HR|HU|IE|IL|IQ|IS|IT|JO|KW|KZ|LB|LC|LI|LT|"
    "LU|LV|LY|MC|MD|ME|MK|MN|MR|MT|MU|NI|NL|NO|OM|PK|PL|PS|PT|QA|RO|RS|RU|SA|"
    "SC|SD|SE|SI|SK|SM|SO|ST|SV|TL|TN|TR|UA|VA|VG|XK|YE"
)

_LETTERS_AS_NUMBERS = {ord(letter): str(ord(letter) - ord("A") + 10) for letter in ascii_uppercase}


def is_iban(written: str) -> bool:
    """Whether country, length, structure and both check digits are right."""
    from stdnum import iban

    number = digits_and_letters(written).upper()
    # the check digits first: they refuse 96 of 97, and cost a tenth of the look at the structure
    rearranged = number[4:] + number[:4]
    return int(rearranged.translate(_LETTERS_AS_NUMBERS)) % 97 == 1 and iban.is_valid(number)


def is_bic(written: str) -> bool:
    """Whether it has the structure, in one case, and the country of a code that is given out."""
    code = digits_and_letters(written)
    letters = "".join(filter(str.isalpha, code))
    one_case = letters.isupper() or letters.islower()
    return one_case and code[4:6].upper() in _BANKING_COUNTRIES and stdnum("bic")(code)


_BANKING_COUNTRIES = frozenset(
    f"{_IBAN_COUNTRIES}|AU|CA|CN|HK|ID|IN|JP|KR|MX|MY|NZ|PH|SG|TH|TW|US|VN|ZA".split("|")
)

_MAESTRO = "(?:50[1-3][0-9]|5893|6304|67[56][0-9])"
"""The only brand with cards of twelve digits."""

_CARD_RANGES = (
    # leading digits of the first and last number of the range, lengths of the whole number
    ("2200", "2204", range(16, 20)),  # Mir
    ("2221", "2720", (16,)),  # Mastercard
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("34", "34", (15,)),  # American Express
    ("3528", "3589", range(16, 20)),  # JCB
    ("36", "36", (14, 16, 19)),  # Diners Club
    ("37", "37", (15,)),  # American Express
    ("38", "39", (14, 16, 19)),  # Diners Club
    ("4", "4", (16, 19)),  # Visa; of its old 13 digits every tenth German EAN would be one
    ("50", "50", range(16, 20)),  # Maestro
    ("5018", "5018", range(12, 16)),
    ("5020", "5020", range(12, 16)),
    ("5038", "5038", range(12, 16)),
    ("51", "55", (16,)),  # Mastercard
    ("56", "58", range(16, 20)),  # Maestro
    ("5893", "5893", range(12, 16)),
    ("6011", "6011", range(16, 20)),  # Discover
    ("6304", "6304", range(12, 20)),  # Maestro
    ("62", "62", range(16, 20)),  # UnionPay
    ("644", "649", range(16, 20)),  # Discover
    ("65", "65", range(16, 20)),
    ("67", "67", range(16, 20)),  # Maestro
    ("6759", "6759", range(12, 16)),
    ("6761", "6763", range(12, 16)),
    ("81", "82", range(16, 20)),  # UnionPay, RuPay
    ("9792", "9792", (16,)),  # Troy
)

_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")


def is_luhn(number: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it."""
    digits = number.encode()
    total = sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED))
    return (total - len(digits) * ord("0")) % 10 == 0


def is_card(written: str) -> bool:
    """Whether an issuer has this range in this length, and the Luhn digit is right."""
    number = digits_and_letters(written)
    return is_luhn(number) and any(
        first <= number[: len(first)] <= last and len(number) in lengths
        for first, last, lengths in _CARD_RANGES
    )


IBAN = Recogniser(
    entity="IBAN_CODE",
    pattern=(
        rf"\b(?i:{_IBAN_COUNTRIES})[0-9]{{2}}(?:{_SEPARATOR}?[A-Za-z0-9]{{4}}){{2,7}}"
        rf"(?:{_SEPARATOR}?[A-Za-z0-9]{{1,3}})?\b"
    ),
    valid=is_iban,
    validation="country, length, structure and check digits (modulus 97)",
    checked=True,
    context=("iban", "konto", "bank account", "bankverbindung"),
    digits=2,
    glue="",
    examples=(
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "de89-3704-0044-0532-0130-00",
        "IBAN: GB82WEST12345698765432.",
        "AT61 1904 3002 3457 3201 bitte bald",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO9386011117947",
        "CH93\u00a00076\u00a02011\u00a06238\u00a05295\u00a07",
    ),
    suspects=("IBAN DE89370400440532013001",),
    counterexamples=(
        "DE89370400440532013001",
        "DE88 3704 0044 0532 0130 00",
        "GB82WEST1234569876543",
        "XX89370400440532013000",
        "ab12 this that with from",
        "DE8937040044",
    ),
)

CARD = Recogniser(
    entity="CREDIT_CARD",
    pattern=(
        rf"\b(?:[2-689][0-9]{{12,18}}|{_MAESTRO}[0-9]{{8}})\b"
        rf"|\b[2-689][0-9]{{3}}(?:{_SEPARATOR}[0-9]{{4}}){{3}}(?:{_SEPARATOR}[0-9]{{3}})?\b"
        rf"|\b3[0-9]{{3}}{_SEPARATOR}[0-9]{{6}}{_SEPARATOR}[0-9]{{4,5}}\b"
    ),
    valid=is_card,
    validation="ranges of all issuers and Luhn digit",
    checked=True,
    context=(
        *("credit card", "kreditkart", "card number", "kartennummer", "visa", "mastercard"),
        *("amex", "creditcard", "debit card", "card no"),
    ),
    contradiction=OTHER_NUMBERS,
    digits=12,
    examples=(
        "4111111111111111",
        "Karte 5555 5555 5555 4444, Danke",
        "2223-0031-2200-3222",
        "2720 9917 0000 0008",
        "3782 822463 10005",
        "378282246310005",
        "30569309025904",
        "6011111111111117",
        "3530111333300000",
        "6240008631401148",
        "6703 4200 5540 5504 126",
        "Kunde 4711 4111 1111 1111 1111",
        "4111 1111 1111 1111 123",
        "6304000000000000",
    ),
    suspects=("credit card 4111 1111 1111 1112",),
    counterexamples=(
        "4111111111111112",
        "5555 5555 5555 4445",
        "2220 9999 9999 9991",
        "0.4111111111111111",
        "1732406400000",
        "2721000000000003",
        "4111-1111-1111",
        "4222222222222",
        "550e8400-e29b-41d4-a716-446655440000",
    ),
)

BIC = Recogniser(
    entity="BIC",
    pattern=r"\b[A-Za-z]{4} ?[A-Za-z]{2} ?[A-Za-z0-9]{2}(?: ?[A-Za-z0-9]{3})?\b",
    valid=is_bic,
    validation="structure and country (ISO 9362)",
    alone="nothing",
    context=("bic", "swift"),
    examples=("BIC COBADEFFXXX", "SWIFT: DEUTDEDB, danke", "bic: coba de ff"),
    counterexamples=("COBADEFFXXX", "BUSINESS", "bic COBAQQFF"),
    cuts=False,
)

OLD_CARD = Recogniser(
    entity="CREDIT_CARD",
    pattern=r"\b(?:4[0-9]{12}|(?:1800|2131)[0-9]{11}|(?:0604|6390|5[0678][0-9]{2})[0-9]{8})\b",
    valid=is_luhn,
    validation="ranges that were given out once, and Luhn digit",
    checked=True,
    alone="nothing",
    context=("card", "karte", "visa", "mastercard", "maestro", "jcb"),
    contradiction=OTHER_NUMBERS,
    digits=12,
    examples=("card 4222222222222", "Kreditkarte 180092913072129"),
    suspects=("card 4222222222223",),
    counterexamples=("4222222222222", "EAN 4222222222222"),
)

RECOGNISERS = (IBAN, CARD, OLD_CARD, BIC)
