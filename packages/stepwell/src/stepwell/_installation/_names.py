"""How the packages of the platform are called, whoever makes them."""

from __future__ import annotations

from packaging.utils import canonicalize_name

CORE = canonicalize_name("stepwell")
PREFIX = "stepwell-"


def bears_our_name(name: str) -> bool:
    """Whether a package of this canonical name is core, or is called like a package of steps."""
    return name == CORE or name.startswith(PREFIX)
