"""A pipeline executed again from where its packages differ from those of an earlier run."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell._errors import PipelineError
from stepwell._pipelines._events import Announcer
from stepwell._pipelines._interrupts import Interrupts
from stepwell._pipelines._ledger import Ledger
from stepwell._pipelines._outputs import reports_of
from stepwell._pipelines._performer import Performer
from stepwell._pipelines._pipeline import Pipeline
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node
from stepwell._protocol._step import configuration
from stepwell._records._journal import Journal
from stepwell._records._record import new_run_id
from stepwell._secrets import masked
from stepwell._storage._artifacts import Artifact, blobs_of
from stepwell._storage._store import Store

if TYPE_CHECKING:
    from stepwell._environments._prepared import Prepared

_DONE = ("succeeded", "cached")
_EFFECTS = "it has effects on the outside world"
_READS_OTHER = "what it reads has changed since the last run"


class Rerun:
    """The steps of a pipeline, each kept as the earlier run left it, or executed anew.

    A step is kept if its code, configuration and inputs are those of that run. One with effects is
    never executed, nor one that reads something else now than it did then; `sources` are those
    that do not.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        record: Mapping[str, Any],
        stored: Store,
        scratch: Store,
        sources: Collection[str],
    ) -> None:
        self._pipeline, self._record = pipeline, record
        self._stored, self._scratch, self._sources = stored, scratch, sources
        self._before = {step["name"]: step for step in record["steps"]}
        self._ledger = Ledger(pipeline.nodes, self._inputs())
        run_id = new_run_id()
        self._performer = Performer(
            run_id,
            self._ledger,
            scratch,
            Announcer([]),
            Interrupts(),
            pipeline=pipeline.name,
            journal=Journal(scratch, run_id),
            environments=self._environments(),
        )
        self.done: list[dict[str, Any]] = []

    def steps(self) -> Iterator[dict[str, Any]]:
        """Execute what has to be, step by step; what each has come to."""
        for model in self._stored.files.names("decisions"):
            self._copy(f"decisions/{model}")
        for node in self._pipeline.nodes:
            why = self._why_kept(node)
            done = self._perform(node) if why is None else self._kept(node, why)
            self._ledger.done[node.name] = done
            told = {
                "name": node.name,
                "state": done.state if why is None else "kept",
                "reason": done.reason,
                "verdict": done.verdict,
            }
            self.done.append(told)
            yield told

    def reports(self) -> dict[str, Any]:
        """Every report by artifact name, as JSON."""
        return {
            name: report.model_dump(mode="json")
            for done in self._ledger.done.values()
            for name, report in done.reports.items()
        }

    def _why_kept(self, node: Node) -> str | None:
        """Why a step is not executed: nothing to say of one that would do the same again."""
        if node.step.effects:
            return _EFFECTS
        before = self._before.get(node.name)
        if before is None or before["state"] not in _DONE:
            return None
        if self._is_unchanged(node, before):
            return ""
        is_source = not node.sources and not node.signature.judge
        return _READS_OTHER if is_source and node.name not in self._sources else None

    def _is_unchanged(self, node: Node, before: Mapping[str, Any]) -> bool:
        code = self._performer.code(node).digest
        inputs = {name: one["fingerprint"] for name, one in before["inputs"].items()}
        return (
            code is not None
            and code == before["code"]
            and masked(configuration(node.step)) == before["configuration"]
            and self._ledger.fingerprints(node) == inputs
            and (not node.signature.judge or self._sees_the_same(node))
        )

    def _sees_the_same(self, node: Node) -> bool:
        """Whether every report before a judge is as it was."""
        known = self._record["reports"]
        earlier = self._pipeline.nodes[: self._pipeline.nodes.index(node)]
        now = {n: r for one in earlier for n, r in self._ledger.done[one.name].reports.items()}
        then = {name: known[name] for one in earlier for name in _reports(one) if name in known}
        return {name: report.model_dump(mode="json") for name, report in now.items()} == then

    def _kept(self, node: Node, why: str) -> StepRun:
        """A step as the earlier run left it."""
        before = self._before.get(node.name)
        if before is None or before["state"] not in _DONE:
            return StepRun(node.name, "skipped", reason=why)
        outputs = {
            name: self._artifact(before["outputs"].get(name), output.kind)
            for name, output in node.signature.outputs.items()
        }
        done = StepRun(node.name, "cached", reason=why or None, outputs=outputs)
        done.reports = reports_of(node, outputs)
        return done

    def _perform(self, node: Node) -> StepRun:
        for _, artifact in self._ledger.usable(node):
            self._borrow(artifact)
        return self._performer.perform(node)

    def _inputs(self) -> dict[str, Artifact]:
        given = self._record["inputs"]
        missing = sorted(set(self._pipeline.inputs) - set(given))
        if missing:
            raise PipelineError(f"The earlier run was not given the input {missing[0]!r}.")
        kinds = {
            source.output: node.signature.inputs[name].kind
            for node in self._pipeline.nodes
            for name, source in node.sources.items()
            if source.step is None
        }
        return {
            name: Artifact(kinds[name], fingerprint=given[name], store=self._stored)
            for name in kinds
        }

    def _environments(self) -> dict[str, Prepared]:
        """The environments of steps that have their own, as the store has resolved them.

        One that is another with the new packages is resolved now.
        """
        if all(node.placed.environment is None for node in self._pipeline.nodes):
            return {}
        from stepwell._environments._locks import FOLDER, locks
        from stepwell._environments._prepared import prepared

        self._copy(FOLDER)
        for lock in locks(self._stored):
            self._bring(lock)
        return prepared(self._pipeline.nodes, self._scratch, resolve=True)

    def _artifact(self, output: Mapping[str, Any] | None, kind: Any) -> Artifact:
        fingerprint = output["fingerprint"] if output is not None else None
        if fingerprint is None:
            return Artifact(kind, absent=True)
        return Artifact(kind, fingerprint=fingerprint, store=self._stored)

    def _borrow(self, artifact: Artifact) -> None:
        """Bring what the store has of an artifact into the scratch store."""
        if artifact.store is not self._stored or artifact.fingerprint is None:
            return
        for blob in blobs_of(self._stored, artifact.fingerprint, artifact.kind):
            self._bring(blob)
        artifact.store, artifact.value = self._scratch, None

    def _bring(self, blob: str) -> None:
        """Bring a blob of the store into the scratch store, by a link if that can be."""
        if not self._scratch.has_blob(blob) and not self._link(blob):
            self._scratch.put_blob(self._stored.blob(blob))

    def _link(self, blob: str) -> bool:
        if self._stored.folder is None or self._scratch.folder is None:
            return False
        place = Path("blobs", blob[:2], blob[2:])
        target = Path(self._scratch.folder, place)
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # another disk, or one without links
            os.link(Path(self._stored.folder, place), target)
            return True
        return False

    def _copy(self, folder: str) -> None:
        """What steps read of a folder of the scratch store is what the store has there."""
        for entry in self._stored.files.names(folder):
            name = f"{folder}/{entry}"
            self._scratch.files.write(name, self._stored.files.read(name))


def _reports(node: Node) -> list[str]:
    return [node.artifacts[output] for output in node.reports()]
