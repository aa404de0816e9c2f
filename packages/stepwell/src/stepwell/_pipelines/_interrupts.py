"""Ctrl-C and SIGTERM: they end a step or a waiting, never the keeping of the books."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_INSISTENCE = 3


class Interrupts:
    """While the block lasts, an interrupt is raised in what is `allowed`, and kept until then.

    Only signals that would raise anyway are taken over; somebody who insists gets through at once.
    """

    def __init__(self) -> None:
        self._times = 0
        self._waiting = False
        self._allowed = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if callable(signal.getsignal(number)):
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """A block that may be interrupted. Raises KeyboardInterrupt, also for one that waited."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        if self._waiting:
            self._waiting = False
            raise KeyboardInterrupt
        self._allowed = True
        try:
            yield
        finally:
            self._allowed = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block inside of an allowed one that is not interrupted."""
        before, self._allowed = self._allowed, False
        try:
            yield
        finally:
            self._allowed = before

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._times += 1
        if self._allowed or self._times >= _INSISTENCE:
            raise KeyboardInterrupt
        self._waiting = True
