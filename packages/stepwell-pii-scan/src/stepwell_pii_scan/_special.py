"""Special categories of personal data (GDPR Art. 9 and 10), by column names and by values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from stepwell_pii_scan._found import UNREADABLE, Found
from stepwell_pii_scan._recogniser import Recogniser

Classification = Literal["personal", "special category", "perhaps personal"]

SPECIAL = frozenset(
    {
        "HEALTH",
        "GENETIC_OR_BIOMETRIC",
        "RELIGION",
        "ETHNIC_ORIGIN",
        "POLITICAL_OPINION",
        "TRADE_UNION",
        "SEXUAL_ORIENTATION",
        "CRIMINAL_RECORD",
    }
)
"""The entities that are special categories; convictions are Article 10's."""


def classified(findings: Iterable[Found]) -> Iterator[tuple[str, Classification]]:
    """Each column with findings and what its data is, for whoever keeps a catalog.

    The data of a column is what its gravest finding says.
    """
    gravest: dict[str, Classification] = {}
    for found in findings:
        if found.entity == UNREADABLE:
            continue
        known = gravest.get(found.column, "perhaps personal")
        gravest[found.column] = max(_classification(found), known, key=_GRAVITY.index)
    yield from gravest.items()


_GRAVITY: tuple[Classification, ...] = ("perhaps personal", "personal", "special category")


def _classification(found: Found) -> Classification:
    if found.entity in SPECIAL or "declared special" in found.counts:
        return "special category"
    return "personal" if found.certain else "perhaps personal"


def _value(
    entity: str, words: str, context: tuple[str, ...], examples: tuple[str, str]
) -> Recogniser:
    """What a cell says as a whole; in a sentence the same word may be about anybody."""
    return Recogniser(
        entity=entity,
        pattern=rf"^\s*(?i:{words})\s*$",
        validation="a cell that says nothing else",
        alone="suspect",
        context=context,
        cuts=False,
        examples=(),
        suspects=examples,
        counterexamples=(f"a book on {examples[0]} history", "x"),
    )


_BY_VALUE = (
    _value(
        "RELIGION",
        "(?:röm(?:isch|\\.)?[- ]?)?kath(?:olisch|\\.)?|(?:roman )?catholic|evangelisch|ev\\."
        "|protestant(?:isch)?|lutheran(?:isch)?|orthodox|jewish|jüdisch|muslim(?:isch)?|islam|buddhist(?:isch)?"
        "|hindu(?:istisch)?|konfessionslos|atheist(?:isch)?|christian|christlich",
        ("religion", "konfession", "glaube"),
        ("katholisch", "Muslim"),
    ),
    _value(
        "SEXUAL_ORIENTATION",
        "heterosexuell|heterosexual|homosexuell|homosexual|bisexuell|bisexual|lesbisch|lesbian|schwul"
        "|gay|asexuell|asexual|pansexual|pansexuell",
        ("orientation", "orientierung"),
        ("homosexual", "bisexuell"),
    ),
    _value(
        "ETHNIC_ORIGIN",
        "caucasian|african[- ]american|hispanic|latin[oax]|native american|pacific islander"
        "|kaukasisch|afroamerikaner(?:in)?|roma|sinti|white british|black african|black caribbean",
        ("ethnic", "ethnicity", "race", "herkunft", "ethnie"),
        ("Hispanic", "African-American"),
    ),
    _value(
        "POLITICAL_OPINION",
        "cdu|csu|spd|fdp|afd|die linke|bündnis 90/die grünen|democrat(?:ic party)?"
        "|republican(?: party)?|labour party|conservative party|tory|libertarian",
        ("party", "partei", "political", "politisch"),
        ("SPD", "Republican"),
    ),
    _value(
        "TRADE_UNION",
        "ig metall|ver\\.di|verdi|ig bce|gew|ngg|evg|afl-cio|teamsters|unite the union|unison",
        ("union", "gewerkschaft"),
        ("IG Metall", "ver.di"),
    ),
)

DIAGNOSIS = Recogniser(
    entity="HEALTH",
    pattern=r"\b[A-TV-Z][0-9][0-9AB](?:\.[0-9A-Z]{1,4})?\b",
    validation="form of ICD-10 codes, next to a telling word",
    alone="nothing",
    context=("icd", "icd-10", "diagnos", "befund"),
    cuts=False,
    digits=1,
    examples=("ICD-10 F32.1", "Diagnose: E11.9"),
    counterexamples=("F32.1", "room A12", "Diagnose offen"),
)

RECOGNISERS = (*_BY_VALUE, DIAGNOSIS)
