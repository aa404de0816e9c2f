"""Whether installed steps can be imported, found out in another process.

Whatever an import does there (raise, print, exit, hang, end the process), it does to itself alone.
The process reads one JSON document and answers each target with a JSON line:

    {"path": [folders to import from], "steps": [[name, package, version, target], …]}

    null, or what is wrong
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Timer

from stepwell._errors import ConfigurationError
from stepwell._installation._installed import InstalledStep
from stepwell._workers._standard_output import own_standard_output

PATIENCE = 20.0
"""Seconds that an import may take."""


def examined(steps: Sequence[InstalledStep], *, patience: float = PATIENCE) -> list[InstalledStep]:
    """The same steps with their health. A step that takes longer than `patience` is `slow`."""
    waiting = [step for step in steps if step.health == "not examined"]
    done: dict[InstalledStep, InstalledStep] = {}
    while len(done) < len(waiting):
        rest = waiting[len(done) :]
        answered = list(_answers(rest, patience))
        done |= dict(zip(rest, answered, strict=False))  # the first without an answer ended it
    return [done.get(step, step) for step in steps]


def _answers(steps: Sequence[InstalledStep], patience: float) -> Iterator[InstalledStep]:
    """The steps that one process could examine; the last of them may have ended it."""
    code = "from stepwell._installation._examination import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdin is not None and process.stdout is not None  # asked for above
        request = [[step.name, step.package, step.version, step.target] for step in steps]
        with suppress(BrokenPipeError):  # it ended early, which its answer will tell
            process.stdin.write(json.dumps({"path": sys.path, "steps": request}))
            process.stdin.close()
        for step in steps:
            timer = Timer(patience, process.kill)
            timer.start()
            line = process.stdout.readline()
            is_late = timer.finished.is_set()
            timer.cancel()
            yield _with_health(step, line, patience if is_late else None)
            if not line:
                return


def _with_health(step: InstalledStep, answer: str, waited: float | None) -> InstalledStep:
    if answer:
        problem = json.loads(answer)
        return replace(step, health="broken" if problem else "healthy", problem=problem)
    module = step.target.partition(":")[0]
    if waited is not None:
        return replace(
            step,
            health="slow",
            problem=f"Importing it takes longer than {waited:g} seconds; see why: "
            f'python -X importtime -c "import {module}".',
        )
    return replace(
        step,
        health="broken",
        problem=f'Importing it ends the process; see how: python -c "import {module}".',
    )


# in the other process


def main() -> None:
    """Answer the request on standard input."""
    answers = own_standard_output()
    request = json.loads(sys.stdin.read())
    sys.path[:] = request["path"]
    for step in request["steps"]:
        answers.write(json.dumps(_problem_of(InstalledStep(*step))) + "\n")
        answers.flush()


def _problem_of(step: InstalledStep) -> str | None:
    try:
        step.load()
    except ConfigurationError as error:
        return str(error)
    return None
