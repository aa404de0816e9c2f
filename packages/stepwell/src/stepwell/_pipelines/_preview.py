"""What the datasets of a pipeline will look like, found out with tables that have no rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwell._data._dataset import Dataset
from stepwell._pipelines._outputs import with_roles
from stepwell._pipelines._run import StepRun
from stepwell._pipelines._wiring import Node, Source
from stepwell._storage._artifacts import dataset_as


class Previews:
    """Datasets without rows, by where they come from; what is not known is not there."""

    def __init__(self) -> None:
        self._known: dict[Source, Dataset] = {}

    def add_cached(self, node: Node, done: StepRun) -> None:
        """Take over the outputs that the cache has of a step."""
        for name, artifact in done.outputs.items():
            if artifact.kind == "dataset" and not artifact.absent:
                self._add(node, name, artifact.in_memory())

    def add_previewed(self, node: Node) -> None:
        """Ask a step what it would make of its inputs. Raises ContractError for what it loses."""
        taken = self.taken_by(node)
        wanted = [name for name in node.sources if node.signature.inputs[name].kind == "dataset"]
        if set(wanted) != set(taken):
            return
        for name, made in _previewed(node, taken).items():
            self._add(node, name, with_roles(node, name, made, taken))

    def taken_by(self, node: Node) -> dict[str, Dataset]:
        """The datasets that a step takes, as far as they are known."""
        found = {name: self._known.get(source) for name, source in node.sources.items()}
        return {name: data for name, data in found.items() if data is not None}

    def made_by(self, node: Node) -> dict[str, Dataset]:
        """The datasets that a step makes, by artifact, as far as they are known."""
        found = {a: self._known.get(Source(node.name, name)) for name, a in node.artifacts.items()}
        return {name: data for name, data in found.items() if data is not None}

    def _add(self, node: Node, output: str, data: Dataset) -> None:
        self._known[Source(node.name, output)] = data.with_data(data.lazy().limit(0))


def _previewed(node: Node, taken: Mapping[str, Dataset]) -> Mapping[str, Any]:
    if node.placed.environment is not None:  # what it needs may not be here
        return {}
    try:
        inputs = {
            name: dataset_as(data, node.signature.inputs[name].annotation)
            for name, data in taken.items()
        }
        return node.step.preview(**inputs)
    except Exception:  # a step may need rows to do anything; it is known when it has run
        return {}
