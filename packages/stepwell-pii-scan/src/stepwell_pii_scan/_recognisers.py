"""Which recognisers look for what, in order of precedence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from stepwell_pii_scan import _general, _germany, _phones, _united_states
from stepwell_pii_scan._recogniser import Recogniser

_BY_REGION = {"DE": _germany.RECOGNISERS, "US": _united_states.RECOGNISERS}


@cache
def recognisers_for(regions: Sequence[str]) -> tuple[Recogniser, ...]:
    """What is looked for in `regions` (upper-case country codes), the most certain first."""
    ids = [recogniser for region in regions for recogniser in _BY_REGION.get(region, ())]
    phones = [_phones.national(region) for region in regions]
    return (
        *_general.RECOGNISERS,
        *ids,
        _phones.INTERNATIONAL,
        *phones,
        _phones.NEXT_TO_A_WORD,
    )


@cache
def known_regions() -> frozenset[str]:
    """The country codes whose phone numbers are known."""
    import phonenumbers

    return frozenset(phonenumbers.SUPPORTED_REGIONS)
