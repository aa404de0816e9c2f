"""A change of a contract, and the version that it asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

Bump = Literal["patch", "minor", "major"]
Part = Literal["step", "field", "input", "output"]
What = Literal[
    "removed",
    "added",
    "retyped",
    "narrowed",
    "widened",
    "required",
    "optional",
    "default",
    "deprecated",
    "moved",
    "effects",
    "judge",
    "wording",
]

_ORDER: tuple[Bump, ...] = ("patch", "minor", "major")


@dataclass(frozen=True)
class Change:
    """One difference between two contracts: of which step and part, what, and what it demands.

    `name` is the field, input or output; `path` leads on to what is inside of it.
    """

    bump: Bump
    step: str
    part: Part
    name: str
    what: What
    message: str
    path: str = ""


def demanded_bump(changes: Iterable[Change]) -> Bump | None:
    """The largest bump that a change demands; None if nothing changed."""
    return max((change.bump for change in changes), key=_ORDER.index, default=None)


def is_at_most(bump: Bump | None, most: Bump) -> bool:
    """Whether a bump is not larger than `most`."""
    return bump is None or _ORDER.index(bump) <= _ORDER.index(most)


def least_version(old: str, bump: Bump) -> str:
    """The smallest version after `old` that a bump allows.

    Below 1.0 nothing is promised yet, so everything moves one place to the right: what breaks
    demands 0.(x+1).0, anything else 0.x.(y+1). A pre-release promises nothing either: its release
    may differ from it in any way.
    """
    version = Version(old)
    if version.is_prerelease:
        return version.base_version
    major, minor, micro = version.major, version.minor, version.micro
    place = _ORDER.index(bump) if major else max(_ORDER.index(bump) - 1, 0)
    numbers = ((major, minor, micro + 1), (major, minor + 1, 0), (major + 1, 0, 0))[place]
    return ".".join(map(str, numbers))


def fits_bump(old: str, new: str, bump: Bump | None) -> bool:
    """Whether going from version `old` to `new` is enough for a bump; pre-releases count as theirs.

    The same version is enough for no change only.
    """
    if bump is None:
        return Version(new) >= Version(old)
    is_enough = Version(Version(new).base_version) >= Version(least_version(old, bump))
    return is_enough and Version(new) > Version(old)
