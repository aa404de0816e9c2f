"""Whether a pipeline still fits when packages of its steps have other contracts.

Nothing of the new packages is imported: the fields that the pipeline sets and the artifacts that
pass between its steps are held against what the contracts say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import NormalizedName, canonicalize_name

from stepwell._code._packages import distribution_of
from stepwell._contract import PackageContract, Port, StepContract
from stepwell._contract._words import in_words
from stepwell._pipelines._pipeline import Pipeline
from stepwell._pipelines._wiring import Node
from stepwell._protocol._kinds import kind_of, without_none
from stepwell._protocol._signature import REPORT
from stepwell._protocol._step import configuration, title
from stepwell._updates._values import takes


@dataclass(frozen=True)
class Offered:
    """The contract of a release that may replace what is installed."""

    package: str
    version: str
    contract: PackageContract

    def __str__(self) -> str:
        return f"{self.package} {self.version}"


@dataclass(frozen=True)
class Misfit:
    """Why a pipeline does not fit: at which step of it, and the field or artifact it is about."""

    step: str
    name: str
    message: str


@dataclass(frozen=True)
class _Artifact:
    kind: str
    by: str


def misfits(pipeline: Pipeline, offers: Sequence[Offered]) -> list[Misfit]:
    """What of a pipeline does not fit the contracts that are offered; nothing if all of it does."""
    by_package = {canonicalize_name(offer.package): offer for offer in offers}
    available = {
        name: _Artifact(kind_of(without_none(annotation)[0]), "the caller")
        for name, annotation in pipeline.inputs.items()
    }
    lost: dict[str, Offered] = {}
    found: list[Misfit] = []
    for node in pipeline.nodes:
        package = package_of(node)
        offer = by_package.get(package) if package else None
        step = _step_in(offer, node) if offer else None
        if offer and step is None:
            found.append(Misfit(node.name, node.name, f"{offer} has no step {title(node.step)!r}"))
        if offer and step:
            found += _of_fields(node, step, offer)
        found += _of_inputs(node, step, offer, available, lost)
        outputs = _outputs(node, step)
        if offer and step:
            found += _of_outputs(node, step, offer, available, outputs)
        lost |= {name: offer for name in node.artifacts.values() if offer and name not in outputs}
        available |= outputs
    return found


def package_of(node: Node) -> NormalizedName | None:
    """The canonical name of the package that a step comes from; None for one of the project."""
    distribution = distribution_of(type(node.step).__module__.partition(".")[0])
    return canonicalize_name(distribution.name) if distribution else None


def _step_in(offer: Offered, node: Node) -> StepContract | None:
    names = {step.name: step for step in offer.contract.steps.values()}
    return names.get(title(node.step))


def _of_fields(node: Node, step: StepContract, offer: Offered) -> Iterator[Misfit]:
    """What of the fields that the pipeline sets is gone, refused or not enough."""
    schema = step.configuration
    fields, definitions = schema.get("properties", {}), schema.get("$defs", {})
    told = configuration(node.step)
    given = {name: told[name] for name in told if name in node.step.model_fields_set}
    for name, value in given.items():
        if name not in fields:
            yield Misfit(node.name, name, f"{offer} removes the field {name!r}")
        elif not takes(fields[name], value, definitions):
            wanted = in_words(fields[name], definitions)
            yield Misfit(
                node.name,
                name,
                f"{offer} does not take what the field {name!r} is set to; it takes {wanted}",
            )
    for name in schema.get("required", ()):
        if name not in given:
            yield Misfit(node.name, name, f"{offer} requires the field {name!r}, which is not set")


def _of_inputs(
    node: Node,
    step: StepContract | None,
    offer: Offered | None,
    available: Mapping[str, _Artifact],
    lost: Mapping[str, Offered],
) -> Iterator[Misfit]:
    """Which inputs nothing produces any more, or something of another kind."""
    ports = _inputs(node, step)
    for name in node.placed.inputs:
        if name not in ports and offer:
            yield Misfit(node.name, name, f"{offer} removes the input {name!r}")
    for name, port in ports.items():
        artifact = node.placed.inputs.get(name, name)
        found = available.get(artifact)
        if found is None and not port.optional:
            cause = lost.get(artifact)
            why = f"{cause} does not produce" if cause else "no earlier step produces"
            needs = f"{offer} needs" if offer and name not in node.signature.inputs else "it needs"
            yield Misfit(node.name, artifact, f"{needs} the input {artifact!r}, which {why}")
        elif found is not None and found.kind != port.kind:
            yield Misfit(
                node.name,
                artifact,
                f"{offer or 'it'} takes {artifact!r} as a {port.kind}, and {found.by} gives a "
                f"{found.kind}",
            )


def _of_outputs(
    node: Node,
    step: StepContract,
    offer: Offered,
    available: Mapping[str, _Artifact],
    outputs: Mapping[str, _Artifact],
) -> Iterator[Misfit]:
    """Which outputs are named and gone, or new and already produced by another step."""
    for name in node.placed.outputs:
        if name not in step.outputs:
            yield Misfit(node.name, name, f"{offer} removes the output {name!r}")
    taken = {node.placed.inputs.get(name, name) for name in step.inputs}
    for artifact in outputs:
        if artifact in available and artifact not in taken | set(node.artifacts.values()):
            other = available[artifact].by
            message = f"{offer} produces {artifact!r}, which {other} has produced"
            yield Misfit(node.name, artifact, message)


def _inputs(node: Node, step: StepContract | None) -> Mapping[str, Port]:
    if step is not None:
        return step.inputs
    return {
        name: Port(wanted.kind, optional=not wanted.required)
        for name, wanted in node.signature.inputs.items()
    }


def _outputs(node: Node, step: StepContract | None) -> dict[str, _Artifact]:
    """The artifacts of a step, by the names that they have in the pipeline."""
    given = (
        {name: port.kind for name, port in step.outputs.items()}
        if step is not None
        else {name: output.kind for name, output in node.signature.outputs.items()}
    )
    named = {}
    for name, kind in given.items():
        natural = f"{node.name}_{REPORT}" if name == REPORT and kind == "report" else name
        named[node.placed.outputs.get(name, natural)] = _Artifact(kind, f"step {node.name!r}")
    return named
