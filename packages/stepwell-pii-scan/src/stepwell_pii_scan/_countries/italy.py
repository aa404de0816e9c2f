"""Recognisers for the tax and health insurance numbers of Italy."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser, digits_and_letters, stdnum

_DIGIT = "[0-9L-NP-Vl-np-v]"


def is_health_card(written: str) -> bool:
    """Whether the Luhn digit is right."""
    from stdnum import luhn

    return luhn.is_valid(digits_and_letters(written))


FISCAL_CODE = Recogniser(
    entity="IT_FISCAL_CODE",
    pattern=(
        rf"\b[A-Za-z]{{6}} ?{_DIGIT}{{2}} ?[A-EHLMPR-Ta-ehlmpr-t] ?{_DIGIT}{{2}} ?"
        rf"[A-Za-z]{_DIGIT}{{3}} ?[A-Za-z]\b"
    ),
    valid=stdnum("it.codicefiscale"),
    validation="date of birth and check letter",
    checked=True,
    digits=1,
    context=("codice fiscale", "fiscale", "cf", "c.f.", "tax code", "fiscal code"),
    examples=("RCCMNL83S18D969H", "C.F. RSSMRA85T10A562S", "rccmnl83s18d969h;"),
    suspects=("codice fiscale RCCMNL83S18D969K",),
    counterexamples=("RCCMNL83S18D969K", "RCCMNL83S18D969", "XRCCMNL83S18D969H"),
)

HEALTH_CARD = Recogniser(
    entity="IT_HEALTH_INSURANCE",
    pattern=r"\b80380[0-9]{15}\b",
    valid=is_health_card,
    validation="country and Luhn digit",
    checked=True,
    context=("tessera sanitaria", "sanitaria", "health card"),
    digits=20,
    examples=("80380001234567890127", "tessera sanitaria n. 80380001234567890127"),
    suspects=("tessera sanitaria 80380001234567890128",),
    counterexamples=("80380001234567890128", "8038000123456789012"),
)

RECOGNISERS = (FISCAL_CODE, HEALTH_CARD)
