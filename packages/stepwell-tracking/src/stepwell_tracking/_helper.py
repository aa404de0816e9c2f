"""Helper processes: MLflow is imported there, and never in the process of a run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import IO

_NEVER_A_CONSOLE = getattr(subprocess, "CREATE_NO_WINDOW", 0)


def helper_command(module: str, *arguments: str) -> list[str]:
    """How to run `python -m module` so that no file of the current folder shadows a library."""
    return [sys.executable, "-P", "-W", "ignore", "-m", module, *arguments]


def helper_environment(*, store: str, uri: str | None) -> dict[str, str]:
    """The environment of a helper that works on this store and this MLflow.

    Addresses go this way because everybody can read the arguments of a process.
    """
    addresses = {"STEPWELL_STORE": store}
    if uri is not None:
        addresses["STEPWELL_TRACKING_URI"] = uri
    return {**os.environ, **addresses}


def start_detached(command: list[str], environment: dict[str, str], log: IO[bytes] | None) -> None:
    """Start a process that outlives this one, and do not wait for it."""
    output = subprocess.DEVNULL if log is None else log
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        creationflags=_NEVER_A_CONSOLE,
    )
    # a thread that waits leaves no zombie behind while this process lives
    threading.Thread(target=process.wait, name="stepwell-tracking", daemon=True).start()
