"""Every event of a run as a line of JSON."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from stepwell._pipelines._events import Event, RunFinished, RunStarted
from stepwell._secrets import masked


class JsonLines:
    """Writes `<run id>.jsonl` into a folder: an object a line, with `event` and `at` (UTC)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def on_event(self, event: Event) -> None:
        """Write an event."""
        if isinstance(event, RunStarted):
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"{event.run_id}.jsonl"
            self._file = path.open("w", encoding="utf-8", buffering=1)
        if self._file is None:
            return
        line = {"event": type(event).__name__, "at": datetime.now(UTC).isoformat(), **_facts(event)}
        self._file.write(json.dumps(masked(line), ensure_ascii=False) + "\n")
        if isinstance(event, RunFinished):
            self._file.close()
            self._file = None


def _facts(event: Event) -> dict[str, Any]:
    if isinstance(event, RunFinished):
        run = event.run
        return {
            "run_id": run.id,
            "pipeline": run.pipeline,
            "status": run.status,
            "record": str(run.head) if run.head else None,
        }
    return dataclasses.asdict(event)
