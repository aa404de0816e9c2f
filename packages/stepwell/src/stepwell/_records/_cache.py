"""The cache: which code with which configuration and inputs gave which outputs."""

from __future__ import annotations

import locale
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stepwell._code._code import Code, import_path
from stepwell._digest import canonical_json, digest_json
from stepwell._errors import StepwellError
from stepwell._json import read_object
from stepwell._pipelines._wiring import Node
from stepwell._protocol._step import Step, configuration
from stepwell._storage._artifacts import Artifact
from stepwell._storage._store import Store

FORMAT = "stepwell.cache/1"


@dataclass(frozen=True)
class Hit:
    """The outputs of an earlier execution, and the run that made them."""

    outputs: dict[str, Artifact]
    run_id: str


def execution_key(
    step: Step, code: Code, inputs: Mapping[str, str | None], extra: Any = None
) -> str:
    """What stands for an execution: two with the same key would do the same.

    What a step with effects reads outside is what it may change, so it is no part of its key.
    """
    return digest_json(
        {
            "format": FORMAT,
            "step": import_path(step),
            "code": code.digest,
            "configuration": configuration(step),
            "inputs": dict(inputs),
            "external": None if step.effects else step.external_state(),
            "locale": locale.setlocale(locale.LC_ALL),
            "extra": extra,
        }
    )


def look_up(store: Store, key: str, node: Node) -> Hit | None:
    """The stored outputs of this key; an entry that is damaged or incomplete is no hit."""
    try:
        entry = read_object(store.files.read(_name(key)))
        if entry.pop("digest") != digest_json([key, entry]):
            return None
        outputs = {
            name: _artifact(store, node.signature.outputs[name].kind, entry["outputs"][name])
            for name in node.signature.outputs
        }
        return Hit(outputs, str(entry["run_id"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError, StepwellError):
        return None


def _artifact(store: Store, kind: Any, fingerprint: str | None) -> Artifact:
    if fingerprint is None:
        return Artifact(kind, absent=True)
    if not store.has_blob(fingerprint):
        raise KeyError(fingerprint)
    return Artifact(kind, fingerprint=fingerprint, store=store)


def remember(
    store: Store, key: str, outputs: Mapping[str, Artifact], run_id: str, code: Code
) -> None:
    """Write the entry of an execution whose outputs are all stored.

    A power failure may take it: it tells by its digest, and the step is executed again.
    """
    entry: dict[str, Any] = {
        "format": FORMAT,
        "outputs": {name: artifact.fingerprint for name, artifact in outputs.items()},
        "kinds": {name: artifact.kind for name, artifact in outputs.items()},
        "run_id": run_id,
        "package": code.package,
        "version": code.version,
    }
    entry["digest"] = digest_json([key, entry])
    store.files.write(_name(key), canonical_json(entry), durable=False)


def _name(key: str) -> str:
    return f"cache/{key[:2]}/{key[2:]}.json"
