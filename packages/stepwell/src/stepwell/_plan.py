"""What a run would do: the graph, roles, new columns, and what the cache has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell._dataset import Dataset
from stepwell._events import Announcer
from stepwell._execution import Execution, Options
from stepwell._run import StepRun
from stepwell._store import Store
from stepwell._wiring import Node

if TYPE_CHECKING:
    from stepwell._pipeline import Pipeline


@dataclass(frozen=True)
class PlannedStep:
    """A step as it would run.

    `inputs` says where each input comes from, `outputs` the names of the artifacts, `cached_from`
    the run that they would be taken from. `new_columns` and `roles` are known for cached
    steps only.
    """

    name: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    effects: bool
    judge: bool
    cached_from: str | None
    new_columns: tuple[str, ...]
    roles: dict[str, list[str]]


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
    """The plan of `pipeline`: nothing is executed, only the cache is asked."""
    options = Options(store, cache, None, Announcer([]), 0)
    found: list[StepRun | None] = [None] * len(pipeline.nodes)
    if not pipeline.inputs:
        found = Execution(pipeline.name, pipeline.nodes, {}, options).planned()
    columns: dict[str, tuple[str, ...]] = {}
    steps = []
    for node, done in zip(pipeline.nodes, found, strict=True):
        steps.append(_planned(node, done, columns))
    return Plan(pipeline.name, tuple(steps))


def _planned(node: Node, done: StepRun | None, columns: dict[str, tuple[str, ...]]) -> PlannedStep:
    new: list[str] = []
    roles: dict[str, list[str]] = {}
    for output, artifact in node.artifacts.items():
        dataset = _dataset(done, output)
        if dataset is not None:
            before = columns.get(artifact)
            new += (
                [] if before is None else [name for name in dataset.columns if name not in before]
            )
            columns[artifact] = dataset.columns
            roles |= {column: list(dataset.roles.of(column)) for column in dataset.roles}
    return PlannedStep(
        name=node.name,
        inputs=tuple(
            (
                name,
                f"{source.output} of {source.step}" if source.step else f"{source.output}, given",
            )
            for name, source in node.sources.items()
        ),
        outputs=tuple(node.artifacts.values()),
        effects=node.step.effects,
        judge=node.signature.judge,
        cached_from=done.cached_from if done is not None else None,
        new_columns=tuple(new),
        roles=roles,
    )


def _dataset(done: StepRun | None, output: str) -> Dataset | None:
    artifact = done.outputs.get(output) if done is not None else None
    if artifact is None or artifact.kind != "dataset" or artifact.absent:
        return None
    value = artifact.in_memory()
    assert isinstance(value, Dataset)  # by its kind
    return value
