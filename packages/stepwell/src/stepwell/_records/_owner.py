"""Who runs a run: a process of a machine, and whether it still lives."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_running_here: set[str] = set()


class Owner(BaseModel):
    """A process that runs a run, or did."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    host: str
    process: int
    process_started: str | None
    at: datetime

    @classmethod
    def this_process(cls) -> Owner:
        """The process that calls it."""
        process = os.getpid()
        return cls(
            host=socket.gethostname(),
            process=process,
            process_started=process_started(process),
            at=datetime.now(UTC),
        )

    def lives(self, run_id: str) -> bool:
        """Whether the process lives and still runs it; of one elsewhere it is assumed."""
        if self.host != socket.gethostname():
            return True
        if self.process == os.getpid():
            return run_id in _running_here
        started = process_started(self.process)
        return started is not None and started == self.process_started


def run_here(run_id: str) -> None:
    """Note that this process runs it."""
    _running_here.add(run_id)


def run_no_more(run_id: str) -> None:
    """Note that this process runs it no more."""
    _running_here.discard(run_id)


def process_started(process: int) -> str | None:
    """When a process of this machine started, as the system counts; None if there is none."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
