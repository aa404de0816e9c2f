"""What a store knows of its runs: records, and runs that have none (yet)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, JsonValue

from stepwell._errors import CorruptedError, StoreError
from stepwell._protocol._report import Report
from stepwell._records._journal import Journal, Started
from stepwell._records._record import FORMAT
from stepwell._records._resume import journals
from stepwell._storage._chain import Entry
from stepwell._storage._store import Store


class _Output(BaseModel):
    artifact: str
    kind: str
    fingerprint: str | None


class _Environment(BaseModel):
    python: str
    packages: dict[str, str | None]
    lock: str


class _Step(BaseModel):
    name: str
    package: str | None
    version: str | None
    code: str | None
    configuration: dict[str, JsonValue]
    state: str
    reason: str | None
    outputs: dict[str, _Output]
    rows: int | None
    verdict: str | None
    environment: _Environment | None = None


class _Commit(BaseModel):
    commit: str
    dirty: bool


class _Record(BaseModel):
    """What the tools of this version read in a record; there may be more."""

    run_id: str
    pipeline: str
    status: str
    git: _Commit | None
    packages: dict[str, str | None]
    steps: list[_Step]
    reports: dict[str, Report]


def history(store: Store, *, pipeline: str | None = None, limit: int = 20) -> list[dict[str, Any]]:
    """Runs, newest first: id, pipeline, status and times.

    The status is also `running`, `interrupted` or, of a journal that cannot be read, `damaged`. A
    record of another version of Stepwell has the status `unknown format` and comes first.
    """
    ended = list(_with_record(store))
    known = {entry["run_id"] for entry in ended}
    found = [*ended, *(entry for entry in _on_their_way(store) if entry["run_id"] not in known)]
    wanted = (entry for entry in found if pipeline in (None, entry["pipeline"]))
    newest_first = sorted(wanted, key=lambda entry: entry["started_at"] or "~", reverse=True)
    return newest_first[:limit]


def known_record(entry: Entry) -> dict[str, Any]:
    """The record in an entry. Raises StoreError for one of another version of Stepwell."""
    written_as = entry.document.get("format")
    if written_as != FORMAT:
        raise StoreError(
            f"Record {entry.number} has the format {written_as!r}; this version reads {FORMAT}.",
            hint="Upgrade it: pip install --upgrade stepwell.",
        )
    try:
        _Record.model_validate(entry.document)
    except ValueError:
        raise CorruptedError(f"Entry {entry.number} of records is no record of a run.") from None
    return entry.document


def find_record(store: Store, run_id: str) -> Entry:
    """The record of the run whose id begins so; `last` is the newest. Raises StoreError."""
    matching = []
    for entry in store.records.newest_first():
        found = entry.document.get("run_id")
        if run_id in ("last", found):
            return entry
        if run_id and str(found).startswith(run_id):
            matching.append(entry)
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
        packages = (step.get("environment") or {"packages": {}})["packages"]
        facts |= {f"{name}, package {package}": found for package, found in packages.items()}
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
        document = entry.document
        known = document.get("format") == FORMAT
        yield {
            "run_id": _text(document, "run_id") or f"record {entry.number}",
            "pipeline": _text(document, "pipeline"),
            "status": _text(document, "status") if known else "unknown format",
            "started_at": _text(document, "started_at"),
            "seconds": document["seconds"] if type(document.get("seconds")) is float else None,
        }


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _on_their_way(store: Store) -> Iterator[dict[str, Any]]:
    for journal, started in journals(store):
        yield {
            "run_id": journal.run_id,
            "pipeline": started.pipeline,
            "status": _state(journal, started),
            "started_at": started.started_at.isoformat(),
            "seconds": None,
        }


def _state(journal: Journal, started: Started) -> str:
    try:
        return "running" if journal.is_running(started) else "interrupted"
    except StoreError:
        return "damaged"
