"""The outbox: one small file in the store for every run that MLflow does not know yet."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, ValidationError

from stepwell.authoring import Store
from stepwell_tracking._log import logger

FOLDER = "outbox"
_PAUSE = "tracking/pause.json"
_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=1)
_LEFT_TO_OTHERS = timedelta(minutes=10)
_MOST_ATTEMPTS = 5


class Waiting(BaseModel):
    """A run that is to be sent: its place in the chain of records, and what was tried so far.

    A run that is on its way has no place yet.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    pipeline: str
    record: int | None
    written_at: datetime
    host: str
    attempts: int = 0
    error: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether a process in the background should try it.

        A run of another machine is left to that machine at first, and one that fails on its own
        (not for a server that is away) is tried a few times.
        """
        others = self.host != socket.gethostname() and now - self.written_at < _LEFT_TO_OTHERS
        return not others and self.attempts < _MOST_ATTEMPTS


class Pause(BaseModel):
    """MLflow was away: how often in a row, why, and when to try again."""

    model_config = ConfigDict(frozen=True)

    failures: int
    until: datetime
    error: str


class Outbox:
    """The runs of a store that wait to be sent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._files = store.files

    def add(self, run_id: str, pipeline: str, record: int | None) -> None:
        """Note that a run is to be sent; without a record, once it has one.

        A run is noted when it begins, so that one which is killed after its end is not forgotten.
        """
        self._write(
            Waiting(
                run_id=run_id,
                pipeline=pipeline,
                record=record,
                written_at=datetime.now(UTC),
                host=socket.gethostname(),
            )
        )

    def waiting(self) -> list[Waiting]:
        """Everything that is to be sent, oldest first."""
        ended = filter(None, (self._if_ended(waiting) for waiting in self._read()))
        return sorted(ended, key=lambda waiting: (waiting.written_at, waiting.run_id))

    def has(self, run_id: str) -> bool:
        """Whether this run still waits."""
        return self._files.exists(_name(run_id))

    def sent(self, run_id: str) -> None:
        """Forget a run that has arrived."""
        self._files.delete(_name(run_id))

    def failed(self, waiting: Waiting, error: str) -> None:
        """Note that a run could not be sent, and why."""
        update = {"attempts": waiting.attempts + 1, "error": error}
        self._write(waiting.model_copy(update=update))

    def pause(self) -> Pause | None:
        """Why and how long to leave MLflow alone; None if it answered last time."""
        try:
            return Pause.model_validate_json(self._files.read(_PAUSE))
        except (FileNotFoundError, ValidationError):
            return None

    def is_paused(self) -> bool:
        """Whether it is too early to try again."""
        pause = self.pause()
        return pause is not None and datetime.now(UTC) < pause.until

    def was_away(self, error: str) -> None:
        """Note that MLflow did not answer: wait twice as long as last time."""
        before = self.pause()
        failures = before.failures + 1 if before else 1
        length = min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE)
        pause = Pause(failures=failures, until=datetime.now(UTC) + length, error=error)
        self._files.write(_PAUSE, pause.model_dump_json().encode())

    def has_answered(self) -> None:
        """Note that MLflow is there."""
        self._files.delete(_PAUSE)

    def _read(self) -> Iterator[Waiting]:
        for name in self._files.names(FOLDER):
            try:
                yield Waiting.model_validate(json.loads(self._files.read(f"{FOLDER}/{name}")))
            except FileNotFoundError:
                continue  # another process has just sent it
            except ValueError:
                logger.warning("The outbox holds a file that is no entry: %s", name)

    def _if_ended(self, waiting: Waiting) -> Waiting | None:
        """The same with its record; None for a run on its way, or one that never came anywhere."""
        if waiting.record is not None:
            return waiting
        for entry in self._store.records.newest_first():
            if entry.document.get("run_id") == waiting.run_id:
                return waiting.model_copy(update={"record": entry.number})
            if str(entry.document.get("finished_at")) < waiting.written_at.isoformat():
                break
        if not self._files.names(f"runs/{waiting.run_id}"):
            self.sent(waiting.run_id)
        return None

    def _write(self, waiting: Waiting) -> None:
        self._files.write(_name(waiting.run_id), waiting.model_dump_json().encode())


def _name(run_id: str) -> str:
    return f"{FOLDER}/{run_id}.json"
