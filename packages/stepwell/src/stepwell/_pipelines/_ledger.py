"""The state of an execution: what every step so far has come to, and what may be used of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stepwell._data._dataset import Dataset
from stepwell._models._model import Model
from stepwell._pipelines._events import RunStatus, StepState
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node, Source
from stepwell._protocol._report import Report
from stepwell._storage._artifacts import Artifact, fingerprint_of

Obstacle = tuple[StepState, str]
"""The state of a step that cannot run, and why."""


class Ledger:
    """The steps that are done, and the rules by which their outputs pass on.

    A failed report closes the other outputs of its step, and, like one that could not be made,
    every later step with effects that is no judge. A step that failed closes all of its outputs.
    Everything else goes on.
    """

    def __init__(self, nodes: tuple[Node, ...], inputs: Mapping[str, Artifact]) -> None:
        self.nodes = nodes
        self.inputs = inputs
        self.done: dict[str, StepRun] = {}
        self._by_name = {node.name: node for node in nodes}
        self._last_taken_by = {source: n.name for n in nodes for source in n.sources.values()}

    def node(self, name: str) -> Node:
        """The step of this name."""
        return self._by_name[name]

    def artifact(self, source: Source) -> Artifact:
        """The artifact that comes from `source`."""
        if source.step is None:
            return self.inputs[source.output]
        return self.done[source.step].outputs[source.output]

    def artifacts(self) -> dict[str, Artifact]:
        """All artifacts by name; of several of one name, the last."""
        found = dict(self.inputs)
        for node in self.nodes:
            for output, artifact in self.done[node.name].outputs.items():
                found[node.artifacts[output]] = artifact
        return found

    def obstacle(self, node: Node) -> Obstacle | None:
        """Why a step cannot run; judges always run."""
        if node.signature.judge:
            return None
        for source in node.sources.values():
            closed = self.closed(source)
            if closed is not None:
                return closed
        return self._unproven(node) if node.step.effects else None

    def _unproven(self, node: Node) -> Obstacle | None:
        """The first report before `node` that failed or could not be made."""
        for report in self.reports_before(node):
            if report.verdict in ("failed", "missing"):
                return "blocked", f"{report.step} {report.verdict}"
        return None

    def closed(self, source: Source) -> Obstacle | None:
        """Why an output cannot be used."""
        if source.step is None:
            return None
        done = self.done[source.step]
        if done.state in ("failed", "skipped", "cancelled"):
            return "skipped", f"{done.name} {done.state}"
        if done.state == "blocked":
            return "blocked", done.reason or f"{done.name} was blocked"
        kind = self._by_name[source.step].signature.outputs[source.output].kind
        if done.verdict == "failed" and kind != "report":
            return "blocked", f"{done.name} failed"
        return None

    def usable(self, node: Node) -> Iterator[tuple[str, Artifact]]:
        """The inputs of a step that exist, with their artifacts."""
        for name, source in node.sources.items():
            if self.closed(source) is None:
                yield name, self.artifact(source)

    def fingerprints(self, node: Node) -> dict[str, str | None]:
        """The fingerprints of all inputs of a step; None for what does not exist."""
        found = {name: fingerprint_of(artifact) for name, artifact in self.usable(node)}
        return {name: found.get(name) for name in node.sources}

    def datasets(self, node: Node) -> dict[str, Dataset]:
        """The datasets that a step takes, by input."""
        return {
            name: artifact.in_memory()
            for name, artifact in self.usable(node)
            if artifact.kind == "dataset" and not artifact.absent
        }

    def models(self, node: Node) -> dict[str, Model]:
        """The models in memory that a step takes, by input."""
        taken = {name: artifact.value for name, artifact in self.usable(node)}
        return {name: value for name, value in taken.items() if isinstance(value, Model)}

    def reports_before(self, node: Node) -> Iterator[Report]:
        """Every earlier report, in order; one that could not be made is `missing`."""
        for earlier in self.nodes:
            if earlier.name == node.name:
                return
            done = self.done[earlier.name]
            for output in earlier.reports():
                missing = done.reason or "it was not made"
                yield done.reports.get(earlier.artifacts[output]) or Report(
                    step=earlier.name, verdict="missing", summary=missing
                )

    def release(self, node: Node) -> None:
        """Forget the values in memory that no step after `node` takes, where the store has them."""
        sources = [*node.sources.values(), *(Source(node.name, name) for name in node.artifacts)]
        for source in sources:
            if source.step is None or self._last_taken_by.get(source) not in (None, node.name):
                continue
            artifact = self.done[source.step].outputs.get(source.output)
            if artifact is not None:
                artifact.release()

    def status(self) -> RunStatus:
        """What the run has come to."""
        states = {done.state for done in self.done.values()}
        if "cancelled" in states:
            return "cancelled"
        if states & {"failed", "skipped"}:
            return "failed"
        failed_report = any(done.verdict == "failed" for done in self.done.values())
        return "blocked" if "blocked" in states or failed_report else "succeeded"
