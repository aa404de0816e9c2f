"""`python -m stepwell._updates._trial`: a pipeline tried with other packages, on stored inputs.

It runs in the environment to be tried, reads one job and answers with events, one a line:

    {"format": "stepwell.trial/1", "target": "FILE:NAME", "store": URL, "run_id": …,
     "scratch": a folder for what is made, "sources": [steps that would read what they read then]}

    {"event": "step", "name": …, "state": …}
    {"event": "finished", "steps": [{"name", "state", "reason", "verdict"}, …], "reports": {…}}
    {"event": "failed", "reason": …}

What is made goes into the scratch folder: the store is only read, and no record is written. The
process ends when its standard input does: whoever started it has gone.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from stepwell._errors import StepwellError
from stepwell._workers._standard_output import own_standard_output


class TrialJob(BaseModel):
    """What is to be tried, and what it is compared with."""

    model_config = ConfigDict(frozen=True)

    format: Literal["stepwell.trial/1"] = "stepwell.trial/1"
    target: str
    store: str
    run_id: str
    scratch: str
    sources: tuple[str, ...] = ()


def main() -> None:
    """Do the job on standard input and write events to standard output."""
    from stepwell._pipelines._find import find_pipeline
    from stepwell._records._history import find_record, known_record
    from stepwell._storage._store import Store
    from stepwell._updates._rerun import Rerun
    from stepwell.worker import end_with_the_driver

    events = own_standard_output()

    def emit(event: dict[str, Any]) -> None:
        events.write(json.dumps(event, default=str) + "\n")
        events.flush()

    try:
        job = TrialJob.model_validate_json(sys.stdin.readline())
        threading.Thread(target=end_with_the_driver, daemon=True).start()
        stored, scratch = Store(job.store), Store(Path(job.scratch))
        record = known_record(find_record(stored, job.run_id))
        rerun = Rerun(find_pipeline(job.target), record, stored, scratch, job.sources)
        for done in rerun.steps():
            emit({"event": "step", **done})
        emit({"event": "finished", "steps": rerun.done, "reports": rerun.reports()})
    except ValidationError:
        emit({"event": "failed", "reason": "this version of stepwell does not know the job"})
    except StepwellError as error:
        emit({"event": "failed", "reason": str(error)})


if __name__ == "__main__":
    main()
