"""Requirements, as metadata and projects write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement


def requirements_in(texts: Iterable[str] | None) -> Iterator[Requirement]:
    """Those of `texts` that can be read; old packages have others, too."""
    for text in texts or ():
        try:
            yield Requirement(text)
        except InvalidRequirement:
            continue


def is_needed_here(requirement: Requirement, *, extra: str = "") -> bool:
    """Whether a requirement holds in this environment and for an extra."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})
