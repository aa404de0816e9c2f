"""Recognisers for the citizen service number of the Netherlands."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, stdnum

CITIZEN_SERVICE_NUMBER = Recogniser(
    entity="NL_BSN",
    pattern=r"\b[0-9]{3,4}[. -]?[0-9]{2,3}[. -]?[0-9]{3}\b",
    valid=stdnum("nl.bsn"),
    validation="check digit (modulus 11)",
    checked=True,
    alone="nothing",
    context=(
        "bsn",
        "burgerservice",
        "sofinummer",
        "sofi-nummer",
        "citizen service",
        "persoonsnummer",
    ),
    contradiction=OTHER_NUMBERS,
    glue=".,-",
    digits=8,
    examples=("BSN 111222333", "burgerservicenummer: 1112.22.333", "sofinummer 111222011"),
    suspects=("BSN 111222334",),
    counterexamples=("111222333", "ordernummer 111222333", "BSN 1112"),
)

RECOGNISERS = (CITIZEN_SERVICE_NUMBER,)
