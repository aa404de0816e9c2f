"""The order of execution: a step is ready when everything that it waits for is done."""

from __future__ import annotations

import heapq
from graphlib import TopologicalSorter

from stepwell._pipelines._wiring import Node


class Schedule:
    """Hands out steps as they become ready, earlier ones of the list first."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self._position = {node.name: position for position, node in enumerate(nodes)}
        self._nodes = nodes
        self._sorter = TopologicalSorter(waits_for(nodes))
        self._sorter.prepare()
        self._ready: list[int] = []

    def is_active(self) -> bool:
        """Whether there are steps that are not done."""
        return self._sorter.is_active()

    def next_ready(self) -> Node | None:
        """A step that is ready and was not handed out yet."""
        for name in self._sorter.get_ready():
            heapq.heappush(self._ready, self._position[name])
        return self._nodes[heapq.heappop(self._ready)] if self._ready else None

    def done(self, node: Node) -> None:
        """Note that a step is done."""
        self._sorter.done(node.name)


def waits_for(nodes: tuple[Node, ...]) -> dict[str, set[str]]:
    """The steps that each step waits for: its producers; of judges and effects, all before it."""
    graph = {}
    earlier: set[str] = set()
    for node in nodes:
        everything = node.signature.judge or node.step.effects
        producers = {source.step for source in node.sources.values() if source.step is not None}
        graph[node.name] = set(earlier) if everything else producers
        earlier.add(node.name)
    return graph


def steps_from(nodes: tuple[Node, ...], start_from: str | None) -> set[str]:
    """The step to start from, and every step that depends on it."""
    found: set[str] = set()
    for node in nodes if start_from is not None else ():
        depends = any(source.step in found for source in node.sources.values())
        if node.name == start_from or depends:
            found.add(node.name)
    return found
