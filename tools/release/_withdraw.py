"""Withdrawing a release that is published: nothing is deleted, everybody is told."""

from __future__ import annotations

import json

from packaging.version import Version

from release._errors import ReleaseError
from release._history import History
from release._notes import write_note
from release._packages import Package
from stepwell import StepwellError
from stepwell._installation._withdrawn import FILE, Withdrawal, withdrawal_of, withdrawals

_TITLE = (
    "# Releases of this package that should not be used. Every later release brings this along.\n"
)


def withdraw(package: Package, withdrawal: Withdrawal, history: History) -> None:
    """Add a release to withdrawn.toml, and the note that makes the next version tell it."""
    released = history.released(package.name)
    if Version(withdrawal.version) not in released:
        raise ReleaseError(
            f"{package.name} {withdrawal.version} was not published from here. "
            f"Published: {', '.join(map(str, released)) or 'nothing'}."
        )
    if withdrawal_of(withdrawal.version, withdrawn(package)):
        raise ReleaseError(f"{package.name} {withdrawal.version} is withdrawn already.")
    file = package.source / FILE
    text = file.read_text(encoding="utf-8") if file.exists() else _TITLE
    file.write_text(text + _entry(withdrawal), encoding="utf-8")
    told = f"{withdrawal.version} is withdrawn: {withdrawal.reason} Use {withdrawal.replacement}."
    write_note(package, f"withdrawn-{withdrawal.version}", "fixed", told)


def withdrawn(package: Package) -> tuple[Withdrawal, ...]:
    """What a package withdraws, as its source says."""
    file = package.source / FILE
    if not file.exists():
        return ()
    try:
        return withdrawals(file.read_text(encoding="utf-8"), where=f"{package.name}, {FILE}")
    except StepwellError as error:
        raise ReleaseError(str(error)) from None


def require_sensible_withdrawals(package: Package) -> None:
    """Raise ReleaseError if a package withdraws what is not earlier than itself."""
    for one in withdrawn(package):
        if Version(one.version) >= Version(package.version):
            raise ReleaseError(
                f"{package} withdraws {one.version}, which is not an earlier one. A release is "
                "withdrawn by a later release: prepare one."
            )
        if withdrawal_of(one.replacement, withdrawn(package)):
            raise ReleaseError(
                f"{package}: the replacement of {one.version} is {one.replacement}, which is "
                f"withdrawn itself. Name another in {FILE}."
            )


def _entry(withdrawal: Withdrawal) -> str:
    # The strings of JSON are strings of TOML.
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in vars(withdrawal).items()
    ]
    return "\n".join(["", "[[withdrawn]]", *lines, ""])
