"""The example of a step, run where it can do no harm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stepwell._data._dataset import Dataset
from stepwell._errors import PipelineError, StepwellError, listed
from stepwell._pipelines._failure import reason_of
from stepwell._pipelines._outputs import outputs_of
from stepwell._pipelines._wiring import Node
from stepwell._protocol._context import Report, Running, running_as
from stepwell._protocol._place import place
from stepwell._protocol._signature import REPORTS, Signature, signature_of
from stepwell._protocol._step import Step, title
from stepwell._storage._artifacts import Artifact
from stepwell._storage._store import Store
from stepwell.testing._check import CheckFailed


def example_of(step: type[Step]) -> tuple[Step, dict[str, Any]]:
    """A small configured step and its inputs: what its classmethod `example` returns.

    Raises CheckFailed if there is none, or if it does not fit the step.
    """
    made = getattr(step, "example", None)
    if made is None:
        raise CheckFailed(
            f"{title(step)} has no example.",
            "Write a classmethod example() that returns a configured step and its inputs by name.",
        )
    try:
        configured, inputs = made()
        inputs = dict(inputs)
    except Exception as error:  # whatever the code of somebody else raises
        raise CheckFailed(
            f"{title(step)}.example() does not give a step and its inputs: {reason_of(error)}.",
            "Let it return a tuple: the configured step, and a dictionary of its inputs by name.",
        ) from error
    if not isinstance(configured, step):
        raise CheckFailed(
            f"{title(step)}.example() gives a {type(configured).__name__}.",
            f"Let it return cls(...), which is a {title(step)}.",
        )
    _check_names(step, inputs)
    return configured, inputs


def _check_names(step: type[Step], inputs: Mapping[str, Any]) -> None:
    signature = wired(step)
    every = [*signature.inputs, *([REPORTS] if signature.judge else [])]
    unknown = sorted(set(inputs) - set(every))
    missing = [name for name in every if name not in inputs and _is_required(signature, name)]
    if unknown or missing:
        raise CheckFailed(
            f"{title(step)}.example() has inputs {listed(unknown)} that run does not take, and "
            f"lacks {listed(missing)}.",
            f"Inputs of run: {listed(every)}.",
        )


def _is_required(signature: Signature, name: str) -> bool:
    return name == REPORTS or signature.inputs[name].required


def wired(step: type[Step]) -> Signature:
    """The signature of a step. Raises CheckFailed if no pipeline could wire it."""
    try:
        return signature_of(step)
    except PipelineError as error:
        remedy = error.hint or "Annotate every input of run and what it returns."
        raise CheckFailed(error.message, remedy) from error


@contextmanager
def somewhere(step: Step, report_progress: Report = lambda *_: None) -> Iterator[Store]:
    """A working folder and a store that vanish afterwards: a project is left as it is."""
    with TemporaryDirectory(prefix="stepwell-", ignore_cleanup_errors=True) as folder:
        store = Store(Path(folder) / "store")
        (work := Path(folder) / "work").mkdir()
        running = Running("check", "check", node_of(step).name, store, report_progress)
        with chdir(work), running_as(running):
            yield store


def node_of(step: Step) -> Node:
    """The step as the only one of a pipeline."""
    return Node(place(step), wired(type(step)), sources={}, artifacts={})


def outputs(step: Step, returned: Any, inputs: Mapping[str, Any]) -> dict[str, Artifact]:
    """What `run` returned, by name. Raises ContractError if it is not what is declared."""
    node = node_of(step)
    datasets = {
        name: Dataset.of(inputs[name])
        for name, wanted in node.signature.inputs.items()
        if wanted.kind == "dataset" and inputs.get(name) is not None
    }
    return outputs_of(node, returned, datasets)


def fingerprints(step: Step, inputs: Mapping[str, Any], store: Store) -> dict[str, str | None]:
    """The fingerprints of what the step gives. Raises CheckFailed if it fails."""
    try:
        returned = step.run(**inputs)
    except Exception as error:  # whatever a step raises
        raise CheckFailed(
            f"{title(step)} fails on its own example: {reason_of(error)}.",
            f"See it with {title(step)}.example(); mend the example or the step.",
        ) from error
    try:
        made = outputs(step, returned, inputs)
        for artifact in made.values():
            artifact.put(store)
    except StepwellError as error:
        raise CheckFailed(
            f"{title(step)} gives something else than it declares: {error}",
            "Return what the annotations of run say, or change them.",
        ) from error
    return {name: artifact.fingerprint for name, artifact in made.items()}
