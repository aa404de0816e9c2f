"""The run record: one JSON document from which it can be told what led to what."""

from __future__ import annotations

import platform
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell._code._code import Code, import_path
from stepwell._code._packages import declared_versions, version_of
from stepwell._pipelines._events import RunStatus
from stepwell._pipelines._outputs import origins_of
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node
from stepwell._protocol._step import configuration
from stepwell._secrets import masked
from stepwell._storage._artifacts import Artifact
from stepwell._storage._chain import Head
from stepwell._storage._store import Store

if TYPE_CHECKING:
    from stepwell._environments._prepared import Prepared

FORMAT = "stepwell.record/1"


def new_run_id() -> str:
    """When the run starts, in UTC, and eight random digits."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


class RecordWriter:
    """Writes the record of a run when it ends, after `head` unless others were first.

    What git says is asked while it runs.
    """

    def __init__(
        self,
        pipeline: str,
        run_id: str,
        started_at: datetime,
        store: Store | None,
        head: Head | None,
    ) -> None:
        self._pipeline = pipeline
        self._run_id = run_id
        self._started_at = started_at
        self._store = store
        self._head = head
        self._git = _Git() if store is not None else None

    def write(
        self,
        status: RunStatus,
        nodes: tuple[Node, ...],
        steps: tuple[StepRun, ...],
        codes: Mapping[type, Code],
        inputs: Mapping[str, Artifact],
        resumed_at: Sequence[str],
        environments: Mapping[str, Prepared],
    ) -> tuple[dict[str, Any], Head | None]:
        """The record, and its place in the chain of records if there is a store."""
        finished = datetime.now(UTC)
        record = {
            "format": FORMAT,
            "run_id": self._run_id,
            "pipeline": self._pipeline,
            "status": status,
            "started_at": self._started_at.isoformat(),
            "resumed_at": list(resumed_at),
            "finished_at": finished.isoformat(),
            "seconds": round((finished - self._started_at).total_seconds(), 6),
            "git": self._git.state() if self._git is not None else None,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "packages": _packages(codes),
            "inputs": {name: artifact.fingerprint for name, artifact in inputs.items()},
            "origins": _origins(steps, inputs),
            "steps": [
                _step_record(node, step, codes.get(type(node.step)), environments.get(node.name))
                for node, step in zip(nodes, steps, strict=True)
            ],
            "reports": {
                name: report.model_dump(mode="json")
                for step in steps
                for name, report in step.reports.items()
            },
        }
        record = masked(record)
        if self._store is None:
            return record, None
        entry = self._store.records.append(record, head=self._head)
        return entry.document, Head(entry.number, entry.digest)


def _step_record(
    node: Node, step: StepRun, code: Code | None, environment: Prepared | None
) -> dict[str, Any]:
    return {
        "name": node.name,
        "step": import_path(node.step),
        "package": code.package if code else None,
        "version": code.version if code else None,
        "code": code.digest if code else None,
        "environment": environment.to_json() if environment is not None else None,
        "configuration": configuration(node.step),
        "state": step.state,
        "reason": step.reason,
        "cached_from": step.cached_from,
        "uncacheable": step.uncacheable,
        "inputs": {
            name: {
                "from": source.step,
                "output": source.output,
                "fingerprint": step.inputs.get(name),
            }
            for name, source in node.sources.items()
        },
        "outputs": {
            name: {
                "artifact": node.artifacts[name],
                "kind": artifact.kind,
                "fingerprint": artifact.fingerprint,
            }
            for name, artifact in step.outputs.items()
        },
        "rows": step.rows,
        "verdict": step.verdict,
        "seconds": round(step.seconds, 6),
        "peak_memory": step.peak_memory,
    }


def _origins(
    steps: Sequence[StepRun], inputs: Mapping[str, Artifact]
) -> dict[str, list[dict[str, Any]]]:
    """Which catalogued datasets the datasets of a run come from, by fingerprint."""
    known = origins_of(inputs.values())
    for step in steps:
        known |= step.origins
    return known


def _packages(codes: Mapping[type, Code]) -> dict[str, str | None]:
    """The packages of the steps and what they declare to need, with versions."""
    versions = {"stepwell": version_of("stepwell")}
    for code in codes.values():
        if code.package is not None:
            versions |= {code.package: code.version, **declared_versions(code.package)}
    return dict(sorted(versions.items()))


class _Git:
    """Asks git for commit and changes while the pipeline runs."""

    def __init__(self) -> None:
        self._commit = _start("rev-parse", "HEAD")
        self._changes = _start("status", "--porcelain", "--untracked-files=no")

    def state(self) -> dict[str, Any] | None:
        """The commit and whether files differ from it; None outside of a repository."""
        commit, changes = _output(self._commit), _output(self._changes)
        return None if commit is None else {"commit": commit.strip(), "dirty": bool(changes)}


def _start(*arguments: str) -> subprocess.Popen[str] | None:
    if not any((folder / ".git").exists() for folder in (Path.cwd(), *Path.cwd().parents)):
        return None
    try:
        return subprocess.Popen(
            ["git", *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError:
        return None


def _output(process: subprocess.Popen[str] | None) -> str | None:
    if process is None:
        return None
    try:
        output, _ = process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    return output if process.returncode == 0 else None
