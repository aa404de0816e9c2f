"""Recognisers for the national, tax and identity card numbers of Poland."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, digits_and_letters, stdnum

_WEIGHTS = (7, 3, 1, 7, 3, 1, 7, 3)


def is_identity_card(written: str) -> bool:
    """Whether the first digit is the check digit of the letters and the other digits."""
    number = digits_and_letters(written).upper()
    counted = f"{number[:3]}{number[4:]}"
    total = sum(int(c, 36) * weight for c, weight in zip(counted, _WEIGHTS, strict=True))
    return total % 10 == int(number[3])


NATIONAL = Recogniser(
    entity="PL_PESEL",
    pattern=r"\b[0-9]{2}(?:[02468][0-9]|[13579][0-2])[0-3][0-9]{6}\b",
    valid=stdnum("pl.pesel"),
    validation="date of birth and check digit",
    checked=True,
    context=("pesel",),
    contradiction=OTHER_NUMBERS,
    digits=11,
    examples=("44051401359", "PESEL: 85012212340,"),
    suspects=("PESEL 44051401358", "order no. 44051401359"),
    counterexamples=("44051401358", "44131401359", "440514013591", "x44051401359"),
)

TAX_NUMBER = Recogniser(
    entity="PL_NIP",
    pattern=r"\b[0-9]{3}-(?:[0-9]{3}-[0-9]{2}|[0-9]{2}-[0-9]{2}|[0-9]{2}-[0-9]{3})-[0-9]{2,3}\b",
    valid=stdnum("pl.nip"),
    validation="check digit (modulus 11)",
    checked=True,
    context=("nip", "podatkow"),
    glue=".,-",
    digits=10,
    examples=("526-000-12-17", "NIP 526-00-01-200"),
    suspects=("NIP 526-000-12-18",),
    counterexamples=("526-000-12-18", "526-000-12", "1-526-000-12-17"),
)

TAX_NUMBER_UNIFIED = Recogniser(
    entity="PL_NIP",
    pattern=r"\b[0-9]{10}\b",
    valid=stdnum("pl.nip"),
    validation="check digit (modulus 11)",
    checked=True,
    alone="nothing",
    context=TAX_NUMBER.context,
    digits=10,
    examples=("NIP: 5260001217", "numer identyfikacji podatkowej 5260001200"),
    suspects=("NIP 5260001218",),
    counterexamples=("5260001217", "zamówienie 5260001217"),
)

IDENTITY_CARD = Recogniser(
    entity="PL_ID_CARD",
    pattern=r"\b[A-Za-z]{3} ?[0-9]{6}\b",
    valid=is_identity_card,
    validation="check digit (modulus 10)",
    checked=True,
    alone="nothing",
    context=("dowód", "dowod", "dowodu", "osobist", "identity card", "id card"),
    digits=6,
    examples=("dowód osobisty ABA300000", "nr dowodu: CCY 141921"),
    suspects=("dowód ABA400000",),
    counterexamples=("ABA300000", "order ABA300000"),
)

RECOGNISERS = (NATIONAL, TAX_NUMBER, TAX_NUMBER_UNIFIED, IDENTITY_CARD)
