"""What columns with special categories of personal data are called, in English and German."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ColumnNames:
    """Words that columns with one kind of personal data are named by.

    A phrase is lower case, without accents (`ü` as `ue`), its words separated by blanks.
    """

    entity: str
    certain: Sequence[str] = ()
    """Phrases that mean nothing else."""
    ambiguous: Sequence[str] = ()
    """Phrases that may mean something else: the name of a product, the address of a shop."""


# Names alone never prove these: `race` is also run, and `union` is also a set. They warn.
SPECIAL_NAMES = (
    ColumnNames(
        entity="HEALTH",
        ambiguous=(
            *("diagnosis", "diagnoses", "diagnose", "diagnosen", "disease", "illness", "krankheit"),
            *(
                "health status",
                "gesundheitszustand",
                "disability",
                "behinderung",
                "schwerbehindert",
            ),
            *("grad der behinderung", "blood type", "blutgruppe", "medication", "medikament"),
            *(
                "medikation",
                "allergy",
                "allergies",
                "allergie",
                "pregnant",
                "pregnancy",
                "schwanger",
            ),
            *(
                "schwangerschaft",
                "icd",
                "icd code",
                "symptom",
                "symptoms",
                "symptome",
                "hiv status",
            ),
            *("sick days", "krankheitstage", "krankentage", "befund", "smoker", "raucher", "bmi"),
        ),
    ),
    ColumnNames(
        entity="GENETIC_OR_BIOMETRIC",
        ambiguous=(
            *("dna", "genome", "genotype", "genotyp", "fingerprint", "fingerabdruck", "iris scan"),
            *("face embedding", "face id", "voiceprint", "biometric", "biometrie", "biometrisch"),
        ),
    ),
    ColumnNames(
        entity="RELIGION",
        ambiguous=(
            *(
                "religion",
                "religious affiliation",
                "konfession",
                "glaube",
                "faith",
                "kirchensteuer",
            ),
            *("denomination", "religionszugehoerigkeit", "religioese ueberzeugung"),
        ),
    ),
    ColumnNames(
        entity="ETHNIC_ORIGIN",
        ambiguous=(
            *("ethnicity", "ethnic origin", "ethnic group", "ethnie", "ethnische herkunft", "race"),
            *("rasse", "hautfarbe", "skin color", "skin colour", "migrationshintergrund"),
        ),
    ),
    ColumnNames(
        entity="POLITICAL_OPINION",
        ambiguous=(
            *(
                "political party",
                "political opinion",
                "political affiliation",
                "partei",
                "voted for",
            ),
            *("parteizugehoerigkeit", "parteimitgliedschaft", "politische meinung"),
        ),
    ),
    ColumnNames(
        entity="TRADE_UNION",
        ambiguous=(
            *("trade union", "union member", "union membership", "gewerkschaft"),
            *("gewerkschaftszugehoerigkeit", "gewerkschaftsmitglied"),
        ),
    ),
    ColumnNames(
        entity="SEXUAL_ORIENTATION",
        ambiguous=(
            *("sexual orientation", "sexuelle orientierung", "sexual preference", "sex life"),
            *("sexualleben", "gender identity", "geschlechtsidentitaet"),
        ),
    ),
    ColumnNames(
        entity="CRIMINAL_RECORD",
        ambiguous=(
            *("criminal record", "conviction", "convictions", "vorstrafe", "vorstrafen", "felony"),
            *("fuehrungszeugnis", "vorbestraft", "offence", "straftat"),
        ),
    ),
)
