"""Recognisers for the tax, social security and Medicare numbers of the United States."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser, digits_and_letters


def is_ssn(written: str) -> bool:
    """Whether area, group and serial number can be given out, and it is no published sample."""
    from stdnum.us import ssn

    return ssn.is_valid(ssn.format(digits_and_letters(written)))


_ITIN_GROUP = "(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])"

SSN = Recogniser(
    entity="US_SSN",
    pattern=r"\b[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}\b",
    valid=is_ssn,
    validation="area, group and serial number that can be given out",
    digits=9,
    glue=".,-",
    examples=(
        "536-90-4399",
        "Here's my SSN: 308-63-0237.",
        "(012-52-7174)",
    ),
    counterexamples=(
        "000-12-3456",
        "666-12-3456",
        "912-12-3456",
        "536-00-4399",
        "536-90-0000",
        "078-05-1120",
        "1-536-90-4399",
        "536-90-4399-1",
        "536-904-399",
    ),
)

SSN_WITHOUT_DASHES = Recogniser(
    entity="US_SSN",
    pattern=r"\b[0-8][0-9]{2}(?: [0-9]{2} [0-9]{4}|[0-9]{6})\b",
    valid=is_ssn,
    validation="area, group and serial number that can be given out",
    alone="nothing",
    digits=9,
    context=("ssn", "social security", "social_security"),
    glue=".,-",
    examples=(
        "SSN 536904399",
        "my social security number is 536 90 4399",
        "536904399 (SSN)",
    ),
    counterexamples=(
        "536904399",
        "order 536 90 4399",
        "SSN 666904399",
        "SSN 53690439",
    ),
)

ITIN = Recogniser(
    entity="US_ITIN",
    pattern=rf"\b9[0-9]{{2}}-{_ITIN_GROUP}-[0-9]{{4}}\b",
    validation="groups that are given out",
    digits=9,
    glue=".,-",
    examples=(
        "912-90-3456",
        "ITIN 950-50-1234,",
        "999-88-0001",
    ),
    counterexamples=(
        "912-93-4567",
        "912-89-4567",
        "912-49-4567",
        "812-90-3456",
        "9912-90-3456",
    ),
)

ITIN_WITHOUT_DASHES = Recogniser(
    entity="US_ITIN",
    pattern=rf"\b9[0-9]{{2}}(?: {_ITIN_GROUP} [0-9]{{4}}|{_ITIN_GROUP}[0-9]{{4}})\b",
    validation="groups that are given out",
    alone="nothing",
    digits=9,
    context=("itin", "taxpayer"),
    glue=".,-",
    examples=("ITIN: 912903456", "taxpayer identification 912 90 3456"),
    counterexamples=("912903456", "ITIN: 912893456"),
)

_LETTER = "[AC-HJKMNP-RT-Y]"
_EITHER = "[0-9AC-HJKMNP-RT-Y]"

MEDICARE = Recogniser(
    entity="US_MBI",
    pattern=rf"\b[1-9]{_LETTER}{_EITHER}[0-9]-?{_LETTER}{_EITHER}[0-9]-?{_LETTER}{{2}}[0-9]{{2}}\b",
    validation="letters and digits in their places",
    digits=5,
    context=("medicare", "mbi", "beneficiary"),
    examples=("1EG4-TE5-MK73", "MBI: 1EG4TE5MK73."),
    counterexamples=("1SG4-TE5-MK73", "0EG4-TE5-MK73", "1EG4-TE5-MK7", "1EG4-TE5-MK733"),
)

RECOGNISERS = (SSN, ITIN, MEDICARE, SSN_WITHOUT_DASHES, ITIN_WITHOUT_DASHES)
