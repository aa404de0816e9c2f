"""Which recognisers look for what, in order of precedence."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from stepwell_pii_scan import (
    _crypto,
    _documents,
    _internet,
    _payment,
    _people,
    _phones,
    _places,
    _special,
    _vehicles,
)
from stepwell_pii_scan._column_names import COLUMN_NAMES
from stepwell_pii_scan._countries import BY_REGION
from stepwell_pii_scan._found import PERSONAL, UNREADABLE
from stepwell_pii_scan._recogniser import Recogniser

_EVERYWHERE = (*_internet.RECOGNISERS, *_payment.RECOGNISERS, *_crypto.RECOGNISERS)
REGIONS = tuple(BY_REGION)
"""The countries whose numbers are known."""


@cache
def recognisers_for(regions: tuple[str, ...]) -> tuple[Recogniser, ...]:
    """What is looked for in `regions` (upper-case country codes), the most certain first."""
    tables = (BY_REGION, _vehicles.BY_REGION, _places.BY_REGION)
    return (
        *_EVERYWHERE,
        *(one for table in tables for region in regions for one in table.get(region, ())),
        *(one for one in _documents.RECOGNISERS if _is_of(one, regions)),
        *_people.RECOGNISERS,
        *_special.RECOGNISERS,
        _phones.INTERNATIONAL,
        *_phones.national(regions),
        _phones.NEXT_TO_A_WORD,
    )


def _is_of(document: Recogniser, regions: tuple[str, ...]) -> bool:
    return document.entity[:2].replace("UK", "GB") in regions


def is_region(code: str) -> bool:
    """Whether `code` is the code of a country whose phone numbers are known."""
    return code in BY_REGION or code in _regions_with_phones()


@cache
def _regions_with_phones() -> frozenset[str]:
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


@cache
def known_entities() -> frozenset[str]:
    """Every entity that a scan can find, by contents, by name or by role."""
    by_name = {names.entity for names in COLUMN_NAMES}
    return entities_of(recognisers_for(REGIONS)) | by_name | {PERSONAL, UNREADABLE}


def entities_of(recognisers: Iterable[Recogniser]) -> frozenset[str]:
    """The entities that these look for in contents."""
    return frozenset(recogniser.entity for recogniser in recognisers)
