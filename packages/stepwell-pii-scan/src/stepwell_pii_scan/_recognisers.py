"""Which recognisers look for what, in order of precedence."""

from __future__ import annotations

from functools import cache
from itertools import chain

from stepwell_pii_scan import _germany, _internet, _payment, _phones, _united_states
from stepwell_pii_scan._column_names import COLUMN_NAMES
from stepwell_pii_scan._found import PERSONAL, UNREADABLE
from stepwell_pii_scan._recogniser import Recogniser

_EVERYWHERE = (*_internet.RECOGNISERS, *_payment.RECOGNISERS)
_BY_REGION = {"DE": _germany.RECOGNISERS, "US": _united_states.RECOGNISERS}


@cache
def recognisers_for(regions: tuple[str, ...]) -> tuple[Recogniser, ...]:
    """What is looked for in `regions` (upper-case country codes), the most certain first."""
    ids = [recogniser for region in regions for recogniser in _BY_REGION.get(region, ())]
    phones = [_phones.national(region) for region in regions]
    return (
        *_EVERYWHERE,
        *ids,
        _phones.INTERNATIONAL,
        *phones,
        _phones.NEXT_TO_A_WORD,
    )


def is_region(code: str) -> bool:
    """Whether `code` is the code of a country whose phone numbers are known."""
    return code in _BY_REGION or code in _regions_with_phones()


@cache
def _regions_with_phones() -> frozenset[str]:
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def known_entities() -> frozenset[str]:
    """Every entity that a scan can find, by contents, by name or by role."""
    by_contents = (*_EVERYWHERE, *chain(*_BY_REGION.values()), _phones.INTERNATIONAL)
    return frozenset(
        {recogniser.entity for recogniser in by_contents}
        | {names.entity for names in COLUMN_NAMES}
        | {PERSONAL, UNREADABLE}
    )


def entities_in(regions: tuple[str, ...]) -> frozenset[str]:
    """The entities that a scan for `regions` looks for in contents."""
    return frozenset(recogniser.entity for recogniser in recognisers_for(regions))
