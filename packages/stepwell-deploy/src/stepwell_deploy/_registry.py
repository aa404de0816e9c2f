"""MLflow's model registry, made to say what the decision log says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import accumulate

from pydantic import BaseModel, ConfigDict, ValidationError

from stepwell import Decision, DecisionLog, Finding, StoreError
from stepwell.authoring import Store
from stepwell_deploy._standing import Standing, standing_of
from stepwell_deploy._versions import claim, look, register, take_back_doubles
from stepwell_tracking import Mlflow

CHECK = "registry"
_ALIASES = ("previous", "champion", "challenger")


class Followed(BaseModel):
    """How far the registry has followed: the entry of the log, and which registry it was."""

    model_config = ConfigDict(frozen=True)

    number: int
    registry: str


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
    Raises LeftAlone if the registry follows another log, or a later state of this one.
    """
    findings: list[Finding] = []
    with mlflow.alone(f"registry-{log.name}"):
        before = followed(log.store, log.name)
        since = before.number if before and before.registry == _known_as(mlflow.uri) else 0
        number = 0
        while number != log.last_number():
            entries = log.entries()
            _register(log, mlflow, entries)
            findings += _point(log, mlflow, entries, since)
            number = len(entries)
        if number:
            take_back_doubles(log, mlflow)
        done = Followed(number=number, registry=_known_as(mlflow.uri))
        log.store.files.write(_marker(log.name), done.model_dump_json().encode())
    return findings


def _register(log: DecisionLog, mlflow: Mlflow, entries: Sequence[Decision]) -> None:
    """Make the versions that are missing, in the order of the decisions."""
    registered = claim(log, mlflow)
    standing = standing_of(entries)
    for decision in _shown(entries, standing):
        if registered.version_of(decision.model) is not None:
            continue
        if decision in (standing.champion, standing.previous, standing.challenger):
            register(log, mlflow, decision)
            continue
        with suppress(StoreError):  # an early model without files keeps no later one out
            register(log, mlflow, decision)


def _shown(entries: Sequence[Decision], standing: Standing) -> Iterator[Decision]:
    """Every promotion, and the latest challenger."""
    promoted: set[str | None] = set()
    for decision in entries:
        is_new = decision.outcome == "promoted" and decision.model not in promoted
        if is_new or decision == standing.challenger:
            promoted.add(decision.model)
            yield decision


def _point(
    log: DecisionLog, mlflow: Mlflow, entries: Sequence[Decision], since: int
) -> list[Finding]:
    """Set the aliases that differ; a finding for each that stood where no decision had put it."""
    findings = []
    registered = look(mlflow, log.name)
    places = _places(standing_of(entries))
    wanted = {alias: registered.version_of(model) for alias, model in places.items()}
    if log.last_number() != len(entries):  # who set the aliases may have seen a later decision
        entries = log.entries()
    explained = _places_since(entries, since)
    for alias in _ALIASES:
        target, now = wanted.get(alias), registered.aliases.get(alias)
        if target == now:
            continue
        if (alias, registered.fingerprint(now)) not in explained:
            findings.append(_moved(log.name, alias, now, target))
        if target is not None:
            mlflow.client.set_registered_model_alias(log.name, alias, str(target))
        else:
            mlflow.client.delete_registered_model_alias(log.name, alias)
    return findings


def _places(standing: Standing) -> dict[str, str | None]:
    """The fingerprint of the model in each place; None for one that nobody holds."""
    held = {alias: getattr(standing, alias) for alias in _ALIASES}
    return {alias: decision and decision.model for alias, decision in held.items()}


def _places_since(entries: Sequence[Decision], number: int) -> set[tuple[str, str | None]]:
    """Where the aliases may stand that followed the log at entry `number` or later."""
    standings = accumulate(entries, Standing.after, initial=Standing())
    return {
        place
        for standing in standings
        if standing.number >= number
        for place in _places(standing).items()
    }


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
