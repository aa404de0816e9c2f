"""Wiring: which step takes which output, found out and checked when a pipeline is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from stepwell._code._packages import distribution_of, version_of
from stepwell._errors import PipelineError, did_you_mean, listed
from stepwell._paths import twins
from stepwell._protocol._kinds import Kind, kind_of, without_none
from stepwell._protocol._place import Placed, place
from stepwell._protocol._signature import REPORT, Input, Output, Signature, signature_of
from stepwell._protocol._step import Step, title

PRODUCERS = {
    "data": ("Load", "stepwell"),
    "holdout": ("Split", "stepwell-train"),
    "model": ("Train", "stepwell-train"),
    "champion": ("Champion", "stepwell-deploy"),
    "predictions": ("Predict", "stepwell-predict"),
    "profile": ("Profile", "stepwell-monitor"),
}
"""Which well-known step makes an artifact that is often missing, and in which package it is."""


@dataclass(frozen=True)
class Source:
    """Where an artifact comes from: an output of a step; without one, an input of the pipeline."""

    step: str | None
    output: str


@dataclass(frozen=True)
class Node:
    """A step of a pipeline with everything that is known about it before it runs.

    `sources` says for each wired input where it comes from, `artifacts` under which name each
    output is known to later steps.
    """

    placed: Placed
    signature: Signature
    sources: Mapping[str, Source]
    artifacts: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name of the step in the pipeline."""
        return self.placed.name

    @property
    def step(self) -> Step:
        """The configured step."""
        return self.placed.step

    def reports(self) -> list[str]:
        """The outputs that are reports."""
        return [name for name, output in self.signature.outputs.items() if output.kind == "report"]


@dataclass(frozen=True)
class _Available:
    source: Source
    kind: Kind
    by: str


def wire(
    pipeline: str, inputs: Mapping[str, Any], steps: Sequence[Step | Placed]
) -> tuple[Node, ...]:
    """The nodes of a pipeline, in order. Raises PipelineError for anything that does not fit."""
    available = {
        name: _Available(Source(None, name), kind_of(without_none(annotation)[0]), "the pipeline")
        for name, annotation in inputs.items()
    }
    if not steps:
        raise PipelineError(
            f"Pipeline {pipeline!r} has no steps.",
            hint="Put steps into its list: [Load(...), ...].",
        )
    nodes: dict[str, Node] = {}
    for position, given in enumerate(steps, start=1):
        placed = _placed(pipeline, position, given)
        if placed.name in nodes:
            raise PipelineError(
                f"Pipeline {pipeline!r} has two steps named {placed.name!r}.",
                hint=f'Name one of them: place({title(placed.step)}(...), name="{placed.name}_2").',
            )
        _check_core(placed)
        node = _node(placed, available, later=steps[position:])
        nodes[placed.name] = node
        for output, artifact in node.artifacts.items():
            kind = node.signature.outputs[output].kind
            available[artifact] = _Available(Source(placed.name, output), kind, placed.name)
    for what, names in (("steps", list(nodes)), ("artifacts", list(available))):
        _refuse_twins(pipeline, what, names)
    return tuple(nodes.values())


def _refuse_twins(pipeline: str, what: str, names: Sequence[str]) -> None:
    """What is written down by name would be written over the other on some file systems."""
    same = twins(names)
    if same:
        raise PipelineError(
            f"Pipeline {pipeline!r} has {what} named {same[0]!r} and {same[1]!r}: one name "
            "for some systems.",
            hint="Name one of them otherwise, with place(...).",
        )


def _placed(pipeline: str, position: int, given: object) -> Placed:
    if isinstance(given, Placed):
        return given
    if isinstance(given, Step):
        return place(given)
    where = f"Step {position} of pipeline {pipeline!r}"
    if isinstance(given, type) and issubclass(given, Step):
        raise PipelineError(
            f"{where} is the class {given.__name__}.", hint=f"Write {given.__name__}(...)."
        )
    if type(given).__name__ == "StepFunction":
        name = getattr(given, "__name__", "")
        raise PipelineError(
            f"{where} is the function {name}, not configured.", hint=f"Write {name}()."
        )
    if callable(given):
        name = getattr(given, "__name__", type(given).__name__)
        raise PipelineError(
            f"{where} is {name!r}, which is no step.", hint="Put @step above the function."
        )
    raise PipelineError(
        f"{where} is a {type(given).__name__}, which is no step.",
        hint="Put its steps into the list with a star: *steps." if _is_list(given) else None,
    )


def _check_core(placed: Placed) -> None:
    """Refuse a step of a package that was made for another major version of core."""
    problem = _unfit_core(type(placed.step).__module__.partition(".")[0])
    if problem:
        raise PipelineError(f"Step {placed.name!r} does not fit this core.", hint=problem)


@cache
def _unfit_core(top_level: str) -> str | None:
    package = distribution_of(top_level) if top_level.startswith("stepwell_") else None
    if package is None:
        return None
    from stepwell._installation._installed import unfit_core  # it takes a moment to import

    return unfit_core(package)


