"""Recognisers for the personal identity code of Finland, which is its tax number too."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser


def is_identity_code(written: str) -> bool:
    """Whether the date exists and the check character is right, whichever century's sign it has."""
    from stdnum.fi import hetu

    return hetu.is_valid(written.upper())


IDENTITY_CODE = Recogniser(
    entity="FI_PERSONAL_IDENTITY_CODE",
    pattern=(
        r"\b(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}[-+A-FU-Ya-fu-y][0-9]{3}"
        r"[0-9A-FHJ-NPR-Ya-fhj-npr-y]\b"
    ),
    valid=is_identity_code,
    validation="date of birth and check character (modulus 31)",
    checked=True,
    context=("henkilötunnus", "henkilotunnus", "hetu", "sotu", "personbeteckning", "identity code"),
    digits=9,
    examples=("131052-308T", "hetu 010203A1230", "010190-123m"),
    suspects=("hetu 131052-308U",),
    counterexamples=("131052-308U", "321052-308T", "131352-308T", "1131052-308T"),
)

RECOGNISERS = (IDENTITY_CODE,)
