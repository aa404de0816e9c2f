"""uv, run for an upgrade: told where packages come from by the environment, never by arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stepwell import _uv
from stepwell._errors import PackageError
from stepwell._updates._credentials import first_credentials, kept_credentials, without_credentials

INDEX = "stepwell-steps"
"""The name under which uv knows the index of steps."""


def credentials_for_uv(index: str) -> dict[str, str]:
    """The variables with which uv gets into the index of steps; they are for that one alone."""
    found = first_credentials(index) or kept_credentials(index)
    if found is None:
        return {}
    prefix = f"UV_INDEX_{INDEX.upper().replace('-', '_')}"
    return {f"{prefix}_USERNAME": found[0], f"{prefix}_PASSWORD": found[1]}


def variables_for(index: str) -> dict[str, str]:
    """The variables with which uv asks the index of steps before all others."""
    others = os.environ.get("UV_INDEX", "")
    asked = f"{INDEX}={without_credentials(index)} {others}".strip()
    return {"UV_INDEX": asked, **credentials_for_uv(index)}


def run_uv(
    *arguments: str | Path, doing: str, folder: Path, variables: Mapping[str, str] | None = None
) -> None:
    """Run uv in a folder. Raises PackageError, which says in uv's words what went wrong."""
    complaint = _uv.run_uv(*arguments, folder=folder, variables=variables)
    if complaint is not None:
        raise PackageError(f"uv cannot {doing}: {complaint}")
