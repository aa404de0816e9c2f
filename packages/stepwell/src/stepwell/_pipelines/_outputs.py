"""What a step returned, held against what it declares, with the roles that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stepwell._data._dataset import Dataset
from stepwell._data._inheritance import with_inherited_roles
from stepwell._data._roles import Roles
from stepwell._errors import ContractError, listed
from stepwell._pipelines._wiring import Node
from stepwell._protocol._function_step import FunctionStep
from stepwell._protocol._report import Report
from stepwell._storage._artifacts import Artifact, artifact_of


def outputs_of(node: Node, returned: Any, taken: Mapping[str, Dataset]) -> dict[str, Artifact]:
    """The outputs of a step by name; `taken` are the datasets that it was given.

    Raises ContractError for an output of another kind, and for a protected column that was lost.
    """
    where = f"Step {node.name!r}"
    expected = node.signature.returns
    if expected is not None and not isinstance(returned, expected):
        raise ContractError(
            f"{where} declares to return {expected.__name__} with "
            f"{listed(node.signature.outputs)}; it returned a {type(returned).__name__}."
        )
    values = node.signature.outputs_of(returned)
    outputs = {}
    for name, output in node.signature.outputs.items():
        artifact = artifact_of(output, values[name], where)
        if isinstance(artifact.value, Dataset):
            artifact.value = with_roles(node, name, artifact.value, taken)
        elif isinstance(artifact.value, Report):
            artifact.value = artifact.value.model_copy(update={"step": node.name})
        outputs[name] = artifact
    return outputs


def with_roles(node: Node, output: str, made: Any, taken: Mapping[str, Dataset]) -> Dataset:
    """A dataset that a step made, with its roles. Raises ContractError for what it lost."""
    declared = Roles(node.step.new_roles if isinstance(node.step, FunctionStep) else {})
    dataset = Dataset.of(made)
    datasets = [o for o in node.signature.outputs.values() if o.kind == "dataset"]
    if len(datasets) > 1:  # a role belongs to those outputs that have its column
        declared = declared.only(dataset.columns)
    where, origins = f"Step {node.name!r}", _origins(output, taken)
    known = with_inherited_roles(where, node.step, dataset, origins, declared)
    return known.with_origins(entry for origin in origins for entry in origin.origins)


def reports_of(node: Node, outputs: Mapping[str, Artifact]) -> dict[str, Report]:
    """The reports among the outputs, by the name of their artifact."""
    return {
        node.artifacts[name]: outputs[name].in_memory()
        for name in node.reports()
        if not outputs[name].absent
    }


def rows_of(outputs: Mapping[str, Artifact]) -> int | None:
    """The rows of the first dataset among the outputs."""
    for artifact in outputs.values():
        if artifact.kind == "dataset" and not artifact.absent:
            return len(artifact.in_memory())
    return None


def origins_of(artifacts: Iterable[Artifact]) -> dict[str, list[dict[str, Any]]]:
    """Which catalogued datasets the datasets among `artifacts` come from, by fingerprint."""
    known = {
        artifact.fingerprint: artifact.in_memory().origins
        for artifact in artifacts
        if artifact.kind == "dataset" and artifact.fingerprint is not None
    }
    return {
        fingerprint: [origin.model_dump() for origin in origins]
        for fingerprint, origins in known.items()
        if origins
    }


def _origins(output: str, taken: Mapping[str, Dataset]) -> list[Dataset]:
    """The datasets that an output was made from, first the one of its name."""
    return sorted(taken.values(), key=lambda dataset: dataset is not taken.get(output))
