"""The environments of a pipeline's steps: resolved before anything runs, made when needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stepwell._environments._folders import interpreter_in, is_made
from stepwell._environments._importable import check_imports
from stepwell._environments._lock import Locked
from stepwell._environments._locks import known, locked, locked_anew
from stepwell._environments._request import Request, request_of
from stepwell._errors import PipelineError
from stepwell._installation._names import CORE
from stepwell._pipelines._wiring import Node
from stepwell._storage._store import Store


@dataclass(frozen=True)
class Prepared:
    """The environment of a step: what is in it, what stands for it in the cache, how to make it."""

    node: Node
    request: Request
    locked: Locked
    store: Store
    key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.locked.key())

    @property
    def is_made(self) -> bool:
        """Whether it is there on this machine."""
        return is_made(self.request, self.locked)

    def interpreter(self) -> Path:
        """Its Python; the environment is made unless it is there. Raises StepwellError."""
        return interpreter_in(self.request, self.locked, self.store, self.node.name)

    def check(self) -> None:
        """Raise PipelineError if the step's file cannot be imported in it, as far as that shows."""
        if self.is_made:
            check_imports(self.node.name, self.node.step, self.interpreter())

    def to_json(self) -> dict[str, Any]:
        """What a record says of it."""
        return {
            "python": self.locked.python,
            "packages": self.locked.packages,
            "lock": self.locked.lock,
        }


def prepared(nodes: Iterable[Node], store: Store, *, resolve: bool) -> dict[str, Prepared]:
    """The environments of the steps that have one of their own, by step.

    Those that were never resolved are resolved now; if `resolve` is false, they are left out.
    Raises PipelineError for one that speaks another protocol, else EnvironmentUnavailable.
    """
    found = {}
    for node in nodes:
        environment = node.placed.environment
        if environment is None:
            continue
        request = request_of(node.name, node.step, environment, store=store.url)
        lock = locked(store, request, node.name) if resolve else known(store, request)
        if lock is not None:
            _check_core(node.name, lock)
            found[node.name] = Prepared(node, request, lock, store)
    return found


def resolve_anew(
    nodes: Iterable[Node], store: Store
) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """Resolve the environments of steps with the newest versions; the versions that changed.

    Raises PipelineError, EnvironmentUnavailable.
    """
    changes = {}
    for node in nodes:
        if node.placed.environment is None:
            continue
        request = request_of(node.name, node.step, node.placed.environment, store=store.url)
        found = known(store, request)
        before = found.packages if found is not None else {}
        after = locked_anew(store, request, node.name).packages
        changes[node.name] = {
            package: (before.get(package), after.get(package))
            for package in sorted({*before, *after})
            if before.get(package) != after.get(package)
        }
    return changes


def _check_core(step: str, lock: Locked) -> None:
    """Refuse an environment whose core has another major version: it speaks another protocol."""
    here, there = version(CORE), lock.packages.get(CORE)
    if there is not None and there.partition(".")[0] != here.partition(".")[0]:
        raise PipelineError(
            f"The environment of step {step!r} has stepwell {there}, and this is {here}: another "
            "major version speaks another protocol.",
            hint=f"Ask for packages that work with stepwell {here.partition('.')[0]}.",
        )
