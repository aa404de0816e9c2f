"""Where an installed distribution came from, as the requirement that brings it again."""

from __future__ import annotations

import json
from importlib import metadata
from importlib.metadata import Distribution
from typing import Any

OWN_EXTRA = "run"
"""An extra of a step's package: what only `run` needs, not whoever configures the step."""


def requirement_of(distribution: Distribution) -> str:
    """The requirement that brings a distribution as it is installed here.

    The extra `run` is part of it, if the package has one.
    """
    extras = distribution.metadata.get_all("Provides-Extra") or ()
    name = f"{distribution.name}[{OWN_EXTRA}]" if OWN_EXTRA in extras else distribution.name
    origin = origin_of(distribution)
    if origin is None:
        return f"{name}=={distribution.version}"
    return f"{name} @ {_url(origin)}"


def origin_of(distribution: Distribution) -> dict[str, Any] | None:
    """What an installer noted of the URL or folder of a distribution; None for one of an index."""
    text = distribution.read_text("direct_url.json")
    return dict(json.loads(text)) if text else None


def installed(name: str) -> Distribution | None:
    """The distribution of this name; None if it is not installed."""
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def is_from_elsewhere(name: str) -> bool:
    """Whether a distribution is installed here, and not from an index."""
    found = installed(name)
    return found is not None and origin_of(found) is not None


def _url(origin: dict[str, Any]) -> str:
    url = str(origin["url"])
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return f"{url}#subdirectory={origin['subdirectory']}" if origin.get("subdirectory") else url
