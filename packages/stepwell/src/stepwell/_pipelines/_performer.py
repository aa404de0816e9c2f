"""How one step gets done: from before, in this process, or in a worker process."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from stepwell._code._code import Code, code_of
from stepwell._data._dataset import Dataset
from stepwell._errors import ContractError, DataError, StepwellError, StoreError, listed
from stepwell._pipelines._collector import collector_resumed
from stepwell._pipelines._events import Announcer, StepProgressed, StepStarted, StepState
from stepwell._pipelines._failure import reason_of, tried
from stepwell._pipelines._interrupts import Interrupts
from stepwell._pipelines._ledger import Ledger
from stepwell._pipelines._outputs import origins_of, outputs_of, reports_of, rows_of
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node
from stepwell._protocol._context import Running, running_as
from stepwell._protocol._step import Step
from stepwell._records import _cache
from stepwell._records._journal import Journal
from stepwell._storage._artifacts import Artifact
from stepwell._storage._store import Store
from stepwell._workers._job import job_of
from stepwell._workers._processes import Processes, WorkerError

if TYPE_CHECKING:
    from stepwell._environments._prepared import Prepared


class Performer:
    """Gets the steps of one run done, one at a time or from several threads.

    `fresh` says which steps take nothing from the cache but what this run itself put there;
    with a `journal`, effects are noted in it, and those that it has are not repeated.
    """

    def __init__(
        self,
        run_id: str,
        ledger: Ledger,
        store: Store | None,
        announcer: Announcer,
        interrupts: Interrupts,
        *,
        pipeline: str,
        workers: int = 0,
        fresh: Collection[str] = (),
        journal: Journal | None = None,
        environments: Mapping[str, Prepared] | None = None,
    ) -> None:
        self.codes: dict[type, Code] = {}
        self._run_id = run_id
        self._pipeline = pipeline
        self._ledger = ledger
        self._store = store
        self._announcer = announcer
        self._interrupts = interrupts
        self._workers = workers
        self._fresh = fresh
        self._journal = journal
        self._environments = environments or {}
        self._processes = Processes()
        self._cancelled = False

    def cancel(self) -> None:
        """End what runs in worker processes; steps that are performed from now on are cancelled."""
        self._cancelled = True
        self._processes.stop()

    def perform(self, node: Node) -> StepRun:
        """What has come of a step; never raises for what happens in it."""
        if self._cancelled:
            return StepRun(node.name, "cancelled", reason="the run was cancelled")
        obstacle = self._ledger.obstacle(node)
        if obstacle is not None:
            return StepRun(node.name, obstacle[0], reason=obstacle[1])
        started = time.perf_counter()
        try:
            with self._interrupts.allowed():
                key = self._key(node)
                done = self._from_before(node, key) or self._execute(node, key)
        except KeyboardInterrupt as error:
            done = StepRun(node.name, "cancelled", reason="it was interrupted", exception=error)
        except Exception as error:  # whatever a step raises ends that step, not the run
            done = StepRun(node.name, self._state(), reason=reason_of(error), exception=error)
        done.seconds = time.perf_counter() - started
        done.peak_memory = _peak_memory()
        return done

    def _state(self) -> StepState:
        """The state of a step that raised: a worker that was ended by us has not failed."""
        return "cancelled" if self._cancelled else "failed"

    # what was done before

    def from_cache(self, node: Node) -> StepRun | None:
        """What the cache has of a step without effects."""
        return self._from_cache(node, self._key(node))

    def _from_before(self, node: Node, key: str | None) -> StepRun | None:
        """What this run, before it was interrupted, or the cache has of a step."""
        return self._from_journal(node, key) if node.step.effects else self._from_cache(node, key)

    def _from_journal(self, node: Node, key: str | None) -> StepRun | None:
        if self._journal is None or key is None:
            return None
        outputs = self._journal.effect(node.name, key)
        return self._done(node, outputs) if outputs is not None else None

    def _from_cache(self, node: Node, key: str | None) -> StepRun | None:
        if self._store is None or key is None or self.code(node).digest is None:
            return None
        hit = _cache.look_up(self._store, key, node)
        is_own = hit is not None and hit.run_id == self._run_id
        if hit is None or (node.name in self._fresh and not is_own):
            return None
        try:
            done = self._done(node, hit.outputs)
        except StepwellError:  # a damaged report: execute the step again
            return None
        if not is_own:
            done.state, done.cached_from = "cached", hit.run_id
        return done

    def _key(self, node: Node) -> str | None:
        """What stands for the execution of a step; None where nothing is kept of it."""
        if self._store is None:
            return None
        extra: list[Any] = [node.name]
        if node.placed.environment is not None:
            if node.name not in self._environments:  # what it would run with is not resolved yet
                return None
            extra.append({"environment": self._environments[node.name].key})
        if node.signature.judge:
            reports = self._ledger.reports_before(node)
            extra += [report.model_dump(mode="json") for report in reports]
        fingerprints = self._ledger.fingerprints(node)
        with running_as(self._running(node)):  # what the step reads outside may be in this store
            return _cache.execution_key(node.step, self.code(node), fingerprints, extra)

    def _running(self, node: Node) -> Running:
        return Running(self._run_id, self._pipeline, node.name, self._store, self._progress(node))

    def code(self, node: Node) -> Code:
        """The code of a step, which is looked at once."""
        class_ = type(node.step)
        if class_ not in self.codes:
            self.codes[class_] = code_of(class_)
        return self.codes[class_]

    # by executing it

    def _execute(self, node: Node, key: str | None) -> StepRun:
        self._announcer.tell(StepStarted(self._run_id, node.name))
        try:
            outputs = self._outputs(node)
        except (StoreError, WorkerError):
            if not self._mend_inputs(node):
                raise
            key, outputs = self._key(node), self._outputs(node)
        self._keep(node, outputs, key)
        return self._done(node, outputs)

    def _outputs(self, node: Node) -> dict[str, Artifact]:
        if self.needs_process(node):
            return self._in_worker(node)
        returned = self._call(node)
        return outputs_of(node, returned, self._ledger.datasets(node))

    def needs_process(self, node: Node) -> bool:
        """Whether a step is performed in a worker process."""
        return self._workers > 0 or node.placed.needs_process

    def _in_worker(self, node: Node) -> dict[str, Artifact]:
        """The outputs of a step that a worker process executes; they are in the store already."""
        assert self._store is not None  # `Pipeline.run` has seen to it
        usable = dict(self._ledger.usable(node))
        inputs = {
            name: usable.get(name)
            for name in node.sources
            if name in usable or node.signature.inputs[name].required
        }
        reports = list(self._ledger.reports_before(node)) if node.signature.judge else None
        job = job_of(node, self._run_id, self._pipeline, self._store.url, inputs, reports)
        environment = self._environments.get(node.name)
        interpreter = environment.interpreter() if environment is not None else None

        def attempt() -> dict[str, Any]:
            return self._processes.execute(
                job,
                timeout=node.placed.timeout,
                resources=node.placed.resources,
                progress=self._progress(node),
                interpreter=interpreter,
            )

        references = tried(attempt, retries=node.placed.retries)
        _check_outputs(node, references)
        return {
            name: Artifact(
                output.kind,
                fingerprint=references[name]["fingerprint"],
                store=self._store,
                absent=references[name]["fingerprint"] is None,
            )
            for name, output in node.signature.outputs.items()
        }

    def _done(self, node: Node, outputs: dict[str, Artifact]) -> StepRun:
        return StepRun(
            node.name,
            "succeeded",
            rows=rows_of(outputs),
            outputs=outputs,
            inputs=self._ledger.fingerprints(node) if self._store is not None else {},
            reports=reports_of(node, outputs),
            origins=origins_of(outputs.values()),
            uncacheable=self.code(node).uncacheable,
        )

    def _open_inputs(self, node: Node) -> dict[str, Any]:
        opened: dict[str, Any] = {}
        for name, source in node.sources.items():
            wanted = node.signature.inputs[name]
            if node.signature.judge and self._ledger.closed(source) is not None:
                if wanted.required:
                    opened[name] = None
                continue
            where = f"step {node.name!r}"
            opened[name] = self._ledger.artifact(source).as_input(wanted, where)
            if opened[name] is None and not wanted.nullable:
                raise DataError(
                    f"Step {node.name!r} needs {name!r}, which step {source.step!r} left out."
                )
        if node.signature.judge:
            opened["reports"] = list(self._ledger.reports_before(node))
        return opened

    def _mend_inputs(self, node: Node) -> bool:
        """Execute the steps again whose cached outputs are damaged or gone; False if none is."""
        sources = {source.step for source in node.sources.values() if source.step is not None}
        cached = [name for name in sources if self._ledger.done[name].state == "cached"]
        damaged = [name for name in cached if self._is_damaged(self._ledger.done[name])]
        for name in damaged:
            producer = self._ledger.node(name)
            self._ledger.done[name] = self._execute(producer, self._key(producer))
        return bool(damaged)

    def _is_damaged(self, done: StepRun) -> bool:
        assert self._store is not None  # what is cached is in a store
        stored = [(o.fingerprint, o.kind) for o in done.outputs.values() if o.fingerprint]
        damaged = [self._store.remove_damaged(*one) for one in stored]  # every one is looked at
        return any(damaged)

    def _call(self, node: Node) -> Any:
        """Run the step, as often as its placement allows, and see that it changed no model."""

        def attempt() -> Any:  # with inputs of its own: an earlier attempt may have changed a frame
            inputs = self._open_inputs(node)
            with collector_resumed():
                return node.step.run(**inputs)

        models = self._ledger.models(node)
        before = {name: model.state_digest() for name, model in models.items()}
        with running_as(self._running(node)):
            returned = tried(attempt, retries=node.placed.retries)
        for name, model in models.items():
            if before[name] is not None and model.state_digest() != before[name]:
                raise ContractError(
                    f"Step {node.name!r} changed its input {name!r}; inputs are never changed.",
                    hint="Work on a copy: sklearn.base.clone or copy.deepcopy.",
                )
        return returned

    def _progress(self, node: Node) -> Callable[[float, float | None, str], None]:
        def report(done: float, total: float | None, message: str) -> None:
            event = StepProgressed(self._run_id, node.name, done, total, message)
            self._announcer.tell(event)

        return report

    def _keep(self, node: Node, outputs: dict[str, Artifact], key: str | None) -> None:
        """Store the outputs, then the entry of the journal or of the cache that names them.

        There is no entry if what the step reads outside has changed since it began.
        """
        if self._store is None or self._journal is None or key is None:
            for artifact in outputs.values():
                if isinstance(artifact.value, Dataset) and artifact.value.is_lazy:
                    artifact.value.to_polars()  # read a lazy one now, not once for each later step
            return
        kin = list(self._ledger.datasets(node).values())
        if node.step.effects:
            with self._interrupts.held():
                for artifact in outputs.values():
                    artifact.put(self._store, kin)
                self._journal.note_effect(node.name, key, outputs)
            return
        for artifact in outputs.values():
            artifact.put(self._store, kin)
        if self.code(node).digest is not None and self._still_reads_the_same(node, key):
            _cache.remember(self._store, key, outputs, self._run_id, self.code(node))

    def _still_reads_the_same(self, node: Node, key: str) -> bool:
        reads_outside = type(node.step).external_state is not Step.external_state
        return not reads_outside or key == self._key(node)


def _check_outputs(node: Node, references: Mapping[str, Any]) -> None:
    """Refuse the outputs of another version of the step than the one that is installed here."""
    if set(references) != set(node.signature.outputs):
        raise ContractError(
            f"Step {node.name!r} gave {listed(references)} in its environment; as it is installed "
            f"here, it gives {listed(node.signature.outputs)}.",
            hint="Ask for the version that is installed here.",
        )


def _peak_memory() -> int | None:
    """The most memory that this process has used so far, in bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
