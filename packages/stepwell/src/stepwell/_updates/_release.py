"""What a release tells of itself, out of its wheel, of which nothing is installed or imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from stepwell._contract import PackageContract, contract_in_wheel
from stepwell._contract._read import step_points, top_level
from stepwell._contract._wheel import Wheel
from stepwell._errors import PackageError
from stepwell._installation._names import CORE
from stepwell._installation._withdrawn import FILE as WITHDRAWN
from stepwell._installation._withdrawn import Withdrawal, withdrawals
from stepwell._requirements import requirements_in
from stepwell._updates._changelog import FILES

_MOST = 1 << 20


@dataclass(frozen=True)
class Release:
    """A version of a package: its contract, changelog, and which versions before it withdraws."""

    package: str
    version: Version
    contract: PackageContract
    changelog: str
    withdrawn: tuple[Withdrawal, ...]
    needs_core: str | None


def release_in(path: Path) -> Release:
    """The release in a wheel. Raises PackageError for one that cannot be read."""
    with Wheel(path) as wheel:
        changelog = next(filter(None, map(wheel.read_text, FILES)), "")
        return Release(
            package=wheel.name,
            version=Version(wheel.version),
            contract=contract_in_wheel(path),
            changelog=changelog,
            withdrawn=_withdrawn(wheel),
            needs_core=_needed_core(wheel),
        )


def _withdrawn(wheel: Wheel) -> tuple[Withdrawal, ...]:
    """What `withdrawn.toml` says, beside the code of the package."""
    points = step_points(wheel)
    folder = top_level(points) if points else wheel.name.replace("-", "_")
    content = wheel.content(f"{folder}/{WITHDRAWN}", most=_MOST)
    if content is None:
        return ()
    try:
        return withdrawals(content.decode("utf-8"), where=f"{wheel.name}, {WITHDRAWN}")
    except UnicodeDecodeError:
        raise PackageError(f"{WITHDRAWN} in the wheel of {wheel.name} is no text.") from None


def _needed_core(wheel: Wheel) -> str | None:
    """The versions of core that a release needs, if it says so."""
    for requirement in requirements_in(wheel.requires):
        if canonicalize_name(requirement.name) == CORE and requirement.marker is None:
            return str(requirement.specifier)
    return None
