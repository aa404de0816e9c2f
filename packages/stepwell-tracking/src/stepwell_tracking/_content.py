"""What of a run record becomes parameters, metrics and tags in MLflow, within MLflow's limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from stepwell import Metric

LONGEST_KEY = 250
LONGEST_PARAMETER = 500
LONGEST_TAG = 5000
_LARGEST_MAPPING = 50
_NOT_IN_A_KEY = re.compile(r"[^A-Za-z0-9_.\- /]")

_STATUS = {"succeeded": "FINISHED", "blocked": "FAILED", "failed": "FAILED", "cancelled": "KILLED"}

Record = Mapping[str, Any]


def status(record: Record) -> str:
    """The MLflow status of a run: FAILED for a blocked one too, `stepwell.status` tells more."""
    return _STATUS[record["status"]]


def moment(record: Record, name: str) -> datetime:
    """`started_at` or `finished_at`."""
    return datetime.fromisoformat(record[name])


def parameters(record: Record) -> dict[str, str]:
    """The configuration of every step: `step.field`, and `step.field.key` for small mappings.

    Values that were not set are left out. A value too long for MLflow is cut and ends in its
    digest, so that two of them can still be told apart; the whole one is in `record.json`.
    """
    return {
        key(*path): shortened(value, LONGEST_PARAMETER)
        for step in record["steps"]
        for path, value in _flat((step["name"],), step["configuration"])
    }


def metrics(record: Record) -> dict[str, float]:
    """Every number of the reports, by keys that are the same from run to run.

    `evaluate/roc_auc` is of the model that the run made, `evaluate/roc_auc/champion` of another
    artifact, `.../sex female` of a group, `.../low` and `.../high` bound the value.
    """
    artifacts = _artifacts_by_version(record)
    found: dict[str, float] = {}
    for report in record["reports"].values():
        for metric in map(Metric.model_validate, report["metrics"]):
            path = _path(report["step"], metric, artifacts)
            bounds = ((), metric.value), (("low",), metric.low), (("high",), metric.high)
            found |= {key(*path, *end, by="/"): v for end, v in bounds if v is not None}
    return {**found, **_timings(record)}


def tags(record: Record, head: str) -> dict[str, str]:
    """Where the run came from: its place in the chain of records, commit, packages, verdicts."""
    git = record["git"] or {}
    given: dict[str, Any] = {
        "stepwell.pipeline": record["pipeline"],
        "stepwell.status": record["status"],
        "stepwell.record": head,
        "stepwell.git_dirty": git.get("dirty"),
        "mlflow.source.name": record["pipeline"],
        "mlflow.source.type": "PROJECT",
        "mlflow.source.git.commit": git.get("commit"),
        "python": record["python"],
        **{f"package.{name}": version for name, version in record["packages"].items()},
        **{f"verdict.{name}": report["verdict"] for name, report in record["reports"].items()},
    }
    return {key(k): shortened(v, LONGEST_TAG) for k, v in given.items() if v is not None}


def key(*parts: str, by: str = ".") -> str:
    """A key that MLflow accepts: other characters become `_`, a long one ends in its digest."""
    clean = [_NOT_IN_A_KEY.sub("_", part).replace("/", "_").strip() for part in parts]
    return _cut(by.join(part for part in clean if part.strip(".")), LONGEST_KEY)


def shortened(value: Any, longest: int) -> str:
    """`value` as text of at most `longest` characters."""
    return _cut(value if isinstance(value, str) else json.dumps(value), longest)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    ending = f"...{sha256(text.encode()).hexdigest()[:12]}"
    return text[: longest - len(ending)] + ending


def _flat(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The leaves of nested mappings; a large mapping is one leaf."""
    is_small = isinstance(value, Mapping) and 0 < len(value) <= _LARGEST_MAPPING
    if len(path) == 1 or is_small:
        for name, item in value.items():
            yield from _flat((*path, str(name)), item)
    elif value is not None:
        yield path, value


def _path(step: str, metric: Metric, artifacts: Mapping[str, str]) -> tuple[str, ...]:
    of = artifacts.get(metric.model_version or "", metric.model_version)
    against = artifacts.get(metric.against or "", metric.against)
    return (
        step,
        metric.name,
        *([of] if of is not None and of != "model" else []),
        *([f"minus {against}"] if against is not None else []),
        *(f"{attribute} {label}" for attribute, label in sorted(metric.group.items())),
    )


def _artifacts_by_version(record: Record) -> dict[str, str]:
    """Which artifact of the run has which model version; `model` where two are the same."""
    return {
        fingerprint[:12]: artifact
        for artifact, fingerprint in sorted(models(record), key=lambda named: named[0] == "model")
    }


def models(record: Record) -> list[tuple[str, str]]:
    """The artifact names and fingerprints of the models that the run made or fetched."""
    return outputs(record["steps"], "model")


def outputs(steps: Sequence[Record], kind: str) -> list[tuple[str, str]]:
    """The artifact names and fingerprints of everything of a kind that these steps returned."""
    return [
        (output["artifact"], output["fingerprint"])
        for step in steps
        for output in step["outputs"].values()
        if output["kind"] == kind and output["fingerprint"] is not None
    ]


def _timings(record: Record) -> dict[str, float]:
    steps = {step["name"]: float(step["seconds"]) for step in record["steps"]}
    timings = {key("seconds", name, by="/"): seconds for name, seconds in steps.items()}
    return {**timings, "seconds/run": float(record["seconds"])}
