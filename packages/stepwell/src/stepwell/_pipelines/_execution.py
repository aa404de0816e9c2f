"""The execution of a pipeline: a walk over its nodes, in this process or in worker processes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stepwell._code._code import import_path
from stepwell._digest import digest_json
from stepwell._pipelines._collector import collector_paused
from stepwell._pipelines._events import (
    Announcer,
    RunFinished,
    RunStarted,
    StepFinished,
)
from stepwell._pipelines._interrupts import Interrupts
from stepwell._pipelines._ledger import Ledger
from stepwell._pipelines._performer import Performer
from stepwell._pipelines._run import Run, StepRun
from stepwell._pipelines._schedule import Schedule, steps_from
from stepwell._pipelines._wiring import Node
from stepwell._protocol._step import configuration
from stepwell._records._journal import Allowed, Journal, Started, StartedStep
from stepwell._records._record import RecordWriter, new_run_id
from stepwell._storage._artifacts import Artifact
from stepwell._storage._store import Store

if TYPE_CHECKING:
    from stepwell._environments._prepared import Prepared

_MOMENT = 0.1  # seconds


@dataclass(frozen=True)
class Options:
    """How a pipeline is executed."""

    store: Store | None
    cache: bool
    start_from: str | None
    announcer: Announcer
    workers: int = 0
    resumed: Journal | None = None
    allow: Collection[Allowed] = ()
    environments: Mapping[str, Prepared] = field(default_factory=dict)


class Execution:
    """One execution of a pipeline, from its inputs to its `Run`."""

    def __init__(
        self, name: str, nodes: tuple[Node, ...], inputs: Mapping[str, Artifact], options: Options
    ) -> None:
        self._name = name
        self._options = options
        self._store = options.store
        self._ledger = Ledger(nodes, inputs)
        self._run_id = options.resumed.run_id if options.resumed is not None else new_run_id()
        self._journal = options.resumed or _journal_in(self._store, self._run_id)
        self._interrupts = Interrupts()
        self._performer = Performer(
            self._run_id,
            self._ledger,
            self._store,
            options.announcer,
            self._interrupts,
            pipeline=name,
            workers=options.workers,
            fresh=_fresh(nodes, options),
            journal=self._journal,
            environments=options.environments,
        )

    def run(self) -> Run:
        """Execute every step that can be executed, write the record, and return the run.

        Raises RunError if it resumes a run and cannot, StoreError if the store cannot be written,
        CorruptedError if no record can follow the last one.
        """
        with self._interrupts, collector_paused():
            return self._run()

    def _run(self) -> Run:
        tell = self._options.announcer.tell
        resumed = self._options.resumed
        started_at = resumed.started().started_at if resumed is not None else datetime.now(UTC)
        head = self._store.records.head() if self._store is not None else None
        if self._journal is not None:
            self._begin(self._journal, started_at)
        try:
            record = RecordWriter(self._name, self._run_id, started_at, self._store, head)
            tell(RunStarted(self._run_id, self._name, tuple(n.name for n in self._ledger.nodes)))
            self._walk()
            run = self._finish(record)
        finally:
            if self._journal is not None:
                self._journal.release()
        tell(RunFinished(run))
        return run

    def _begin(self, journal: Journal, started_at: datetime) -> None:
        started = self._started(started_at)
        if self._options.resumed is None:
            journal.begin(started)
        else:
            journal.take_up(started, self._options.allow)

    def _started(self, started_at: datetime) -> Started:
        return Started(
            pipeline=self._name,
            started_at=started_at,
            cache=self._options.cache,
            start_from=self._options.start_from,
            inputs={name: artifact.fingerprint for name, artifact in self._ledger.inputs.items()},
            steps=tuple(self._started_step(node) for node in self._ledger.nodes),
        )

    def _started_step(self, node: Node) -> StartedStep:
        code = self._performer.code(node)
        environment = self._options.environments.get(node.name)
        return StartedStep(
            name=node.name,
            step=import_path(node.step),
            package=code.package,
            version=code.version,
            code=code.digest,
            configuration=digest_json(configuration(node.step)),
            environment=environment.key if environment is not None else None,
        )

    def planned(self) -> list[StepRun | None]:
        """For each step what the cache has of it; None for a step that would be executed."""
        done = self._ledger.done
        for node in self._ledger.nodes:
            known = all(s.step is None or s.step in done for s in node.sources.values())
            asked = known and not node.signature.judge and not node.step.effects
            found = self._performer.from_cache(node) if asked else None
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
                elif self._performer.needs_process(node):
                    elsewhere[threads.submit(self._performer.perform, node)] = node
                else:
                    self._conclude(node, self._performer.perform(node), schedule)

    def _finished(self, elsewhere: dict[Future[StepRun], Node]) -> set[Future[StepRun]]:
        """Wait a moment for a step in a worker process to be done.

        Not for ever: where Polars is imported, an interrupt does not end a waiting for a lock.
        """
        try:
            with self._interrupts.allowed():
                return wait(elsewhere, timeout=_MOMENT, return_when=FIRST_COMPLETED).done
        except KeyboardInterrupt:
            self._performer.cancel()
            return set()

    def _conclude(self, node: Node, done: StepRun, schedule: Schedule) -> None:
        if done.state == "cancelled":
            self._performer.cancel()
        self._ledger.done[node.name] = done
        self._ledger.release(node)
        self._options.announcer.tell(_told(self._run_id, done))
        schedule.done(node)

    def _finish(self, writer: RecordWriter) -> Run:
        ledger, journal = self._ledger, self._journal
        steps = tuple(ledger.done[node.name] for node in ledger.nodes)
        status = ledger.status()
        resumed_at = journal.resumed_at() if journal and self._options.resumed else ()
        record, head = writer.write(
            status,
            ledger.nodes,
            steps,
            self._performer.codes,
            ledger.inputs,
            resumed_at,
            self._options.environments,
        )
        if journal is not None:
            journal.close()
        return Run(
            id=self._run_id,
            pipeline=self._name,
            status=status,
            steps=steps,
            artifacts=ledger.artifacts(),
            record=record,
            store=self._store,
            head=head,
        )


def _journal_in(store: Store | None, run_id: str) -> Journal | None:
    return Journal(store, run_id) if store is not None else None


def _fresh(nodes: tuple[Node, ...], options: Options) -> set[str]:
    """The steps that take nothing from the cache."""
    return steps_from(nodes, options.start_from) if options.cache else {n.name for n in nodes}


def _told(run_id: str, done: StepRun) -> StepFinished:
    return StepFinished(
        run_id, done.name, done.state, done.seconds, done.rows, done.verdict, done.reason
    )
