"""MLflow's model registry, made to say what the decision log says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from stepwell import Decision, DecisionLog, Finding
from stepwell.authoring import Store
from stepwell_deploy._standing import Standing, standing_of
from stepwell_tracking import Mlflow

FINGERPRINT = "stepwell.fingerprint"
CHECK = "registry"


class Followed(BaseModel):
    """How far the registry has followed: the entry of the log, and the aliases that were set."""

    model_config = ConfigDict(frozen=True)

    number: int
    registry: str
    aliases: Mapping[str, int] = {}


def followed(store: Store, name: str) -> Followed | None:
    """What the last successful `follow_log` left behind; None if there was none."""
    try:
        return Followed.model_validate(json.loads(store.files.read(_marker(name))))
    except (FileNotFoundError, ValueError, ValidationError):
        return None


def is_up_to_date(log: DecisionLog, uri: str) -> bool:
    """Whether the registry at `uri` has followed the last entry, without asking it."""
    before = followed(log.store, log.name)
    now = (log.last_number(), _known_as(uri))
    return before is not None and (before.number, before.registry) == now


def follow_log(log: DecisionLog, mlflow: Mlflow) -> list[Finding]:
    """Register what the log names, point the aliases, and tell which ones somebody had moved.

    It looks at the log again in the end, so that of two followers the later decision stays.
    """
    findings: list[Finding] = []
    with mlflow.alone(f"registry-{log.name}"):
        before = followed(log.store, log.name)
        left = before.aliases if before and before.registry == _known_as(mlflow.uri) else {}
        standing = None
        while standing is None or standing.number != log.last_number():
            standing = standing_of(log.entries())
            aliases = _register(log, mlflow, standing)
            findings += _point(log.name, mlflow, aliases, left)
            left = aliases
        done = Followed(number=standing.number, registry=_known_as(mlflow.uri), aliases=left)
        log.store.files.write(_marker(log.name), done.model_dump_json().encode())
    return findings


def _register(log: DecisionLog, mlflow: Mlflow, standing: Standing) -> dict[str, int]:
    """The registered version for every place that is held."""
    places = {
        "previous": standing.previous,
        "champion": standing.champion,
        "challenger": standing.challenger,
    }
    held = {alias: decision for alias, decision in places.items() if decision is not None}
    if held:
        _ensure_name(mlflow, log.name)
    return {alias: _version_of(log, mlflow, decision) for alias, decision in held.items()}


def _ensure_name(mlflow: Mlflow, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        mlflow.client.create_registered_model(
            name,
            tags={"stepwell": "decision log"},
            description="Versions and aliases follow Stepwell's decision log.",
        )
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _version_of(log: DecisionLog, mlflow: Mlflow, decision: Decision) -> int:
    """The version of the decision's model; registered, with its files, if it is not there yet."""
    wanted = f"name = '{log.name}' and tags.`{FINGERPRINT}` = '{decision.model}'"
    found = mlflow.client.search_model_versions(wanted)
    if found:
        return max(int(version.version) for version in found)
    return _new_version(log, mlflow, decision)


def _new_version(log: DecisionLog, mlflow: Mlflow, decision: Decision) -> int:
    model = log.store.get(str(decision.model), "model")
    run = mlflow.run(log.name, decision.run_id or f"{log.name}-decision-{decision.number}")
    source = mlflow.log_model(run, model)
    mlflow.finish(run)
    tags = {
        FINGERPRINT: decision.model,
        "stepwell.decision": decision.number,
        "stepwell.run_id": decision.run_id,
        "stepwell.version": decision.version,
    }
    made = mlflow.client.create_model_version(
        log.name,
        source,
        run_id=run.info.run_id,
        tags={key: str(value) for key, value in tags.items() if value is not None},
        description=f"Decision {decision.number}: {decision.outcome}. {' '.join(decision.reasons)}",
        await_creation_for=0,
    )
    return int(made.version)


def _point(
    name: str, mlflow: Mlflow, wanted: Mapping[str, int], left: Mapping[str, int]
) -> list[Finding]:
    """Set the aliases that differ; a finding for each that is not where it was `left`."""
    findings = []
    found = _aliases(mlflow, name)
    for alias in ("previous", "champion", "challenger"):
        target, now = wanted.get(alias), found.get(alias)
        if target == now:
            continue
        if now != left.get(alias):
            findings.append(_moved(name, alias, now, target))
        if target is not None:
            mlflow.client.set_registered_model_alias(name, alias, str(target))
        else:
            mlflow.client.delete_registered_model_alias(name, alias)
    return findings


def _aliases(mlflow: Mlflow, name: str) -> dict[str, int]:
    """The aliases of the registered model; a model that does not exist has none."""
    from mlflow.exceptions import MlflowException

    try:
        aliases: Mapping[str, Any] = mlflow.client.get_registered_model(name).aliases
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return {}
    return {alias: int(version) for alias, version in aliases.items()}


def _moved(name: str, alias: str, now: int | None, target: int | None) -> Finding:
    was = f"stood at version {now}" if now is not None else "was gone"
    put = f"put back to version {target}" if target is not None else "taken away"
    return Finding(
        check=CHECK,
        verdict="warned",
        message=f"MLflow's alias '{alias}' of '{name}' {was}, as no decision says; it was {put}.",
    )


def _marker(name: str) -> str:
    return f"registry/{name}.json"


def _known_as(uri: str) -> str:
    """The address as a digest: it may hold a password, and the store is read by many."""
    return sha256(uri.encode()).hexdigest()[:16]
