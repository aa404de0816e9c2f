"""What observers of a run are told."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from stepwell._protocol._report import Verdict

if TYPE_CHECKING:
    from stepwell._pipelines._run import Run

StepState = Literal["succeeded", "cached", "blocked", "skipped", "failed", "cancelled"]
RunStatus = Literal["succeeded", "blocked", "failed", "cancelled"]


@dataclass(frozen=True)
class RunStarted:
    """A run begins; `steps` are the names of its steps in order."""

    run_id: str
    pipeline: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class StepStarted:
    """A step begins."""

    run_id: str
    step: str


@dataclass(frozen=True)
class StepProgressed:
    """A step called `progress`."""

    run_id: str
    step: str
    done: float
    total: float | None
    message: str


@dataclass(frozen=True)
class StepFinished:
    """A step ended, was taken from the cache, or did not run.

    `rows` counts the rows of its first dataset; `verdict` is that of its report; `reason` says why
    it failed, was blocked or skipped.
    """

    run_id: str
    step: str
    state: StepState
    seconds: float
    rows: int | None = None
    verdict: Verdict | None = None
    reason: str | None = None


@dataclass(frozen=True)
class RunFinished:
    """A run ended and its record, if there is a store, is written."""

    run: Run


Event = RunStarted | StepStarted | StepProgressed | StepFinished | RunFinished


class Observer(Protocol):
    """Whoever is told of the events of a run. Its errors never become errors of the run."""

    def on_event(self, event: Event) -> None:
        """Take notice of an event."""


class Announcer:
    """Tells every observer of every event; one that raises is left out from then on."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = list(observers)
        self._one_at_a_time = threading.Lock()

    def tell(self, event: Event) -> None:
        """Tell all observers of an event."""
        with self._one_at_a_time:
            for observer in list(self._observers):
                try:
                    observer.on_event(event)
                except Exception as error:  # an observer must not harm the run, whatever it does
                    self._observers.remove(observer)
                    _log_failure(observer, error)


def _log_failure(observer: Observer, error: Exception) -> None:
    import logging

    logging.getLogger("stepwell").warning(
        "Observer %s failed (%s) and is left out of the rest of this run.",
        type(observer).__name__,
        type(error).__name__,
    )
