"""The run that an upgrade is compared with: the last one of a pipeline, if it is still the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stepwell._code._code import code_of
from stepwell._errors import PipelineError, StoreError, listed
from stepwell._pipelines._events import Announcer
from stepwell._pipelines._execution import Execution, Options
from stepwell._pipelines._pipeline import Pipeline
from stepwell._protocol._step import configuration
from stepwell._records._history import known_record
from stepwell._secrets import masked
from stepwell._storage._store import Store

_COMPARABLE = ("succeeded", "blocked")


@dataclass(frozen=True)
class Baseline:
    """The record of a run, and the steps that would read from outside what they read then."""

    record: dict[str, Any]
    sources: tuple[str, ...]


def baseline(pipeline: Pipeline, store: Store, where: str) -> Baseline:
    """The last run of a pipeline. Raises PipelineError if there is none, or if code, packages or
    configuration have changed since: what is then the upgrade's doing could not be told.
    """
    record = _last_record(pipeline, store)
    if record is None:
        raise PipelineError(
            f"Pipeline {pipeline.name!r} has no run to compare with.",
            hint=f"Run it first: stepwell run {where}",
        )
    changed = _changed(pipeline, record)
    if changed:
        raise PipelineError(
            f"Since the last run of pipeline {pipeline.name!r}, {record['run_id']}, something else "
            f"has changed: {listed(changed)}.",
            hint=f"Run it first, so that the upgrade is told apart: stepwell run {where}",
        )
    return Baseline(record, tuple(_same_sources(pipeline, store)))


def _last_record(pipeline: Pipeline, store: Store) -> dict[str, Any] | None:
    for entry in store.records.newest_first():
        if entry.document.get("pipeline") != pipeline.name:
            continue
        try:
            record = known_record(entry)
        except StoreError:
            continue
        if record["status"] in _COMPARABLE:
            return record
    return None


def _changed(pipeline: Pipeline, record: dict[str, Any]) -> list[str]:
    """The steps that are not what they were."""
    before = {step["name"]: step for step in record["steps"]}
    names = [node.name for node in pipeline.nodes]
    changed = [name for name in [*before, *names] if name not in names or name not in before]
    for node in pipeline.nodes:
        then = before.get(node.name)
        if then is None:
            continue
        same_code = code_of(type(node.step)).digest == then["code"]
        if not same_code or masked(configuration(node.step)) != then["configuration"]:
            changed.append(node.name)
    return list(dict.fromkeys(changed))


def _same_sources(pipeline: Pipeline, store: Store) -> list[str]:
    """The steps without inputs for which the cache has what they would read now."""
    if pipeline.inputs:
        return []
    options = Options(store, cache=True, start_from=None, announcer=Announcer([]))
    found = Execution(pipeline.name, pipeline.nodes, {}, options).planned()
    return [
        node.name
        for node, done in zip(pipeline.nodes, found, strict=True)
        if done is not None and not node.sources
    ]
