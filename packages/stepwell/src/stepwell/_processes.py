"""Worker processes: started with limits, listened to, and ended with all that they started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from stepwell._errors import StepwellError
from stepwell._job import Job

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)


class WorkerError(StepwellError):
    """A worker process did not finish its job."""

    code = "SW-701"


class Processes:
    """The worker processes of one run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def execute(
        self,
        job: Job,
        *,
        timeout: float | None,
        progress: Callable[[float, float | None, str], None],
    ) -> dict[str, Any]:
        """Execute a job in a process of its own; returns references to its outputs.

        Raises WorkerError if it fails, takes longer than `timeout` seconds or is killed.
        """
        process = self._start(job)
        timer = threading.Timer(timeout, _end, [process]) if timeout is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            with process:
                answer = _listen(process, progress)
        finally:
            with self._lock:
                self._running.discard(process)
            fired = timer is not None and timer.finished.is_set()
            if timer is not None:
                timer.cancel()
        if answer.get("event") == "finished":
            outputs: dict[str, Any] = answer["outputs"]
            return outputs
        raise WorkerError(self._why(job, process, answer, timeout if fired else None))

    def stop(self) -> None:
        """End every worker process, and all that they started."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _start(self, job: Job) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise WorkerError("The run was cancelled.")
            process = subprocess.Popen(
                [sys.executable, "-m", "stepwell.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=_environment(job),
                start_new_session=True,
            )
            self._running.add(process)
        assert process.stdin is not None  # it was asked for above
        with suppress(BrokenPipeError):
            process.stdin.write(job.model_dump_json())
            process.stdin.close()
        return process

    def _why(
        self,
        job: Job,
        process: subprocess.Popen[str],
        answer: dict[str, Any],
        timeout: float | None,
    ) -> str:
        if timeout is not None:
            return f"It took longer than its timeout of {timeout:g} seconds and was ended."
        if "reason" in answer:
            return str(answer["reason"])
        if self._stopped:
            return "The run was cancelled."
        code = process.returncode
        if code < 0:
            name = signal.Signals(-code).name
            memory = " It may have run out of memory." if name == "SIGKILL" else ""
            return f"Its worker process was killed by {name}.{memory}"
        limit = f" It may use {job.memory} bytes of memory." if job.memory else ""
        return f"Its worker process ended with exit code {code}; see its output above.{limit}"


def _listen(
    process: subprocess.Popen[str], progress: Callable[[float, float | None, str], None]
) -> dict[str, Any]:
    """The last event of a worker; progress is passed on."""
    answer: dict[str, Any] = {}
    assert process.stdout is not None  # it was asked for when the process was started
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress":
            progress(event["done"], event["total"], event["message"])
        else:
            answer = event
    return answer


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(job: Job) -> dict[str, str]:
    if job.cpus is None:
        return dict(os.environ)
    threads = str(max(1, int(job.cpus)))
    return {**os.environ, **dict.fromkeys(_THREADS, threads)}
