"""A run: what one execution of a pipeline did, and its record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stepwell._errors import RunError, StoreError, did_you_mean, listed
from stepwell._pipelines._events import RunStatus, StepState
from stepwell._protocol._report import Report, Verdict
from stepwell._storage._artifacts import Artifact
from stepwell._storage._chain import Head
from stepwell._storage._store import Store


@dataclass
class StepRun:
    """What happened to one step of a run."""

    name: str
    state: StepState
    seconds: float = 0.0
    rows: int | None = None
    reason: str | None = None
    cached_from: str | None = None
    outputs: dict[str, Artifact] = field(default_factory=dict)
    inputs: dict[str, str | None] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    origins: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    peak_memory: int | None = None
    uncacheable: str | None = None
    exception: BaseException | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict of the step's report; the worst of several, None without one."""
        order: tuple[Verdict, ...] = ("passed", "warned", "failed", "missing")
        return max(
            (report.verdict for report in self.reports.values()), key=order.index, default=None
        )


class Run(Mapping[str, Any]):
    """One execution of a pipeline: its status, its artifacts by name, its reports and record.

    `run["model"]` is the artifact `model` as the last step that produced it left it. `status` is
    `succeeded`, `blocked` (a report failed), `failed` (a step raised) or `cancelled`.
    """

    def __init__(
        self,
        *,
        id: str,
        pipeline: str,
        status: RunStatus,
        steps: tuple[StepRun, ...],
        artifacts: Mapping[str, Artifact],
        record: dict[str, Any],
        store: Store | None,
        head: Head | None,
    ) -> None:
        self.id = id
        self.pipeline = pipeline
        self.status = status
        self.steps = steps
        self.record = record
        self.store = store
        self.head = head
        self._artifacts = artifacts

    def __getitem__(self, name: str) -> Any:
        if name not in self._artifacts:
            near = did_you_mean(name, self._artifacts)
            raise KeyError(
                f"Run {self.id} has no artifact {name!r}. {near} It has: {listed(self)}."
            )
        return self._artifacts[name].in_memory()

    def __iter__(self) -> Iterator[str]:
        return iter(self._artifacts)

    def __len__(self) -> int:
        return len(self._artifacts)

    def step(self, name: str) -> StepRun:
        """What happened to the step of this name."""
        for step in self.steps:
            if step.name == name:
                return step
        names = [step.name for step in self.steps]
        raise KeyError(f"Run {self.id} has no step {name!r}. {did_you_mean(name, names)}")

    @property
    def reports(self) -> dict[str, Report]:
        """All reports by artifact name, in the order of the steps."""
        return {name: report for step in self.steps for name, report in step.reports.items()}

    def fingerprint(self, name: str) -> str | None:
        """The fingerprint of an artifact, as the record has it. Raises StoreError."""
        artifact = self._artifacts[name]
        if artifact.fingerprint is None and not artifact.absent:
            raise StoreError("A run without a store has no fingerprints.")
        return artifact.fingerprint

    def raise_for_status(self) -> None:
        """Raise RunError, with the first reason, unless the run succeeded."""
        if self.status == "succeeded":
            return
        for step in self.steps:
            if step.exception is not None:
                raise RunError(f"Run {self.id} {self.status}: {step.reason}") from step.exception
        failed = [name for name, report in self.reports.items() if report.verdict == "failed"]
        raise RunError(f"Run {self.id} was {self.status} by {listed(failed)}.")

    def __repr__(self) -> str:
        return f"Run({self.id}, {self.pipeline}, {self.status}, {len(self.steps)} steps)"
