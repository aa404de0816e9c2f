"""What a running step may know of its run: where to report progress, and its store.

Steps do not see it: `progress` and `decisions` read it, and do nothing harmful without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepwell._storage._store import Store

Report = Callable[[float, float | None, str], None]


@dataclass(frozen=True)
class Running:
    """The run, its pipeline and the step that this thread works for."""

    run_id: str
    pipeline: str
    step: str
    store: Store | None
    report_progress: Report


_loading: ContextVar[bool] = ContextVar("stepwell_loading", default=False)
_running: ContextVar[Running | None] = ContextVar("stepwell_running", default=None)


def running() -> Running | None:
    """The run that this code works for; None outside of a pipeline."""
    return _running.get()


def is_loading() -> bool:
    """Whether a worker process is importing the step that it is to run."""
    return _loading.get()


@contextmanager
def loading() -> Iterator[None]:
    """Let `is_loading` say so in this block."""
    token = _loading.set(True)
    try:
        yield
    finally:
        _loading.reset(token)


@contextmanager
def running_as(current: Running) -> Iterator[None]:
    """Let `running` answer `current` in this block."""
    token = _running.set(current)
    try:
        yield
    finally:
        _running.reset(token)


def progress(done: float, total: float | None = None, message: str = "") -> None:
    """Tell whoever watches the run how far this step is, for example `progress(3, 10, "folds")`.

    Outside of a pipeline it does nothing.
    """
    current = running()
    if current is not None:
        current.report_progress(done, total, message)
