"""The changelog that a wheel brings: what changed from one version to another, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

FILES = ("extra_metadata/CHANGELOG.md", "CHANGELOG.md")
"""Where it lies in a wheel's folder of metadata."""

_HEADING = re.compile(r"^##\s+\[?v?(\d[^\s\]]*)\]?.*$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """What a changelog tells of one version."""

    version: str
    text: str


def entries_between(changelog: str, after: Version, until: Version) -> tuple[Entry, ...]:
    """The entries of the versions after one until another, in the order of the changelog."""
    return tuple(entry for entry in _entries(changelog) if after < Version(entry.version) <= until)


def _entries(changelog: str) -> Iterator[Entry]:
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    for heading, end in zip(headings, ends, strict=False):  # without a heading there is one end
        try:
            version = str(Version(heading[1]))
        except InvalidVersion:
            continue
        yield Entry(version, changelog[heading.end() : end].strip())
