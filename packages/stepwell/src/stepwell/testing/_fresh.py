"""What a package does in a fresh interpreter: one imports it, then executes each of its steps.

The other process reads one JSON document and answers in JSON lines, one for the imports and one for
each job:

    {"path": [folders to import from], "targets": ["module:name", …], "jobs": [job, …]}

    {"problem": … or null, "modules": [what is imported by now], "said": {how: text}}
    {"problem": … or null, "modules": […], "outputs": {name: fingerprint}}
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stepwell._errors import StepwellError
from stepwell._installation._installed import GROUP
from stepwell._pipelines._failure import reason_of
from stepwell._protocol._signature import REPORTS
from stepwell._protocol._step import Step
from stepwell._storage._artifacts import Artifact, input_of
from stepwell._storage._store import Store
from stepwell._workers._job import Job, job_of
from stepwell._workers._standard_output import own_standard_output
from stepwell.testing._check import CheckFailed
from stepwell.testing._example import example_of, node_of
from stepwell.testing._listening import listening

_PATIENCE = 600.0


@dataclass(frozen=True)
class Answer:
    """What came of the imports, or of one step; the default is that there was no answer."""

    problem: str | None = "The interpreter ended, or hung, before it came to that."
    modules: frozenset[str] = frozenset()
    said: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Fresh:
    """The answers of a fresh interpreter, those of steps by class."""

    imports: Answer
    steps: Mapping[type[Step], Answer]


@cache
def fresh(targets: tuple[str, ...], steps: tuple[type[Step], ...]) -> Fresh:
    """Import `targets`, then execute the example of every step, as a worker would."""
    with TemporaryDirectory(prefix="stepwell-", ignore_cleanup_errors=True) as folder:
        jobs, refused = _jobs(steps, Store(Path(folder) / "store"))
        request = {"path": sys.path, "targets": targets, "jobs": list(jobs.values())}
        answers = [*_answers(request, Path(folder)), *[Answer()] * (len(jobs) + 1)]
    executed = dict(zip(jobs, answers[1:], strict=False))  # as many as there are jobs
    return Fresh(answers[0], executed | refused)


def _jobs(
    steps: tuple[type[Step], ...], store: Store
) -> tuple[dict[type[Step], Any], dict[type[Step], Answer]]:
    """The jobs of the examples as JSON, and for the others why there is none."""
    jobs: dict[type[Step], Any] = {}
    refused = {}
    for step in steps:
        try:
            jobs[step] = _job(step, store).model_dump(mode="json")
        except (CheckFailed, StepwellError) as error:
            refused[step] = Answer(str(error))
    return jobs, refused


def _job(step: type[Step], store: Store) -> Job:
    configured, inputs = example_of(step)
    node = node_of(configured)
    artifacts: dict[str, Artifact | None] = {}
    for name, wanted in node.signature.inputs.items():
        given = inputs.get(name)
        if name in inputs:
            artifacts[name] = None if given is None else input_of(wanted.kind, given, name)
    for artifact in filter(None, artifacts.values()):
        artifact.put(store)
    return job_of(node, "check", "check", store.url, artifacts, inputs.get(REPORTS))


def _answers(request: dict[str, Any], folder: Path) -> list[Answer]:
    code = "from stepwell.testing._fresh import main; main()"
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            text=True,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return []
    return [
        Answer(**{**answer, "modules": frozenset(answer["modules"])})
        for answer in map(json.loads, done.stdout.splitlines())
    ]


# in the fresh interpreter


def main() -> None:
    """Answer the request on standard input."""
    events = own_standard_output()

    def answer(**said: Any) -> None:
        events.write(json.dumps({**said, "modules": sorted(sys.modules)}) + "\n")
        events.flush()

    request = json.loads(sys.stdin.read())
    sys.path[:] = request["path"]
    with listening() as said:
        problem = _import(request["targets"])
    answer(problem=problem, said=said.texts)
    for job in request["jobs"]:
        answer(**_execute(Job.model_validate(job)))


def _import(targets: list[str]) -> str | None:
    for target in targets:
        try:
            EntryPoint("", target, GROUP).load()
        except (Exception, SystemExit) as error:  # whatever a package does when it is imported
            return f"{target} cannot be imported: {reason_of(error)}."
    return None


def _execute(job: Job) -> dict[str, Any]:
    from stepwell.worker import execute

    try:
        outputs = execute(job, lambda event: None)
    except (Exception, SystemExit) as error:  # whatever a step raises
        return {"problem": reason_of(error), "outputs": {}}
    return {"problem": None, "outputs": {n: made["fingerprint"] for n, made in outputs.items()}}
