"""Recognisers for the social security and tax numbers of France."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import OTHER_NUMBERS, Recogniser, stdnum

SOCIAL_SECURITY = Recogniser(
    entity="FR_SOCIAL_SECURITY",
    pattern=(
        r"\b[1-478][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[ABab])"
        r"[ .]?[0-9]{3}[ .]?[0-9]{3}[ .-]?[0-9]{2}\b"
    ),
    valid=stdnum("fr.nir"),
    validation="check digits (modulus 97)",
    checked=True,
    context=("sécurité sociale", "securite sociale", "nir", "sécu", "insee", "social security"),
    digits=13,
    examples=("295109912611193", "n° de sécurité sociale 2 95 10 99 126 111 93", "184057501230019"),
    suspects=("NIR 295109912611194",),
    counterexamples=("295109912611194", "595109912611193", "2951099126111", "1295109912611193"),
)

TAX_NUMBER = Recogniser(
    entity="FR_TAX_NUMBER",
    pattern=r"\b[0-3][0-9] [0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}\b",
    valid=stdnum("fr.nif"),
    validation="check digits (modulus 511)",
    checked=True,
    context=("fiscal", "impôt", "impot", "spi", "nif", "tax number"),
    digits=13,
    examples=("30 23 217 600 053", "numéro fiscal : 30 23 217 601 054."),
    suspects=("numéro fiscal 30 23 217 600 054",),
    counterexamples=("30 23 217 600 054", "40 23 217 600 053", "30 23 217 600"),
)

TAX_NUMBER_UNIFIED = Recogniser(
    entity="FR_TAX_NUMBER",
    pattern=r"\b[0-3][0-9]{12}\b",
    valid=stdnum("fr.nif"),
    validation="check digits (modulus 511)",
    checked=True,
    alone="suspect",
    context=TAX_NUMBER.context,
    contradiction=OTHER_NUMBERS,
    digits=13,
    examples=("numéro fiscal 3023217600053", "NIF 3023217601054"),
    suspects=("3023217600053", "SPI 3023217600054"),
    counterexamples=("3023217600054", "EAN 3023217600053", "1732406400000"),
)

RECOGNISERS = (SOCIAL_SECURITY, TAX_NUMBER, TAX_NUMBER_UNIFIED)
