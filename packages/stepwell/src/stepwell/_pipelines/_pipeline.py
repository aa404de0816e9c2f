"""Pipelines: a list of steps, wired by artifact name and checked when it is built."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stepwell._errors import ConfigurationError, PipelineError, did_you_mean, listed
from stepwell._paths import checked_name
from stepwell._pipelines._events import Announcer, Observer
from stepwell._pipelines._wiring import Node, wire
from stepwell._protocol._context import is_loading
from stepwell._protocol._kinds import kind_of, without_none
from stepwell._protocol._place import Placed
from stepwell._protocol._step import Step, configuration
from stepwell._settings import settings
from stepwell._storage._artifacts import Artifact, input_of
from stepwell._storage._store import Store
from stepwell._workers._devices import visible_gpus

if TYPE_CHECKING:
    from stepwell._pipelines._execution import Options
    from stepwell._pipelines._plan import Plan
    from stepwell._pipelines._run import Run
    from stepwell._records._journal import Allowed

_OPTIONS = ("store", "cache", "observers", "start_from", "workers", "resume", "allow")


class Pipeline:
    """Steps that feed each other: an input takes the latest earlier output of its name.

    Everything is checked here, before anything runs: inputs that nothing produces, kinds that do
    not match, two producers of one name, unknown fields. `inputs` declares, by name and type, what
    the caller of `run` hands in.
    """

    def __init__(
        self, name: str, steps: Sequence[Step | Placed], *, inputs: Mapping[str, Any] | None = None
    ) -> None:
        self.name = checked_name(name, what="pipeline")
        self.inputs = dict(inputs or {})
        taken = sorted(set(self.inputs) & set(_OPTIONS))
        if taken:
            raise PipelineError(
                f"A pipeline cannot have an input {taken[0]!r}: run() has an option of that name."
            )
        if isinstance(steps, Step | Placed | str) or not isinstance(steps, Iterable):
            raise PipelineError(
                f"Pipeline {name!r} needs a list of steps, not a {type(steps).__name__}."
            )
        self.nodes: tuple[Node, ...] = wire(name, self.inputs, list(steps))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The configured steps, in order."""
        return tuple(node.step for node in self.nodes)

    def run(
        self,
        *,
        store: str | os.PathLike[str] | Store | bool | None = None,
        cache: bool = True,
        observers: Sequence[Observer] | None = None,
        start_from: str | None = None,
        workers: int = 0,
        resume: str | None = None,
        allow: Collection[Allowed] = (),
        **inputs: Any,
    ) -> Run:
        """Execute the pipeline and return its `Run`; never raises for what happens in a step.

        `store` is a path or URL (default: the project's setting; False keeps nothing).
        With `cache=False` every step is executed, with `start_from` that step and all that
        depend on it. `observers` replaces those of the project's settings. With `workers`, steps
        run in so many worker processes side by side.

        `resume` is the id of an interrupted run, or "last": it goes on where it was, with the
        options that it had, and no effect happens twice. Raises RunError if its code or inputs have
        changed, or if another process runs it, unless `allow` has "changes" or "takeover".
        """
        from stepwell._observers import configured_observers
        from stepwell._pipelines._execution import Execution, Options

        _refuse_while_loading(self.name)
        if start_from is not None:
            self.node(start_from)
        project = settings()
        chosen = _store(store, project.store)
        self._check_workers(chosen, workers)
        watching = configured_observers(project, chosen) if observers is None else observers
        options = Options(chosen, cache, start_from, Announcer(watching), workers)
        if resume is not None:
            options = self._resumed(options, resume, allow)
        given = self._given(inputs, chosen)
        options = self._with_environments(options, given)
        return Execution(self.name, self.nodes, given, options).run()

    def plan(
        self, *, store: str | os.PathLike[str] | Store | bool | None = None, cache: bool = True
    ) -> Plan:
        """What `run` would do, without running anything."""
        from stepwell._pipelines._plan import plan

        return plan(self, _store(store, settings().store), cache=cache)

    def node(self, name: str) -> Node:
        """The step of this name with its wiring. Raises PipelineError."""
        names = [node.name for node in self.nodes]
        if name not in names:
            raise PipelineError(
                f"Pipeline {self.name!r} has no step {name!r}.",
                hint=f"{did_you_mean(name, names)} Steps: {listed(names)}.".strip(),
            )
        return self.nodes[names.index(name)]

    def with_fields(self, values: Mapping[str, Any]) -> Pipeline:
        """The same pipeline with other fields: `{"train.seed": 1}`. Raises ConfigurationError."""
        changes: dict[str, dict[str, Any]] = {}
        for path, value in values.items():
            step, dot, name = path.partition(".")
            if not dot or not name:
                raise ConfigurationError(
                    f"{path!r} names no field.", hint="Write step.field=value."
                )
            changes.setdefault(self.node(step).name, {})[name] = value
        steps = [
            replace(node.placed, step=_changed(node.step, changes.get(node.name, {})))
            for node in self.nodes
        ]
        return Pipeline(self.name, steps, inputs=self.inputs)

    def _check_workers(self, store: Store | None, workers: int) -> None:
        if workers < 0:
            raise ConfigurationError(
                f"workers={workers}: the number of processes cannot be negative."
            )
        limited = [node.name for node in self.nodes if node.placed.needs_process]
        if store is None and (workers or limited):
            has = "a limit or an environment"
            why = f"Step {limited[0]!r} has {has}" if limited else f"workers={workers}"
            raise ConfigurationError(
                f"{why}: worker processes hand over their results in a store, and there is none.",
                hint="Leave out store=False.",
            )

        for node in self.nodes:
            asked = node.placed.resources.gpus if node.placed.resources is not None else None
            if asked and asked > len(visible_gpus()):
                raise ConfigurationError(
                    f"Step {node.name!r} asks for {asked} graphics processors; this machine shows "
                    f"{len(visible_gpus())}."
                )

    def _resumed(self, options: Options, wanted: str, allow: Collection[Allowed]) -> Options:
        """The options that an interrupted run had, and its journal."""
        from stepwell._records._resume import unfinished

        if options.store is None:
            raise ConfigurationError("A run without a store cannot be resumed.")
        journal = unfinished(options.store, self.name, wanted)
        before = journal.started()
        return replace(
            options,
            cache=before.cache,
            start_from=before.start_from,
            resumed=journal,
            allow=tuple(allow),
        )

    def _with_environments(self, options: Options, given: dict[str, Artifact]) -> Options:
        """The options with the environments of the steps, made unless the cache has the outputs."""
        if options.store is None or not any(node.placed.environment for node in self.nodes):
            return options
        from stepwell._environments._prepared import prepared
        from stepwell._pipelines._execution import Execution

        environments = prepared(self.nodes, options.store, resolve=True)
        options = replace(options, environments=environments)
        if not all(one.is_made for one in environments.values()):
            cached = Execution(self.name, self.nodes, given, options).planned()
            for node, done in zip(self.nodes, cached, strict=True):
                if done is None and node.name in environments:
                    environments[node.name].interpreter()
        for one in environments.values():
            one.check()
        return options

    def _given(self, inputs: Mapping[str, Any], store: Store | None) -> dict[str, Artifact]:
        for name in self.inputs:
            if name not in inputs:
                raise PipelineError(
                    f"Pipeline {self.name!r} needs the input {name!r}.",
                    hint=f"Write run({name}=...).",
                )
        artifacts = {}
        for name, value in inputs.items():
            if name not in self.inputs:
                known = [*self.inputs, *_OPTIONS]
                raise PipelineError(
                    f"Pipeline {self.name!r} has no input {name!r}.",
                    hint=f"{did_you_mean(name, known)} Inputs: {listed(self.inputs)}.".strip(),
                )
            artifacts[name] = input_of(kind_of(without_none(self.inputs[name])[0]), value, name)
            if store is not None:
                artifacts[name].put(store)
        return artifacts

    def __repr__(self) -> str:
        return f"Pipeline({self.name!r}, {[node.name for node in self.nodes]})"


def _refuse_while_loading(name: str) -> None:
    """A worker that imports a step would run the pipeline, whose workers would run it again."""
    if is_loading():
        raise PipelineError(
            f"Pipeline {name!r} is run by the import of its file, which a worker process needs "
            "for a step.",
            hint='Put the call of run below: if __name__ == "__main__":',
        )


def _changed(step: Step, fields: Mapping[str, Any]) -> Step:
    return type(step)(**{**configuration(step), **fields}) if fields else step


def _store(given: str | os.PathLike[str] | Store | bool | None, default: str) -> Store | None:
    if given is False:
        return None
    if isinstance(given, Store):
        return given
    return Store(default if given is None or given is True else given)
