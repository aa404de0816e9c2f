"""The clock, in one place."""

from datetime import UTC, date, datetime


def today() -> date:
    """The date in UTC, so that every machine of a run agrees whether an allowance has expired."""
    return datetime.now(UTC).date()
