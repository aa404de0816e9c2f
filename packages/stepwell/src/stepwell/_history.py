"""What a store knows of its runs: records, and runs that have none (yet)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stepwell._errors import StoreError
from stepwell._resume import journals
from stepwell._store import Store


def history(store: Store, *, pipeline: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """Runs, newest first: id, pipeline, status (also `running` and `interrupted`) and times."""
    ended = list(_with_record(store))
    known = {entry["run_id"] for entry in ended}
    found = [*ended, *(entry for entry in _on_their_way(store) if entry["run_id"] not in known)]
    wanted = (entry for entry in found if pipeline in (None, entry["pipeline"]))
    newest_first = sorted(wanted, key=lambda entry: entry["started_at"], reverse=True)
    return newest_first[:limit]


def find_record(store: Store, run_id: str) -> dict[str, Any]:
    """The record of the run whose id begins so; `last` is the newest. Raises StoreError."""
    matching = []
    for entry in store.records.newest_first():
        if run_id == "last" or entry.document["run_id"] == run_id:
            return entry.document
        if entry.document["run_id"].startswith(run_id):
            matching.append(entry.document)
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise StoreError(f"{len(matching)} runs begin with {run_id!r}; write more of the id.")
    raise StoreError(
        f"The store {store.url} has no record of a run {run_id!r}.", hint="See: stepwell runs list"
    )


def differences(first: dict[str, Any], second: dict[str, Any]) -> list[dict[str, Any]]:
    """In what two records differ, apart from ids, times and memory: what, first, second."""
    left, right = _facts(first), _facts(second)
    return [
        {"what": what, "first": left.get(what), "second": right.get(what)}
        for what in dict.fromkeys([*left, *right])
        if left.get(what) != right.get(what)
    ]


def _facts(record: dict[str, Any]) -> dict[str, Any]:
    facts = {"status": record["status"], "commit": (record.get("git") or {}).get("commit")}
    facts |= {f"package {name}": version for name, version in record["packages"].items()}
    for step in record["steps"]:
        name = step["name"]
        facts[f"{name}, state"] = "succeeded" if step["state"] == "cached" else step["state"]
        facts[f"{name}, code"] = step["code"]
        facts |= {f"{name}.{field}": value for field, value in step["configuration"].items()}
        for output in step["outputs"].values():
            facts[f"artifact {output['artifact']} of {name}"] = output["fingerprint"]
    for name, report in record["reports"].items():
        facts[f"{name}, verdict"] = report["verdict"]
        facts |= dict(_metrics(name, report))
    return facts


def _metrics(name: str, report: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for metric in report["metrics"]:
        if metric["model_version"] is None and metric["against"] is None:
            group = "".join(f", {key}={value}" for key, value in metric["group"].items())
            yield f"{name}, {metric['name']}{group}", metric["value"]


def _with_record(store: Store) -> Iterator[dict[str, Any]]:
    for entry in store.records.newest_first():
        keys = ("run_id", "pipeline", "status", "started_at", "seconds")
        yield {key: entry.document.get(key) for key in keys}


def _on_their_way(store: Store) -> Iterator[dict[str, Any]]:
    for journal, started in journals(store):
        yield {
            "run_id": journal.run_id,
            "pipeline": started.pipeline,
            "status": "running" if journal.is_running(started) else "interrupted",
            "started_at": started.started_at.isoformat(),
            "seconds": None,
        }
