"""The execution of a pipeline: a walk over its nodes, step by step, in this process."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stepwell import _cache
from stepwell._artifacts import Artifact, artifact_of, fingerprint_of
from stepwell._code import Code, code_of
from stepwell._context import Running, running_as
from stepwell._dataset import Dataset
from stepwell._errors import (
    ContractError,
    CorruptedError,
    DataError,
    StepwellError,
    StoreError,
    listed,
)
from stepwell._events import (
    Announcer,
    RunFinished,
    RunStarted,
    RunStatus,
    StepFinished,
    StepProgressed,
    StepStarted,
    StepState,
)
from stepwell._function_step import FunctionStep
from stepwell._model import Model
from stepwell._record import RecordWriter
from stepwell._report import Report
from stepwell._run import Run, StepRun
from stepwell._store import Store
from stepwell._wiring import Node, Source


@dataclass(frozen=True)
class Options:
    """How a pipeline is executed."""

    store: Store | None
    cache: bool
    start_from: str | None
    announcer: Announcer


class Execution:
    """One execution of a pipeline, from its inputs to its `Run`."""

    def __init__(
        self, name: str, nodes: tuple[Node, ...], inputs: Mapping[str, Artifact], options: Options
    ) -> None:
        self._name = name
        self._nodes = nodes
        self._inputs = inputs
        self._options = options
        self._store = options.store
        self._by_name = {node.name: node for node in nodes}
        self._done: dict[str, StepRun] = {}
        self._codes: dict[type, Code] = {}
        self._record = RecordWriter(name, options.store)
        self._fresh = self._steps_not_from_cache()
        self._consumers = _consumers(nodes)

    def run(self) -> Run:
        """Execute every step that can be executed, write the record, and return the run."""
        tell = self._options.announcer.tell
        tell(RunStarted(self._record.run_id, self._name, tuple(node.name for node in self._nodes)))
        self._record.open()
        cancelled = False
        for node in self._nodes:
            if cancelled:
                done = StepRun(node.name, "cancelled", reason="the run was cancelled")
            else:
                done = self._step(node)
                cancelled = done.state == "cancelled"
            self._done[node.name] = done
            self._release(node)
            tell(_finished(self._record.run_id, done))
        run = self._finish()
        tell(RunFinished(run))
        return run

    def _finish(self) -> Run:
        steps = tuple(self._done.values())
        artifacts = dict(self._inputs)
        for node in self._nodes:
            for output, artifact in self._done[node.name].outputs.items():
                artifacts[node.artifacts[output]] = artifact
        status = _status(steps)
        record, head = self._record.close(status, self._nodes, steps, self._codes, self._inputs)
        return Run(
            id=self._record.run_id,
            pipeline=self._name,
            status=status,
            steps=steps,
            artifacts=artifacts,
            record=record,
            store=self._store,
            head=head,
        )

    def planned(self) -> list[StepRun | None]:
        """For each step what the cache has of it; None for a step that would be executed."""
        found: list[StepRun | None] = []
        for node in self._nodes:
            known = all(s.step is None or s.step in self._done for s in node.sources.values())
            done = self._from_cache(node) if known and not node.signature.judge else None
            if done is not None:
                self._done[node.name] = done
            found.append(done)
        return found

    # one step

    def _step(self, node: Node) -> StepRun:
        obstacle = self._obstacle(node)
        if obstacle is not None:
            return StepRun(node.name, obstacle[0], reason=obstacle[1])
        started = time.perf_counter()
        try:
            done = self._from_cache(node) or self._execute(node)
        except KeyboardInterrupt as error:
            done = StepRun(node.name, "cancelled", reason="it was interrupted", exception=error)
        except Exception as error:  # whatever a step raises ends that step, not the run
            done = StepRun(node.name, "failed", reason=_reason(error), exception=error)
        done.seconds = time.perf_counter() - started
        done.peak_memory = _peak_memory()
        return done

    def _obstacle(self, node: Node) -> tuple[StepState, str] | None:
        """Why a step cannot run; judges always run."""
        if node.signature.judge:
            return None
        for source in node.sources.values():
            closed = self._closed(source)
            if closed is not None:
                return closed
        if node.step.effects:
            for done in self._done.values():
                if done.verdict == "failed":
                    return "blocked", f"{done.name} failed"
        return None

    def _closed(self, source: Source) -> tuple[StepState, str] | None:
        """Why an output cannot be used: its step did not run, or its report failed."""
        if source.step is None:
            return None
        done = self._done[source.step]
        if done.state in ("failed", "skipped", "cancelled"):
            return "skipped", f"{done.name} {done.state}"
        if done.state == "blocked":
            return "blocked", done.reason or f"{done.name} was blocked"
        kind = self._by_name[source.step].signature.outputs[source.output].kind
        if done.verdict == "failed" and kind != "report":
            return "blocked", f"{done.name} failed"
        return None

    def _from_cache(self, node: Node) -> StepRun | None:
        key = self._key(node)
        if (
            key is None
            or self._store is None
            or not self._options.cache
            or node.name in self._fresh
        ):
            return None
        hit = _cache.look_up(self._store, key, node)
        if hit is None:
            return None
        try:
            reports = _reports(node, hit.outputs)
        except StepwellError:
            return None
        done = StepRun(
            node.name, "cached", cached_from=hit.run_id, outputs=hit.outputs, reports=reports
        )
        done.inputs = self._fingerprints(node)
        done.rows = _rows(hit.outputs)
        return done

    def _execute(self, node: Node) -> StepRun:
        self._options.announcer.tell(StepStarted(self._record.run_id, node.name))
        inputs = self._open_inputs(node)
        returned = self._call(node, inputs)
        outputs = self._outputs(node, returned, inputs)
        reports = _reports(node, outputs)
        self._keep(node, outputs)
        done = StepRun(node.name, "succeeded", outputs=outputs, reports=reports)
        done.inputs = self._fingerprints(node)
        done.rows = _rows(outputs)
        done.uncacheable = self._code(node).uncacheable
        return done

    def _call(self, node: Node, inputs: dict[str, Any]) -> Any:
        live = {name: value for name, value in self._models(node).items() if name in inputs}
        before = {name: model.state_digest() for name, model in live.items()}
        current = Running(self._record.run_id, node.name, self._store, self._progress(node))
        with running_as(current):
            for attempt in range(node.placed.retries + 1):
                try:
                    returned = node.step.run(**inputs)
                    break
                except Exception:
                    if attempt == node.placed.retries:
                        raise
        for name, model in live.items():
            if before[name] is not None and model.state_digest() != before[name]:
                raise ContractError(
                    f"Step {node.name!r} changed its input {name!r}; inputs are never changed.",
                    hint="Work on a copy: sklearn.base.clone or copy.deepcopy.",
                )
        return returned

    def _progress(self, node: Node) -> Any:
        def report(done: float, total: float | None, message: str) -> None:
            event = StepProgressed(self._record.run_id, node.name, done, total, message)
            self._options.announcer.tell(event)

        return report

    # artifacts

    def _artifact(self, source: Source) -> Artifact:
        if source.step is None:
            return self._inputs[source.output]
        return self._done[source.step].outputs[source.output]

    def _open_inputs(self, node: Node) -> dict[str, Any]:
        opened: dict[str, Any] = {}
        for name, source in node.sources.items():
            wanted = node.signature.inputs[name]
            if node.signature.judge and self._closed(source) is not None:
                if wanted.required:
                    opened[name] = None
                continue
            opened[name] = self._open(node, name, source)
            if opened[name] is None and not wanted.nullable:
                raise DataError(
                    f"Step {node.name!r} needs {name!r}, which step {source.step!r} left out."
                )
        if node.signature.judge:
            opened["reports"] = list(self._reports_before(node))
        return opened

    def _open(self, node: Node, name: str, source: Source) -> Any:
        wanted = node.signature.inputs[name]
        try:
            return self._artifact(source).as_input(wanted, f"step {node.name!r}")
        except (CorruptedError, StoreError):
            if source.step is None or self._done[source.step].state != "cached":
                raise
            self._recompute(self._by_name[source.step])
            return self._artifact(source).as_input(wanted, f"step {node.name!r}")

    def _recompute(self, node: Node) -> None:
        """Execute a step whose cached outputs turned out to be damaged or gone."""
        assert self._store is not None  # only stored outputs can be damaged
        for artifact in self._done[node.name].outputs.values():
            if artifact.fingerprint is not None:
                self._store.discard(artifact.fingerprint, artifact.kind)
        self._done[node.name] = self._execute(node)

    def _models(self, node: Node) -> dict[str, Model]:
        """The models that a step takes and that are loaded already, by input."""
        found = {}
        for name, source in node.sources.items():
            if node.signature.inputs[name].kind == "model" and self._closed(source) is None:
                value = self._artifact(source).value
                if isinstance(value, Model):
                    found[name] = value
        return found

    def _outputs(self, node: Node, returned: Any, inputs: dict[str, Any]) -> dict[str, Artifact]:
        where = f"Step {node.name!r}"
        expected = node.signature.returns
        if expected is not None and not isinstance(returned, expected):
            raise ContractError(
                f"{where} declares to return {expected.__name__} with "
                f"{', '.join(node.signature.outputs)}; it returned a {type(returned).__name__}."
            )
        values = node.signature.outputs_of(returned)
        outputs = {
            name: artifact_of(output, values[name], where)
            for name, output in node.signature.outputs.items()
        }
        for name, artifact in outputs.items():
            if artifact.kind == "dataset" and not artifact.absent:
                artifact.value = self._with_roles(node, name, artifact.value, values[name])
            if artifact.kind == "report" and not artifact.absent:
                artifact.value = artifact.value.model_copy(update={"step": node.name})
        return outputs

    def _with_roles(self, node: Node, output: str, dataset: Dataset, returned: Any) -> Dataset:
        """A bare frame gets the roles of what it was made from; nothing protected may vanish."""
        before = self._dataset_before(node, output)
        new_roles = node.step.new_roles if isinstance(node.step, FunctionStep) else {}
        if before is not None:
            if not isinstance(returned, Dataset):
                dataset = before.with_data(dataset, roles=new_roles, dropped=node.step.drops)
            gone = set(before.missing_protected(dataset)) - set(node.step.drops)
            if gone:
                raise ContractError(
                    f"Step {node.name!r} lost the protected columns {listed(sorted(gone))} without "
                    "saying so.",
                    hint=f"If that is meant, write @step(drops={sorted(gone)}).",
                )
            return dataset
        return dataset.with_roles(new_roles) if new_roles else dataset

    def _dataset_before(self, node: Node, output: str) -> Dataset | None:
        """The dataset that an output was made from: its namesake, else the only one taken."""
        taken = {
            name: self._artifact(source).in_memory()
            for name, source in node.sources.items()
            if node.signature.inputs[name].kind == "dataset" and not self._artifact(source).absent
        }
        if output in taken:
            return taken[output]  # type: ignore[no-any-return]  # datasets by their kind
        return next(iter(taken.values())) if len(taken) == 1 else None

    def _keep(self, node: Node, outputs: dict[str, Artifact]) -> None:
        if self._store is None:
            for artifact in outputs.values():
                if isinstance(artifact.value, Dataset):
                    artifact.value.to_polars()  # read a lazy one now, not once for each later step
            return
        kin = [
            value
            for source in node.sources.values()
            if self._closed(source) is None
            and isinstance(value := self._artifact(source).value, Dataset)
        ]
        for artifact in outputs.values():
            artifact.put(self._store, kin)
        key = self._key(node)
        if key is not None:
            _cache.remember(self._store, key, outputs, self._record.run_id, self._code(node))

    def _release(self, node: Node) -> None:
        """Forget values in memory that no later step takes."""
        for source in [*node.sources.values(), *(Source(node.name, n) for n in node.artifacts)]:
            if source.step is not None and self._consumers.get(source) in (None, node.name):
                artifact = self._done[source.step].outputs.get(source.output)
                if artifact is not None:
                    artifact.release()

    # keys and reports

    def _code(self, node: Node) -> Code:
        class_ = type(node.step)
        if class_ not in self._codes:
            self._codes[class_] = code_of(class_)
        return self._codes[class_]

    def _key(self, node: Node) -> str | None:
        if self._store is None:
            return None
        extra: list[Any] = [node.name]
        if node.signature.judge:
            extra += [report.model_dump(mode="json") for report in self._reports_before(node)]
        return _cache.cache_key(node.step, self._code(node), self._fingerprints(node), extra)

    def _fingerprints(self, node: Node) -> dict[str, str | None]:
        if self._store is None:
            return {}
        found = {}
        for name, source in node.sources.items():
            usable = self._closed(source) is None
            found[name] = fingerprint_of(self._artifact(source)) if usable else None
        return found

    def _reports_before(self, node: Node) -> Iterator[Report]:
        """Every earlier report, in order; one that could not be made is `missing`."""
        for earlier in self._nodes:
            if earlier.name == node.name:
                return
            made = self._done[earlier.name].reports
            for output in earlier.reports():
                artifact = earlier.artifacts[output]
                yield made.get(artifact) or Report(
                    step=earlier.name,
                    verdict="missing",
                    summary=self._done[earlier.name].reason or "it was not made",
                )

    def _steps_not_from_cache(self) -> set[str]:
        """The step to start from, and every step that depends on it."""
        fresh: set[str] = set()
        if self._options.start_from is None:
            return fresh
        for node in self._nodes:
            depends = any(source.step in fresh for source in node.sources.values())
            if node.name == self._options.start_from or depends:
                fresh.add(node.name)
        return fresh


def _consumers(nodes: tuple[Node, ...]) -> dict[Source, str]:
    """The last step that takes each output."""
    return {source: node.name for node in nodes for source in node.sources.values()}


def _reports(node: Node, outputs: Mapping[str, Artifact]) -> dict[str, Report]:
    return {
        node.artifacts[name]: outputs[name].in_memory()
        for name in node.reports()
        if not outputs[name].absent
    }


def _rows(outputs: Mapping[str, Artifact]) -> int | None:
    """The rows of the first dataset among the outputs, if that is known without work."""
    for artifact in outputs.values():
        if artifact.kind == "dataset" and not artifact.absent:
            return len(artifact.in_memory())
    return None


def _status(steps: tuple[StepRun, ...]) -> RunStatus:
    states = {step.state for step in steps}
    if "cancelled" in states:
        return "cancelled"
    if states & {"failed", "skipped"}:
        return "failed"
    if "blocked" in states or any(step.verdict == "failed" for step in steps):
        return "blocked"
    return "succeeded"


def _reason(error: Exception) -> str:
    """What went wrong, without a cell: of an error that is not ours, only its type and place."""
    if isinstance(error, StepwellError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where} (its message may quote data; --debug shows it)"


def _peak_memory() -> int | None:
    """The most memory that this process has used so far, in bytes."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _finished(run_id: str, done: StepRun) -> StepFinished:
    return StepFinished(
        run_id, done.name, done.state, done.seconds, done.rows, done.verdict, done.reason
    )
