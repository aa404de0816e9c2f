"""A lineage as a Mermaid flowchart, in which every name is only text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNSAFE = {character: f"#{ord(character)};" for character in "#&<>\"'`;[]{}()|\\"}


def mermaid(lineage: Mapping[str, Any]) -> str:
    """The flowchart of what `as_json` gives.

    An arrow from a dataset to a model bears the name of the pipeline that trained it; pipelines
    without a model are nodes of their own.
    """
    nodes: dict[tuple[str, str], str] = {}
    edges: dict[str, None] = {}

    def node(kind: str, label: str) -> str:
        return nodes.setdefault((kind, label), f"{kind}{len(nodes)}")

    for dataset in lineage["datasets"]:
        source = node("data", f"{dataset['name']} {dataset['version']}")
        for use in dataset["pipelines"]:
            if not use["models"]:
                edges[f"{source} --> {node('pipeline', use['pipeline'])}"] = None
            for model in use["models"]:
                made = node("model", f"model {model['model_version']}")
                edges[f'{source} -- "{_safe(use["pipeline"])}" --> {made}'] = None
                for one in model["deployed_as"]:
                    place = node("deployed", f"{one['name']} v{one['version']}")
                    edges[f"{made} --> {place}"] = None
    shapes = [f"    {name}{_shape(kind, label)}" for (kind, label), name in nodes.items()]
    return "\n".join(["flowchart LR", *shapes, *(f"    {edge}" for edge in edges)]) + "\n"


def _shape(kind: str, label: str) -> str:
    shapes = {"data": "[({})]", "pipeline": "[{}]", "model": "([{}])", "deployed": "[[{}]]"}
    return shapes[kind].format(f'"{_safe(label)}"')


def _safe(label: str) -> str:
    """A label whose signs Mermaid and the page around it take for text."""
    return "".join(
        _UNSAFE.get(character, character) if character.isprintable() else " " for character in label
    )
