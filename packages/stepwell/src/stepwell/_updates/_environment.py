"""An environment that a lock is tried in: made by uv, and gone afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from stepwell._errors import PackageError
from stepwell._indexes._for_uv import variables_for
from stepwell._updates._lock import FILE
from stepwell._updates._trial import TrialJob
from stepwell._updates._uv import run_uv
from stepwell._uv import python_in
from stepwell._workers._process_groups import end_group

Told = Callable[[dict[str, Any]], None]


def made_environment(scratch: Path, root: Path, address: str) -> Path:
    """The Python of a new environment in `scratch`, with what the lock there says, by hash."""
    folder = scratch / "environment"
    run_uv("venv", "--python", sys.executable, folder, doing="make an environment", folder=root)
    python = python_in(folder)
    run_uv(
        *("pip", "sync", "--python", python, scratch / FILE),
        doing="install the new versions",
        folder=root,
        variables=variables_for(address),
    )
    return python


def tried(python: Path, job: TrialJob, root: Path, tell: Told) -> dict[str, Any]:
    """What has come of the job in another environment. Raises PackageError if it ended early."""
    with _started(python, root) as process:
        assert process.stdin is not None and process.stdout is not None  # asked for below
        with suppress(BrokenPipeError):
            process.stdin.write(job.model_dump_json() + "\n")
            process.stdin.flush()
        event: dict[str, Any] = {}
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step":
                tell(event)
    if event.get("event") == "finished":
        return event
    reason = event.get("reason") or f"it ended with exit code {process.returncode}"
    raise PackageError(f"The pipeline cannot be tried with the new versions: {reason}")


@contextmanager
def _started(python: Path, root: Path) -> Iterator[subprocess.Popen[str]]:
    """The process of a trial, which ends with the block, and all that it started."""
    hidden = ("VIRTUAL_ENV", "PYTHONHOME")
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    source = str(root / "src")
    paths = [source] if os.path.isdir(source) else []
    paths += filter(None, [inherited.get("PYTHONPATH")])
    process = subprocess.Popen(
        [python, "-P", "-m", "stepwell._updates._trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**inherited, "PYTHONPATH": os.pathsep.join(paths)},
        start_new_session=True,
    )
    try:
        with process:
            yield process
            assert process.stdin is not None  # asked for above
    finally:
        end_group(process)