def _is_list(given: object) -> bool:
    return isinstance(given, Iterable) and not isinstance(given, str)


def _node(placed: Placed, available: Mapping[str, _Available], *, later: Sequence[object]) -> Node:
    signature = signature_of(type(placed.step))
    _check_names(placed, placed.inputs, signature.inputs, "input")
    _check_names(placed, placed.outputs, signature.outputs, "output")
    sources = {}
    taken = set()
    for name, wanted in signature.inputs.items():
        artifact = placed.inputs.get(name, name)
        found = available.get(artifact)
        if found is None:
            if wanted.required or name in placed.inputs:
                raise _missing(placed, wanted, artifact, available, later)
            continue
        if found.kind != wanted.kind:
            raise PipelineError(
                f"Step {placed.name!r} takes {name!r} as a {wanted.kind}; {artifact!r} of "
                f"{found.by!r} is a {found.kind}.",
                hint=_rewire(placed, wanted, available),
            )
        sources[name] = found.source
        taken.add(artifact)
    _check_judge(placed, signature)
    artifacts = {
        name: _artifact_name(placed, name, output) for name, output in signature.outputs.items()
    }
    _check_outputs(placed, artifacts, taken, available)
    return Node(placed, signature, sources, artifacts)


def _check_judge(placed: Placed, signature: Signature) -> None:
    """A judge always runs, so whatever else it takes may be missing."""
    for wanted in signature.inputs.values() if signature.judge else ():
        if wanted.required and not wanted.nullable:
            raise PipelineError(
                f"Step {placed.name!r} takes every report, so it runs even if {wanted.name!r} "
                "could not be made.",
                hint=f"Annotate it with | None: {wanted.name}: {_shown(wanted.annotation)} | None.",
            )


def _shown(annotation: Any) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)


def _artifact_name(placed: Placed, name: str, output: Output) -> str:
    """Reports are named after their step, so that two checks do not collide."""
    natural = f"{placed.name}_{REPORT}" if name == REPORT and output.kind == "report" else name
    return placed.outputs.get(name, natural)


def _check_names(
    placed: Placed, given: Mapping[str, str], known: Mapping[str, Any], what: str
) -> None:
    for name in given:
        if name not in known:
            raise PipelineError(
                f"place({title(placed.step)}(...)) names the {what} {name!r}, which step "
                f"{placed.name!r} does not have.",
                hint=f"{did_you_mean(name, known)} Its {what}s: {listed(known)}.".strip(),
            )


def _check_outputs(
    placed: Placed,
    artifacts: Mapping[str, str],
    taken: set[str],
    available: Mapping[str, _Available],
) -> None:
    produced: dict[str, str] = {}
    for output, artifact in artifacts.items():
        if artifact in produced:
            raise PipelineError(
                f"Step {placed.name!r} calls two outputs {artifact!r}: {produced[artifact]!r} and "
                f"{output!r}."
            )
        produced[artifact] = output
        if artifact in available and artifact not in taken:
            other = available[artifact].by
            raise PipelineError(
                f"Step {placed.name!r} produces {artifact!r}, which {other!r} has produced, and "
                "does not take it.",
                hint=f'Call it otherwise: place({title(placed.step)}(...), outputs={{"{output}": '
                f'"{placed.name}_{output}"}}).',
            )


def _missing(
    placed: Placed,
    wanted: Input,
    artifact: str,
    available: Mapping[str, _Available],
    later: Sequence[object],
) -> PipelineError:
    alike = {name for name, found in available.items() if found.kind == wanted.kind}
    hints = [did_you_mean(artifact, available), f"Available: {listed(available)}."]
    producer = _later_producer(artifact, later)
    if producer is not None:
        hints.append(f"Step {producer!r} produces it: put it earlier in the list.")
    elif artifact in PRODUCERS:
        step, package = PRODUCERS[artifact]
        installed = version_of(package) is not None
        how = "put it earlier in the list" if installed else f"pip install {package}"
        hints.append(f"{step} of {package} produces it: {how}.")
    elif len(alike) == 1:
        hints.append(_rewire(placed, wanted, available))
    return PipelineError(
        f"Step {placed.name!r} needs input {artifact!r}, which no earlier step produces.",
        hint=" ".join(filter(None, hints)),
    )


def _later_producer(artifact: str, later: Sequence[object]) -> str | None:
    """The name of a later step that produces the artifact."""
    for given in later:
        placed = place(given) if isinstance(given, Step) else given
        if isinstance(placed, Placed):
            outputs = signature_of(type(placed.step)).outputs
            if artifact in (_artifact_name(placed, name, o) for name, o in outputs.items()):
                return placed.name
    return None


def _rewire(placed: Placed, wanted: Input, available: Mapping[str, _Available]) -> str:
    alike = [name for name, found in available.items() if found.kind == wanted.kind]
    if not alike:
        return f"No earlier step produces a {wanted.kind}."
    return f'Write place({title(placed.step)}(...), inputs={{"{wanted.name}": "{alike[-1]}"}}).'
