"""What is said of an error that a step raised, and trying again."""

from __future__ import annotations

import os
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stepwell._data._polars import described
from stepwell._errors import RunError, StepwellError

_LIBRARIES = (
    f"{Path(__file__).parent}{os.sep}",
    sysconfig.get_path("stdlib"),
    sysconfig.get_path("platstdlib"),
)


def reason_of(error: BaseException) -> str:
    """What went wrong, without a cell: of an error that is not ours, its type and place only."""
    if isinstance(error, StepwellError):
        return str(error)
    if isinstance(error, MemoryError):
        return "It ran out of memory."
    if type(error).__module__.startswith("polars"):
        return f"Polars: {described(error)}{_where(error)}."
    return f"{type(error).__name__}{_where(error)} (its message may quote data; --debug shows it)"


def _where(error: BaseException) -> str:
    """The last line that is not a library's: the one that whoever wrote the step can change."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _of_a_library(frame.filename)]
    last = (own or frames)[-1:]
    return "".join(f" at {frame.filename}:{frame.lineno}" for frame in last)


def _of_a_library(file: str) -> bool:
    return file.startswith((*_LIBRARIES, "<")) or "site-packages" in file or not Path(file).exists()


def tried(call: Callable[[], Any], *, retries: int) -> Any:
    """What `call` returns; it is called again up to `retries` times if it raises."""
    for _ in range(retries):
        try:
            return call()
        except Exception:  # noqa: S112 - the last attempt, below, raises what it raises
            continue
    try:
        return call()
    except SystemExit as error:
        raise RunError(
            f"It tried to end the process (SystemExit){_where(error)}.",
            hint="Raise an error, or return a report that failed.",
        ) from error
