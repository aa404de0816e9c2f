"""What a run would do: the graph, roles, new columns, and what the cache has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell._errors import ContractError
from stepwell._pipelines._events import Announcer
from stepwell._pipelines._execution import Execution, Options
from stepwell._pipelines._preview import Previews
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node, Source
from stepwell._secrets import masked
from stepwell._storage._store import Store

if TYPE_CHECKING:
    from stepwell._environments._prepared import Prepared
    from stepwell._pipelines._pipeline import Pipeline


@dataclass(frozen=True)
class PlannedEnvironment:
    """The environment of a step: what is asked for, what it was resolved to, whether it is made.

    `packages` are None for one that was not resolved yet.
    """

    requirements: tuple[str, ...]
    python: str | None
    packages: dict[str, str | None] | None
    is_made: bool


@dataclass(frozen=True)
class PlannedStep:
    """A step as it would run.

    `inputs` says where each input comes from, `outputs` the names of the artifacts, `cached_from`
    the run that they would be taken from. `new_columns` are those that the datasets it makes have
    and those it takes have not, `roles` those of their columns; both are None where only the run
    can tell. `problem` says why the run would fail.
    """

    name: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    effects: bool
    judge: bool
    cached_from: str | None
    new_columns: tuple[str, ...] | None
    roles: dict[str, list[str]] | None
    problem: str | None
    environment: PlannedEnvironment | None = None


@dataclass(frozen=True)
class Plan:
    """What a run of a pipeline would do."""

    pipeline: str
    steps: tuple[PlannedStep, ...]

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON."""
        import dataclasses

        return dataclasses.asdict(self)


def plan(pipeline: Pipeline, store: Store | None, *, cache: bool) -> Plan:
    """The plan of `pipeline`: the cache is asked, and the steps what they make of empty tables."""
    environments = _environments(pipeline, store)
    options = Options(store, cache, None, Announcer([]), 0, environments=environments)
    found: list[StepRun | None] = [None] * len(pipeline.nodes)
    if not pipeline.inputs:
        found = Execution(pipeline.name, pipeline.nodes, {}, options).planned()
    previews = Previews()
    steps = [
        _planned(node, done, previews, environments.get(node.name))
        for node, done in zip(pipeline.nodes, found, strict=True)
    ]
    return Plan(pipeline.name, tuple(steps))


def _environments(pipeline: Pipeline, store: Store | None) -> dict[str, Prepared]:
    """The environments that are resolved: a plan resolves none."""
    if store is None or not any(node.placed.environment for node in pipeline.nodes):
        return {}
    from stepwell._environments._prepared import prepared

    return prepared(pipeline.nodes, store, resolve=False)


def _planned(
    node: Node, done: StepRun | None, previews: Previews, environment: Prepared | None
) -> PlannedStep:
    problem = _preview(node, done, previews)
    taken, made = previews.taken_by(node), previews.made_by(node)
    before = {column for data in taken.values() for column in data.columns}
    columns = dict.fromkeys(column for data in made.values() for column in data.columns)
    roles: dict[str, list[str]] = {
        c: list(data.roles.of(c)) for data in made.values() for c in data.roles
    }
    is_known = bool(made) or not _makes_datasets(node)
    return PlannedStep(
        name=node.name,
        inputs=tuple((name, _origin(source)) for name, source in node.sources.items()),
        outputs=tuple(node.artifacts.values()),
        effects=node.step.effects,
        judge=node.signature.judge,
        cached_from=done.cached_from if done is not None else None,
        new_columns=tuple(c for c in columns if taken and c not in before) if is_known else None,
        roles=roles if is_known else None,
        problem=problem,
        environment=_planned_environment(node, environment),
    )


def _planned_environment(node: Node, found: Prepared | None) -> PlannedEnvironment | None:
    asked = node.placed.environment
    if asked is None:
        return None
    return PlannedEnvironment(
        requirements=tuple(masked(list(asked.requirements))),
        python=asked.python,
        packages=found.locked.packages if found is not None else None,
        is_made=found is not None and found.is_made,
    )


def _preview(node: Node, done: StepRun | None, previews: Previews) -> str | None:
    """Find out what the datasets of a step look like; returns why it would fail."""
    if done is not None:
        previews.add_cached(node, done)
        return None
    try:
        previews.add_previewed(node)
    except ContractError as error:
        return str(error)
    return None


def _makes_datasets(node: Node) -> bool:
    return any(output.kind == "dataset" for output in node.signature.outputs.values())


def _origin(source: Source) -> str:
    return f"{source.output} of {source.step}" if source.step else f"{source.output}, given"
