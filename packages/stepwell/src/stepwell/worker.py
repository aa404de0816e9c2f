"""`python -m stepwell.worker`: reads one job from standard input and executes it.

What a worker answers, and what a job is, is described in `stepwell._workers._job`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from stepwell._data._dataset import Dataset
from stepwell._errors import ContractError, listed
from stepwell._pipelines._failure import reason_of
from stepwell._pipelines._outputs import outputs_of
from stepwell._pipelines._wiring import Node
from stepwell._protocol._context import Running, loading, running_as
from stepwell._protocol._place import Placed
from stepwell._protocol._signature import REPORTS, Signature, signature_of
from stepwell._storage._artifacts import Artifact
from stepwell._storage._store import Store
from stepwell._workers._job import Job
from stepwell._workers._standard_output import own_standard_output

Emit = Callable[[dict[str, Any]], None]


def main() -> None:
    """Execute the job on standard input and write events, one a line, to standard output."""
    events = own_standard_output()

    def emit(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")
        events.flush()

    job = Job.model_validate_json(sys.stdin.readline())
    threading.Thread(target=end_with_the_driver, daemon=True).start()
    if job.memory is not None:
        _limit_memory(job.memory)
    sys.path[:0] = [folder for folder in job.path if folder not in sys.path]
    try:
        outputs = execute(job, emit)
    except Exception as error:  # whatever the step raises is the answer
        if os.environ.get("STEPWELL_DEBUG"):
            raise
        emit({"event": "failed", "reason": reason_of(error)})
        sys.exit(1)
    emit({"event": "finished", "outputs": outputs})


def execute(job: Job, emit: Emit) -> dict[str, Any]:
    """Execute a job; returns its outputs as references into the store."""
    with loading():
        step = job.step.load()
    signature = signature_of(type(step))
    node = Node(Placed(step=step, name=job.name), signature, sources={}, artifacts={})
    store = Store(job.store)
    taken = {
        name: Artifact(r.kind, fingerprint=r.fingerprint, store=store, absent=r.fingerprint is None)
        for name, r in job.inputs.items()
    }

    _check_inputs(job, signature)
    inputs = {
        name: artifact.as_input(signature.inputs[name], f"step {job.name!r}")
        for name, artifact in taken.items()
    }
    if job.reports is not None:
        inputs[REPORTS] = list(job.reports)

    def progress(done: float, total: float | None, message: str) -> None:
        emit({"event": "progress", "done": done, "total": total, "message": message})

    with running_as(Running(job.run_id, job.pipeline, job.name, store, progress)):
        returned = step.run(**inputs)
    datasets = {n: a.in_memory() for n, a in taken.items() if a.kind == "dataset" and not a.absent}
    outputs = outputs_of(node, returned, datasets)
    kin = [value for value in datasets.values() if isinstance(value, Dataset)]
    for artifact in outputs.values():
        artifact.put(store, kin)
    return {name: {"kind": a.kind, "fingerprint": a.fingerprint} for name, a in outputs.items()}


def _check_inputs(job: Job, signature: Signature) -> None:
    """Refuse the inputs of another version of the step than the one that is installed here."""
    unknown = [name for name in job.inputs if name not in signature.inputs]
    missing = [n for n, one in signature.inputs.items() if one.required and n not in job.inputs]
    if unknown or missing:
        raise ContractError(
            f"Step {job.name!r} takes {listed(signature.inputs)} in this environment, and was "
            f"given {listed(job.inputs)}."
        )


def end_with_the_driver() -> None:
    """End this process, and all that the step started, when whoever started it has gone."""
    sys.stdin.read()
    if os.getpgrp() == os.getpid():  # else the group is that of whoever started it by hand
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _limit_memory(memory: int) -> None:
    """Limit what this process allocates; files that it maps, such as stored columns, are free."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


if __name__ == "__main__":
    main()
