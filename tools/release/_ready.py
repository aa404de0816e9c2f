"""What a version has to be before it is built for everybody."""

from __future__ import annotations

import re
from pathlib import Path

from release._contracts import require_large_enough
from release._errors import ReleaseError
from release._history import History, require_committed
from release._notes import notes
from release._packages import Package
from release._withdraw import require_sensible_withdrawals


def require_ready(package: Package, history: History, work: Path) -> None:
    """Raise ReleaseError, which says what to do, if a new version cannot be published yet."""
    require_committed(package, history)
    _require_told(package)
    require_sensible_withdrawals(package)
    require_large_enough(package, history, work)


def _require_told(package: Package) -> None:
    if waiting := notes(package):
        raise ReleaseError(
            f"{package}: {len(waiting)} notes wait in changes/, among them {waiting[0].name}. "
            "Move them into the changelog first: nox -s release -- prepare."
        )
    changelog = (package.folder / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    if newest is None or newest[1] != package.version:
        found = newest[1] if newest else "none"
        raise ReleaseError(
            f"{package}: the newest entry of CHANGELOG.md is {found}. Say what is new in "
            f"{package.version}: nox -s release -- prepare writes version and changelog together."
        )
