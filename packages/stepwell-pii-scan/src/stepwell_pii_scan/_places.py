"""Recognisers for postal addresses as they are written in Germany and the United States."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser

_NAME = "[A-ZÄÖÜ][A-Za-zäöüßÄÖÜ.-]{1,30}"
_NUMBER = "[1-9][0-9]{0,3} ?[a-hA-H]?"
_CITY = rf"[0-9]{{5}}[ \u00a0]{_NAME}"

GERMAN = Recogniser(
    entity="LOCATION",
    pattern=(
        rf"(?:\b[A-ZÄÖÜ][a-zäöüß-]{{1,30}}(?:straße|strasse|str\.|gasse|allee|chaussee)"
        rf"|\b(?:{_NAME}[ -]){{1,3}}(?:Straße|Strasse|Str\.|Gasse|Allee|Chaussee)"
        rf"|\b(?:Straße|Strasse|Allee) (?:des|der|von) (?:{_NAME}[ -]?){{1,3}}) {_NUMBER}\b"
        rf"(?:,? ?\n? ?(?:D-)?{_CITY})?"
        rf"|\b[A-ZÄÖÜ][a-zäöüß-]{{2,30}}(?:weg|platz|ring|damm|ufer|steig|markt) {_NUMBER}"
        rf",? ?\n? ?(?:D-)?{_CITY}"
    ),
    validation="street and house number, with or without postcode and town",
    digits=1,
    cuts=False,
    examples=(
        "Hauptstraße 5",
        "wohnt in der Goethestr. 12a, 80331 München",
        "Am Alten Markt 3, oder Berliner Straße 17",
        "Lindenweg 3, 01067 Dresden",
        "Straße des Friedens 12",
    ),
    counterexamples=("Parkplatz 3", "Feldweg 3", "die straße 5", "Hauptstraße", "§ 5 Strafe 12"),
)

_SUFFIX = (
    "(?:Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Parkway|Pkwy"
    "|Terrace|Ter|Highway|Hwy|Circle|Cir)"
)
_STATE = (
    "(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI"
    "|S[CD]|T[NX]|UT|V[TA]|W[AVIY]|PR)"
)
_ARTICLES = frozenset({"The", "A", "An", "This", "That"})


def is_street(written: str) -> bool:
    """Whether a name stands behind the number, and no article."""
    return written.split()[1] not in _ARTICLES


_ZIP = "[0-9]{5}(?:-[0-9]{4})?"
_UNIT = r"(?:(?:Apt|Suite|Ste|Unit|Apartment|Floor|#)\.? ?[A-Za-z0-9-]{1,6})"

AMERICAN = Recogniser(
    entity="LOCATION",
    pattern=(
        rf"\b[1-9][0-9]{{0,5}} (?:(?:[NSEW]|North|South|East|West)\.? )?"
        rf"(?:[A-Z0-9][A-Za-z0-9'.-]{{0,30}} ){{1,4}}{_SUFFIX}\b\.?"
        rf"(?:,?[ \n]{_UNIT})?"
        rf"(?:,?[ \n](?:[A-Z][A-Za-z.'-]{{1,30}} ?){{1,3}},? {_STATE},? {_ZIP})?"
    ),
    valid=is_street,
    validation="number, street and its kind, with or without town, state and ZIP code",
    cuts=False,
    digits=1,
    examples=(
        "1600 Pennsylvania Avenue NW",
        "send it to 123 N. Main St., Apt 4B, Springfield, IL 62704",
        "42 Elm Street",
    ),
    counterexamples=("Main Street", "3 dogs on the street", "10 Downing", "in 1999 The Drive"),
)

BY_REGION = {"DE": (GERMAN,), "US": (AMERICAN,)}
