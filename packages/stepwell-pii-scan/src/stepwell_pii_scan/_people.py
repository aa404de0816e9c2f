"""Recognisers for names after a form of address, and for dates of birth beside a telling word."""

from __future__ import annotations

from stepwell_pii_scan._name_lists import names
from stepwell_pii_scan._recogniser import Recogniser

_NAME = "(?:[A-Z]['\u2019])?[A-ZÄÖÜÉ][a-zäöüßéèáíóúñçøåæ]+(?:-[A-ZÄÖÜÉ][a-zäöüßéèáíóúñçøåæ]+)?"
_NOBILITY = "(?:(?:von der|von den|von|van der|van den|van|de la|de|del|zu|di) )"
_WHOLE_NAME = f"{_NOBILITY}{{0,2}}{_NAME}"
_TITLE = r"(?:(?:Dr|Prof|Dipl\.-Ing)\.? )"
_ADDRESSED = (
    r"(?:Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?|Miss|Dr\.|Prof\.|Sir|Madame|Monsieur|Signora?|Señora?)"
)

_NOT_NAMES = frozenset(
    {
        *(
            "Doktor",
            "Professor",
            "President",
            "Präsident",
            "Kollege",
            "Kollegin",
            "Minister",
            "Pro",
        ),
        *("Lehrer", "Lehrerin", "Richter", "Richterin", "Right", "Universe", "World", "America"),
    }
)


def is_addressed(written: str) -> bool:
    """Whether a name follows the form of address, and no office."""
    return _NOT_NAMES.isdisjoint(written.replace(",", " ").split())


ADDRESSED = Recogniser(
    entity="PERSON",
    pattern=rf"\b{_ADDRESSED} {_TITLE}{{0,2}}{_WHOLE_NAME}(?: {_WHOLE_NAME})?",
    valid=is_addressed,
    validation="a form of address before it",
    cuts=False,
    examples=(
        "Sehr geehrte Frau Müller,",
        "Herrn Prof. Dr. Hans von Meyer",
        "ask Mrs. O'Neill",
        "Mr Smith called",
    ),
    counterexamples=("Frau und Kind", "Mr Right", "Herr der Ringe", "my sir"),
)

_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_MONTH_NAME = (
    "(?:Jan(?:uary|uar)?|Feb(?:ruary|ruar)?|Mar(?:ch)?|März|Apr(?:il)?|May|Mai|June?|Juni|July?"
    "|Juli|Aug(?:ust)?|Sep(?:tember)?|O[ck]t(?:ober)?|Nov(?:ember)?|De[cz](?:ember)?)"
)

DATE_OF_BIRTH = Recogniser(
    entity="DATE_OF_BIRTH",
    pattern=(
        rf"\b(?:{_DAY}[./-] ?{_MONTH}[./-] ?(?:{_YEAR}|[0-9]{{2}})|{_MONTH}[./-]{_DAY}[./-]{_YEAR}"
        rf"|{_YEAR}[./-]{_MONTH}[./-]{_DAY}|{_DAY}\.? {_MONTH_NAME}\.? {_YEAR}"
        rf"|{_MONTH_NAME} {_DAY}(?:st|nd|rd|th)?,? {_YEAR})\b"
    ),
    validation="a date, next to a telling word",
    alone="nothing",
    context=("born", "birth", "birthday", "dob", "geboren", "geburtsdatum", "geburtstag", "geb"),
    cuts=False,
    digits=4,
    examples=(
        "geboren am 03.11.1985",
        "DOB: 1985-11-03",
        "born on March 3rd, 1985",
        "geb. 3. November 1985",
    ),
    counterexamples=("am 03.11.1985", "newborn 3/99", "born in 1985", "DOB 45.11.1985"),
)


def is_full_name(written: str) -> bool:
    """Whether a given name of the list comes first and a family name last, or with a comma last."""
    words = written.replace(",", " ").split()
    first, last = (words[-1], words[0]) if "," in written else (words[0], words[-1])
    return len(words) > 1 and first in names("given") and last in names("family")


def is_given_name(written: str) -> bool:
    """Whether the list of given names has it."""
    return written.strip() in names("given")


_CAPITALISED = r"[A-Z\u00c0-\u017f][A-Za-z\u00c0-\u017f'-]{1,24}"
_WHO = ("customer", "kunde", "employee", "mitarbeiter", "patient", "contact", "author", "kontakt")

FULL_NAME = Recogniser(
    entity="PERSON",
    pattern=rf"^{_CAPITALISED}(?:,? (?:[A-Z]\.|{_CAPITALISED})){{1,3}}$",
    valid=is_full_name,
    validation="a cell that is nothing but a given and a family name of the lists",
    context=_WHO,
    cuts=False,
    examples=("Erika Müller", "Smith, John", "Hans Peter Schmidt", "Mary A. Johnson"),
    counterexamples=("Bad Homburg", "Erika Straße", "ask Erika Müller", "Müller", "Main Street"),
)

GIVEN_NAME = Recogniser(
    entity="PERSON",
    pattern=rf"^{_CAPITALISED}$",
    valid=is_given_name,
    validation="a cell that is nothing but a given name of the list",
    alone="suspect",
    context=_WHO,
    cuts=False,
    examples=(),
    suspects=("Erika", "Matthias"),
    counterexamples=("Berlin", "erika", "Erika sagt"),
)

RECOGNISERS = (DATE_OF_BIRTH, ADDRESSED, FULL_NAME, GIVEN_NAME)
