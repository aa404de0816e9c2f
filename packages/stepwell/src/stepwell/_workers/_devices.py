"""The processors of this machine, handed out to worker processes."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

GPUS = "CUDA_VISIBLE_DEVICES"


def visible_gpus() -> tuple[str, ...]:
    """The graphics processors that this process may use, as CUDA names them."""
    named = os.environ.get(GPUS)
    if named is not None:
        return tuple(name.strip() for name in named.split(",") if name.strip())
    folder = Path("/proc/driver/nvidia/gpus")
    return tuple(str(number) for number, _ in enumerate(folder.glob("*")))


class Gpus:
    """Graphics processors that are used by one worker at a time."""

    def __init__(self) -> None:
        self._free = list(visible_gpus())
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, number: int | None) -> Iterator[Mapping[str, str]]:
        """What the environment of a worker says about them; waits until so many are free.

        None leaves the environment as it is.
        """
        if number is None:
            yield {}
            return
        with self._changed:
            self._changed.wait_for(lambda: len(self._free) >= number)
            mine, self._free = self._free[:number], self._free[number:]
        try:
            yield {GPUS: ",".join(mine)}
        finally:
            with self._changed:
                self._free += mine
                self._changed.notify_all()


class Processors:
    """Shares processors among workers: each gets those that the fewest others use."""

    def __init__(self) -> None:
        self._users: Counter[int] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def shared(self, number: int) -> Iterator[set[int]]:
        """So many processors, or all there are."""
        with self._lock:
            every = sorted(os.sched_getaffinity(0), key=lambda one: self._users[one])
            mine = set(every[:number])
            self._users.update(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._users.subtract(mine)
