"""How uv is told of the index of steps: by variables, never by arguments, which others see."""

from __future__ import annotations

import os

from stepwell._indexes._credentials import first_credentials, kept_credentials, without_credentials

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
