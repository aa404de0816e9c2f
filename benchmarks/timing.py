"""Medians of repeated measurements."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable


def median_seconds(work: Callable[[], object], *, times: int = 5) -> float:
    """The median duration of `work`."""
    return statistics.median(_seconds(work) for _ in range(times))


def median_of_command(*arguments: str, times: int = 7) -> float:
    """The median duration of a Python process with these arguments, after one to warm up."""
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, capture_output=True)
    return median_seconds(
        lambda: subprocess.run(command, check=True, capture_output=True), times=times
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
