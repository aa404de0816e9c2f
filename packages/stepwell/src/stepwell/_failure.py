"""What is said of an error that a step raised, and trying again."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from stepwell._errors import StepwellError


def reason_of(error: BaseException) -> str:
    """What went wrong, without a cell: of an error that is not ours, only its type and place."""
    if isinstance(error, StepwellError):
        return str(error)
    if isinstance(error, MemoryError):
        return "It ran out of memory."
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where} (its message may quote data; --debug shows it)"


def tried(call: Callable[[], Any], *, retries: int) -> Any:
    """What `call` returns; it is called again up to `retries` times if it raises."""
    for _ in range(retries):
        try:
            return call()
        except Exception:  # noqa: S112 - the last attempt, below, raises what it raises
            continue
    return call()
