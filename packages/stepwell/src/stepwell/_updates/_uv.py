"""What uv does for an upgrade."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stepwell import _uv
from stepwell._errors import PackageError


def run_uv(
    *arguments: str | Path, doing: str, folder: Path, variables: Mapping[str, str] | None = None
) -> None:
    """Run uv in a folder. Raises PackageError, which says in uv's words what went wrong."""
    complaint = _uv.run_uv(*arguments, folder=folder, variables=variables)
    if complaint is not None:
        raise PackageError(f"uv cannot {doing}: {complaint}")
