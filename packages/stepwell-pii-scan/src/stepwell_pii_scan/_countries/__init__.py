"""Recognisers for the numbers that countries give to people, by country code."""

from __future__ import annotations

from stepwell_pii_scan._countries import (
    austria,
    finland,
    france,
    germany,
    italy,
    netherlands,
    poland,
    spain,
    sweden,
    switzerland,
    united_kingdom,
    united_states,
)

BY_REGION = {
    "AT": austria.RECOGNISERS,
    "CH": switzerland.RECOGNISERS,
    "DE": germany.RECOGNISERS,
    "ES": spain.RECOGNISERS,
    "FI": finland.RECOGNISERS,
    "FR": france.RECOGNISERS,
    "GB": united_kingdom.RECOGNISERS,
    "IT": italy.RECOGNISERS,
    "NL": netherlands.RECOGNISERS,
    "PL": poland.RECOGNISERS,
    "SE": sweden.RECOGNISERS,
    "US": united_states.RECOGNISERS,
}
