"""Recognisers for the identity, foreigner and social security numbers of Spain."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, digits_and_letters, stdnum


def is_social_security_number(written: str) -> bool:
    """Whether a province has the first two digits, and the last two are the rest modulo 97.

    Numbers below ten million are written with a zero that does not count.
    """
    number = digits_and_letters(written)
    province, body, check = number[:2], number[2:10], number[10:]
    counted = int(f"{province}{body}") if body[0] != "0" else int(f"{province}{body[1:]}")
    return (1 <= int(province) <= 53 or province == "66") and counted % 97 == int(check)


IDENTITY = Recogniser(
    entity="ES_NIF",
    pattern=r"\b[0-9]{8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]\b",
    valid=stdnum("es.dni"),
    validation="check letter (modulus 23)",
    checked=True,
    context=("dni", "nif", "documento nacional", "identidad", "identification", "identificación"),
    contradiction=OTHER_NUMBERS,
    digits=8,
    examples=("12345678Z", "DNI: 54362315-K", "nif 12345678 z"),
    suspects=("DNI 12345678A", "order number 12345678Z"),
    counterexamples=("12345678A", "1234567Z", "112345678Z", "12345678ZZ"),
)

FOREIGNER = Recogniser(
    entity="ES_NIE",
    pattern=r"\b[XYZxyz][ -]?[0-9]{7}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]\b",
    valid=stdnum("es.nie"),
    validation="check letter (modulus 23)",
    checked=True,
    context=("nie", "extranjero", "identidad"),
    digits=7,
    examples=("X2482300W", "NIE: x-2482300-w"),
    suspects=("NIE X2482300A",),
    counterexamples=("X2482300A", "W2482300W", "XX2482300W"),
)

SOCIAL_SECURITY = Recogniser(
    entity="ES_SOCIAL_SECURITY",
    pattern=r"\b[0-9]{2}[/ -][0-9]{8}[/ -][0-9]{2}\b",
    valid=is_social_security_number,
    validation="province and check digits (modulus 97)",
    checked=True,
    context=("seguridad social", "nuss", "afiliación", "afiliacion", "social security"),
    glue=".,/-",
    digits=12,
    examples=("28/12345678/40", "Seguridad Social: 28 12345678 40"),
    suspects=("NUSS 28/12345678/41",),
    counterexamples=("28/12345678/41", "99/12345678/40", "28/12345678/40/1"),
)


SOCIAL_SECURITY_UNIFIED = Recogniser(
    entity="ES_SOCIAL_SECURITY",
    pattern=r"\b[0-9]{12}\b",
    valid=is_social_security_number,
    validation="province and check digits (modulus 97)",
    checked=True,
    alone="nothing",
    context=SOCIAL_SECURITY.context,
    digits=12,
    examples=("NUSS 281234567840", "número de la seguridad social 281234567840"),
    suspects=("NUSS 281234567841",),
    counterexamples=("281234567840", "order 281234567840"),
)

RECOGNISERS = (IDENTITY, FOREIGNER, SOCIAL_SECURITY, SOCIAL_SECURITY_UNIFIED)
