"""What changed for those who use a step, and the version that it demands."""

from __future__ import annotations

from pathlib import Path

from release._errors import ReleaseError
from release._history import History
from release._notes import BUMPS, Bump
from release._packages import Package
from stepwell import StepwellError
from stepwell._contract import (
    Change,
    contract_changes,
    contract_in_folder,
    demanded_bump,
    fits_bump,
    least_version,
)


def changes_since(package: Package, tag: str, history: History, work: Path) -> list[Change]:
    """How the contract of a package differs from that of a release."""
    folder = history.export(tag, work / "contracts" / tag) / "packages" / package.name
    try:
        return contract_changes(contract_in_folder(folder), contract_in_folder(package.folder))
    except StepwellError as error:
        raise ReleaseError(f"{package}: its contract cannot be compared: {error}") from None


def require_large_enough(package: Package, history: History, work: Path) -> None:
    """Raise ReleaseError if the contract changed more than the version says."""
    before = history.before(package)
    if before is None:
        return
    changes = changes_since(package, f"{package.name}-v{before}", history, work)
    if bump := too_small(str(before), package.version, changes):
        raise ReleaseError(
            f"{package} is too small a step after {before}: it has to be "
            f"{least_version(str(before), bump)} at least, because {_reasons(changes, bump)} "
            "Or take that back."
        )


def require_noted(package: Package, asked: Bump, changes: list[Change]) -> None:
    """Raise ReleaseError if the notes of a package tell less than its contract changed."""
    demanded = demanded_bump(changes)
    if demanded is not None and BUMPS.index(demanded) > BUMPS.index(asked):
        kind = {"major": "removed", "minor": "added"}.get(demanded, "fixed")
        raise ReleaseError(
            f"{package}: its notes ask for a {asked} version, its contract for a {demanded} one: "
            f"{_reasons(changes, demanded)} Tell users: write changes/<number>.{kind}.md."
        )


def too_small(before: str, version: str, changes: list[Change]) -> Bump | None:
    """The bump that the changes demand, if the version is less than that."""
    bump = demanded_bump(changes)
    return None if fits_bump(before, version, bump) else bump


def _reasons(changes: list[Change], bump: Bump) -> str:
    return " ".join(change.message for change in changes if change.bump == bump)
