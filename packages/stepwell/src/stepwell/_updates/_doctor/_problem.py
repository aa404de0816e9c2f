"""A finding of `stepwell doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """Something that is wrong: a stable name, what was found where, and how to mend it."""

    name: str
    severity: Severity
    message: str
    fix: str
