"""Medians of repeated measurements."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping


def median_seconds(work: Callable[[], object], *, times: int = 5) -> float:
    """The median duration of `work`."""
    return statistics.median(seconds(work) for _ in range(times))


def in_turns(works: Mapping[str, Callable[[], object]], *, times: int) -> dict[str, float]:
    """The median duration of each work; they take turns, so that all of them meet the same noise.

    Everybody begins with a turn that does not count.
    """
    took: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(times + 1):
        for name, work in works.items():
            needed = seconds(work)
            if turn:
                took[name].append(needed)
    return {name: statistics.median(all_of) for name, all_of in took.items()}


def seconds(work: Callable[[], object]) -> float:
    """The duration of `work`."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def python(*arguments: str, interpreter: str = sys.executable, **environment: str) -> str:
    """What a Python process prints; raises CalledProcessError for one that fails."""
    done = subprocess.run(
        [interpreter, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
    done.check_returncode()
    return done.stdout
