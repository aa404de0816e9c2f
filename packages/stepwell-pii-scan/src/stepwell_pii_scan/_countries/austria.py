"""Recognisers for the social insurance and tax numbers of Austria."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, stdnum

_DATE = "(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-5])[0-9]{2}"

SOCIAL_SECURITY = Recogniser(
    entity="AT_SOCIAL_SECURITY",
    pattern=rf"\b[1-9][0-9]{{3}}[ -]{_DATE}\b",
    valid=stdnum("at.vnr"),
    validation="date of birth and check digit",
    checked=True,
    context=(
        *("sozialversicherung", "svnr", "sv-nr", "sv nr", "vsnr", "versicherungsnummer", "ecard"),
        *("e-card", "social security", "social insurance", "krankenversicherung"),
    ),
    contradiction=OTHER_NUMBERS,
    digits=10,
    examples=("1237 010180", "e-card: 1237-010180."),
    suspects=("SVNR 1238 010180", "Bestellnummer 1237 010180"),
    counterexamples=("1238 010180", "1237 320180", "11237 010180", "Bestellung 1238 010180"),
)

SOCIAL_SECURITY_UNIFIED = Recogniser(
    entity="AT_SOCIAL_SECURITY",
    pattern=rf"\b[1-9][0-9]{{3}}{_DATE}\b",
    valid=stdnum("at.vnr"),
    validation="date of birth and check digit",
    checked=True,
    alone="suspect",
    context=SOCIAL_SECURITY.context,
    contradiction=OTHER_NUMBERS,
    digits=10,
    examples=("SVNR 7823010180", "Krankenversicherung: 1237010180"),
    suspects=("1237010180", "SVNR 1238010180"),
    counterexamples=("1238010180", "11237010180", "Bestellung 1237010180"),
)

TAX_NUMBER = Recogniser(
    entity="AT_TAX_NUMBER",
    pattern=r"\b[0-9]{2}[ -]?[0-9]{3}/[0-9]{4}\b",
    valid=stdnum("at.tin"),
    validation="tax office and check digit",
    checked=True,
    context=("steuernummer", "abgabenkonto", "steuernr", "st.-nr", "tax number", "finanzamt"),
    digits=9,
    examples=("59-119/9013", "Steuernummer 59 119/9005"),
    suspects=("Steuernummer 59-119/9014",),
    counterexamples=("59-119/9014", "2023/0102", "99-119/9013"),
)

TAX_NUMBER_UNIFIED = Recogniser(
    entity="AT_TAX_NUMBER",
    pattern=r"\b[0-9]{9}\b",
    valid=stdnum("at.tin"),
    validation="tax office and check digit",
    checked=True,
    alone="nothing",
    context=("abgabenkonto", "steuernummer", "steuernr"),
    digits=9,
    examples=("Abgabenkontonummer 591199013", "Steuernummer: 591199005"),
    suspects=("Abgabenkontonummer 591199014",),
    counterexamples=("591199013", "Bestellung 591199013"),
)

RECOGNISERS = (SOCIAL_SECURITY, SOCIAL_SECURITY_UNIFIED, TAX_NUMBER, TAX_NUMBER_UNIFIED)
