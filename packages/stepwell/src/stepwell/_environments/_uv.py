"""What uv does for the environment of a step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stepwell import _uv
from stepwell._errors import EnvironmentUnavailable, PackageError

_BY_UV = "No solution found when resolving dependencies: "

PROJECT = "step-environment"
"""How uv is told that what has the requirements is called; no package has the name."""


def run_uv(
    *arguments: str | Path,
    step: str,
    doing: str,
    folder: Path,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run uv in a folder. Raises EnvironmentUnavailable, which says in uv's words what is wrong."""
    try:
        complaint = _uv.run_uv(*arguments, folder=folder, variables=variables)
    except PackageError as error:
        raise EnvironmentUnavailable(
            f"Step {step!r} has an environment of its own, which uv makes, and there is no uv.",
            hint=error.hint,
        ) from None
    if complaint is not None:
        told = complaint.removeprefix(_BY_UV).replace(PROJECT, "the environment")
        raise EnvironmentUnavailable(
            f"The environment of step {step!r} cannot be {doing}: {told}",
        )
