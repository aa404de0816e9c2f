"""Worker processes: started with limits, listened to, and ended with all that they started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from math import ceil
from pathlib import Path
from typing import Any

from stepwell._errors import StepwellError
from stepwell._protocol._place import Resources
from stepwell._workers._devices import Gpus, Processors
from stepwell._workers._job import Job
from stepwell._workers._process_groups import end_group

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
)


_OF_THIS_PYTHON = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
"""Variables that would bring packages of this environment into another one."""


class WorkerError(StepwellError):
    """A worker process did not finish its job."""

    code = "SW-701"


class Processes:
    """The worker processes of one run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._gpus = Gpus()
        self._processors = Processors()
        self._lock = threading.Lock()
        self._stopped = False

    def execute(
        self,
        job: Job,
        *,
        timeout: float | None,
        resources: Resources | None,
        progress: Callable[[float, float | None, str], None],
        interpreter: Path | None = None,
    ) -> dict[str, Any]:
        """Execute a job in a process of its own; returns references to its outputs.

        With the `interpreter` of another environment, it has the packages of that one.

        Raises WorkerError if it fails, takes longer than `timeout` seconds or is killed.
        """
        asked = resources or Resources()
        with ExitStack() as devices:
            environment = {
                **(os.environ if interpreter is None else _variables_in(interpreter)),
                **devices.enter_context(self._gpus.taken(asked.gpus)),
                **_threads(asked.cpus),
            }
            process = self._start(environment, interpreter)
            if asked.cpus is not None and hasattr(os, "sched_setaffinity"):
                own = devices.enter_context(self._processors.shared(ceil(asked.cpus)))
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(process.pid, own)
            return self._executed(process, job, timeout, progress)

    def _executed(
        self,
        process: subprocess.Popen[str],
        job: Job,
        timeout: float | None,
        progress: Callable[[float, float | None, str], None],
    ) -> dict[str, Any]:
        timer = threading.Timer(timeout, end_group, [process]) if timeout is not None else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            with process:
                _hand_over(job, process)
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
            end_group(process)

    def _start(
        self, environment: dict[str, str], interpreter: Path | None
    ) -> subprocess.Popen[str]:
        with self._lock:
            if self._stopped:
                raise WorkerError("The run was cancelled.")
            process = subprocess.Popen(
                [*_python(interpreter), "-m", "stepwell.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
                start_new_session=True,
            )
            self._running.add(process)
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


def _hand_over(job: Job, process: subprocess.Popen[str]) -> None:
    """Write the job in one line; the pipe stays open for as long as this process lives."""
    assert process.stdin is not None  # it was asked for when the process was started
    with suppress(BrokenPipeError):
        process.stdin.write(job.model_dump_json() + "\n")
        process.stdin.flush()


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
        elif event["event"] in ("finished", "failed"):  # a newer worker may tell more
            answer = event
    return answer


def _python(interpreter: Path | None) -> list[str]:
    """What starts Python; in another environment, nothing of the current folder comes before it."""
    return [sys.executable] if interpreter is None else [str(interpreter), "-P"]


def _variables_in(interpreter: Path) -> dict[str, str]:
    """The variables of this process for one in another environment."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_THIS_PYTHON}
    path = os.pathsep.join(filter(None, [str(interpreter.parent), kept.get("PATH")]))
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(interpreter.parent.parent)}


def _threads(cpus: float | None) -> dict[str, str]:
    """What tells libraries that count the processors themselves how many threads to start."""
    return {} if cpus is None else dict.fromkeys(_THREADS, str(max(1, int(cpus))))
