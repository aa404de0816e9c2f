"""The execution of a pipeline: a walk over its nodes, in this process or in worker processes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from stepwell import _cache
from stepwell._artifacts import Artifact
from stepwell._code import Code, code_of
from stepwell._context import Running, running_as
from stepwell._dataset import Dataset
from stepwell._errors import (
    ContractError,
    CorruptedError,
    DataError,
    StepwellError,
    StoreError,
)
from stepwell._events import (
    Announcer,
    RunFinished,
    RunStarted,
    StepFinished,
    StepProgressed,
    StepStarted,
    StepState,
)
from stepwell._failure import reason_of, tried
from stepwell._job import job_of
from stepwell._ledger import Ledger
from stepwell._outputs import outputs_of, reports_of, rows_of
from stepwell._processes import Processes
from stepwell._record import RecordWriter
from stepwell._run import Run, StepRun
from stepwell._schedule import Schedule, steps_from
from stepwell._store import Store
from stepwell._wiring import Node, Source

_MOMENT = 0.1  # seconds


@dataclass(frozen=True)
class Options:
    """How a pipeline is executed."""

    store: Store | None
    cache: bool
    start_from: str | None
    announcer: Announcer
    workers: int = 0


class Execution:
    """One execution of a pipeline, from its inputs to its `Run`."""

    def __init__(
        self, name: str, nodes: tuple[Node, ...], inputs: Mapping[str, Artifact], options: Options
    ) -> None:
        self._name = name
        self._ledger = Ledger(nodes, inputs)
        self._options = options
        self._store = options.store
        self._codes: dict[type, Code] = {}
        self._record = RecordWriter(name, options.store)
        self._fresh = steps_from(nodes, options.start_from)
        self._processes = Processes()
        self._cancelled = False

    def run(self) -> Run:
        """Execute every step that can be executed, write the record, and return the run."""
        ledger, tell = self._ledger, self._options.announcer.tell
        names = tuple(node.name for node in ledger.nodes)
        tell(RunStarted(self._record.run_id, self._name, names))
        self._record.open()
        self._walk()
        run = self._finish()
        tell(RunFinished(run))
        return run

    def planned(self) -> list[StepRun | None]:
        """For each step what the cache has of it; None for a step that would be executed."""
        done = self._ledger.done
        for node in self._ledger.nodes:
            known = all(s.step is None or s.step in done for s in node.sources.values())
            found = self._from_cache(node) if known and not node.signature.judge else None
            if found is not None:
                done[node.name] = found
        return [done.get(node.name) for node in self._ledger.nodes]

    def _walk(self) -> None:
        """Execute what is ready until nothing is left: here, one by one, or in worker processes."""
        schedule = Schedule(self._ledger.nodes)
        elsewhere: dict[Future[StepRun], Node] = {}
        with ThreadPoolExecutor(max(1, self._options.workers)) as threads:
            while schedule.is_active():
                node = schedule.next_ready()
                if node is None:
                    for future in self._finished(elsewhere):
                        self._conclude(elsewhere[future], future.result(), schedule)
                        del elsewhere[future]
                elif self._needs_process(node):
                    elsewhere[threads.submit(self._step, node)] = node
                else:
                    self._conclude(node, self._step(node), schedule)

    def _finished(self, elsewhere: dict[Future[StepRun], Node]) -> set[Future[StepRun]]:
        """Wait a moment for a step in a worker process to be done.

        Not for ever: where Polars is imported, an interrupt does not end a waiting for a lock.
        """
        try:
            return wait(elsewhere, timeout=_MOMENT, return_when=FIRST_COMPLETED).done
        except KeyboardInterrupt:
            self._cancel()
            return set()

    def _cancel(self) -> None:
        self._cancelled = True
        self._processes.stop()

    def _conclude(self, node: Node, done: StepRun, schedule: Schedule) -> None:
        if done.state == "cancelled":
            self._cancel()
        self._ledger.done[node.name] = done
        self._ledger.release(node)
        self._options.announcer.tell(_told(self._record.run_id, done))
        schedule.done(node)

    def _finish(self) -> Run:
        ledger = self._ledger
        steps = tuple(ledger.done[node.name] for node in ledger.nodes)
        status = ledger.status()
        record, head = self._record.close(status, ledger.nodes, steps, self._codes, ledger.inputs)
        return Run(
            id=self._record.run_id,
            pipeline=self._name,
            status=status,
            steps=steps,
            artifacts=ledger.artifacts(),
            record=record,
            store=self._store,
            head=head,
        )

    def _step(self, node: Node) -> StepRun:
        if self._cancelled:
            return StepRun(node.name, "cancelled", reason="the run was cancelled")
        obstacle = self._ledger.obstacle(node)
        if obstacle is not None:
            return StepRun(node.name, obstacle[0], reason=obstacle[1])
        started = time.perf_counter()
        try:
            done = self._from_cache(node) or self._execute(node)
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

    # from the cache

    def _from_cache(self, node: Node) -> StepRun | None:
        if self._store is None or not self._options.cache or node.name in self._fresh:
            return None
        key = self._key(node)
        hit = _cache.look_up(self._store, key, node) if key is not None else None
        if hit is None:
            return None
        try:
            done = self._done(node, hit.outputs)
        except StepwellError:  # a damaged report: execute the step again
            return None
        done.state, done.cached_from = "cached", hit.run_id
        return done

    def _key(self, node: Node) -> str | None:
        extra: list[Any] = [node.name]
        if node.signature.judge:
            reports = self._ledger.reports_before(node)
            extra += [report.model_dump(mode="json") for report in reports]
        fingerprints = self._ledger.fingerprints(node)
        with running_as(self._running(node)):  # what the step reads outside may be in this store
            return _cache.cache_key(node.step, self._code(node), fingerprints, extra)

    def _running(self, node: Node) -> Running:
        return Running(self._record.run_id, node.name, self._store, self._progress(node))

    def _code(self, node: Node) -> Code:
        class_ = type(node.step)
        if class_ not in self._codes:
            self._codes[class_] = code_of(class_)
        return self._codes[class_]

    # by executing it

    def _execute(self, node: Node) -> StepRun:
        self._options.announcer.tell(StepStarted(self._record.run_id, node.name))
        key = self._key(node) if self._store is not None else None
        if self._needs_process(node):
            outputs = self._in_worker(node)
        else:
            returned = self._call(node)
            outputs = outputs_of(node, returned, self._ledger.datasets(node))
        self._keep(node, outputs, key)
        done = self._done(node, outputs)
        done.uncacheable = self._code(node).uncacheable
        return done

    def _needs_process(self, node: Node) -> bool:
        return self._options.workers > 0 or node.placed.needs_process

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
        job = job_of(node, self._record.run_id, self._store.url, inputs, reports)
        references = self._processes.execute(
            job, timeout=node.placed.timeout, progress=self._progress(node)
        )
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
        )

    def _open_inputs(self, node: Node) -> dict[str, Any]:
        opened: dict[str, Any] = {}
        for name, source in node.sources.items():
            wanted = node.signature.inputs[name]
            if node.signature.judge and self._ledger.closed(source) is not None:
                if wanted.required:
                    opened[name] = None
                continue
            opened[name] = self._open(node, name, source)
            if opened[name] is None and not wanted.nullable:
                raise DataError(
                    f"Step {node.name!r} needs {name!r}, which step {source.step!r} left out."
                )
        if node.signature.judge:
            opened["reports"] = list(self._ledger.reports_before(node))
        return opened

    def _open(self, node: Node, name: str, source: Source) -> Any:
        wanted, where = node.signature.inputs[name], f"step {node.name!r}"
        try:
            return self._ledger.artifact(source).as_input(wanted, where)
        except (CorruptedError, StoreError):
            if source.step is None or self._ledger.done[source.step].state != "cached":
                raise
            self._recompute(self._ledger.node(source.step))
            return self._ledger.artifact(source).as_input(wanted, where)

    def _recompute(self, node: Node) -> None:
        """Execute a step whose cached outputs turned out to be damaged or gone."""
        assert self._store is not None  # only stored outputs can be damaged
        for artifact in self._ledger.done[node.name].outputs.values():
            if artifact.fingerprint is not None:
                self._store.discard(artifact.fingerprint, artifact.kind)
        self._ledger.done[node.name] = self._execute(node)

    def _call(self, node: Node) -> Any:
        """Run the step, as often as its placement allows, and see that it changed no model."""

        def attempt() -> Any:  # with inputs of its own: an earlier attempt may have changed a frame
            return node.step.run(**self._open_inputs(node))

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
            event = StepProgressed(self._record.run_id, node.name, done, total, message)
            self._options.announcer.tell(event)

        return report

    def _keep(self, node: Node, outputs: dict[str, Artifact], key: str | None) -> None:
        """Store the outputs, then the cache entry that names them.

        There is no entry if what the step reads outside has changed since it began.
        """
        if self._store is None:
            for artifact in outputs.values():
                if isinstance(artifact.value, Dataset):
                    artifact.value.to_polars()  # read a lazy one now, not once for each later step
            return
        kin = list(self._ledger.datasets(node).values())
        for artifact in outputs.values():
            artifact.put(self._store, kin)
        if key is not None and key == self._key(node):
            _cache.remember(self._store, key, outputs, self._record.run_id, self._code(node))


def _peak_memory() -> int | None:
    """The most memory that this process has used so far, in bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _told(run_id: str, done: StepRun) -> StepFinished:
    return StepFinished(
        run_id, done.name, done.state, done.seconds, done.rows, done.verdict, done.reason
    )
