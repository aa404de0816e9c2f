"""The versions of a model in MLflow's registry: whose they are, and how each is made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepwell import Decision, DecisionLog
from stepwell_tracking import Mlflow, MlflowError

FINGERPRINT = "stepwell.fingerprint"
DECISION = "stepwell.decision"
LOG = "stepwell.log"


class LeftAlone(MlflowError):
    """The registry follows another log, or a later state of this one, so it is not touched."""


@dataclass(frozen=True)
class Registered:
    """What the registry holds of a model: aliases, the tags of every version, whose log it is."""

    aliases: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    log: str | None = None

    def version_of(self, fingerprint: str | None) -> int | None:
        """The version of this model; the first, should there be two."""
        if fingerprint is None:
            return None
        found = (n for n, tags in self.versions.items() if tags.get(FINGERPRINT) == fingerprint)
        return min(found, default=None)

    def fingerprint(self, version: int | None) -> str | None:
        """The fingerprint of a version, empty if another tool made it; None for no version."""
        return None if version is None else self.versions.get(version, {}).get(FINGERPRINT, "")

    def doubles(self) -> list[int]:
        """The versions that repeat a lower one of the same decision, and hold no alias."""
        seen, found = set(), []
        for number, tags in sorted(self.versions.items()):
            made_for = tags.get(DECISION), tags.get(FINGERPRINT)
            if made_for in seen and number not in self.aliases.values():
                found.append(number)
            elif None not in made_for:
                seen.add(made_for)
        return found

    def last_decision(self) -> int:
        """The highest decision that a version was made for."""
        told = (tags.get(DECISION, "") for tags in self.versions.values())
        return max((int(number) for number in told if number.isdecimal()), default=0)


def look(mlflow: Mlflow, name: str) -> Registered:
    """What the registry holds of the model `name` now; nothing if it does not know the name."""
    from mlflow.exceptions import MlflowException

    try:
        model = mlflow.client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        return Registered()
    return Registered(
        aliases={alias: int(version) for alias, version in model.aliases.items()},
        versions={
            int(version.version): version.tags
            for version in mlflow.client.search_model_versions(f"name = '{name}'")
        },
        log=model.tags.get(LOG),
    )


def claim(log: DecisionLog, mlflow: Mlflow) -> Registered:
    """What the registry holds, once it is known to follow this log. Raises LeftAlone."""
    registered = look(mlflow, log.name)
    if registered.log not in (None, _identity(log)):
        raise LeftAlone(
            f"MLflow's registered model '{log.name}' follows the decision log of another store, "
            "so nothing was changed there. Use that store or another name; to hand the name over, "
            f"delete its tag '{LOG}' in MLflow."
        )
    known, last = registered.last_decision(), log.last_number()
    if known > last:
        raise LeftAlone(
            f"MLflow's registry knows decision {known} of '{log.name}', and the log ends with "
            f"{last}: it may be an older copy. Nothing was changed. Restore the log; to go on "
            "without, delete the later versions in MLflow."
        )
    if registered.log is None:
        _name(log, mlflow)
    return registered


def _identity(log: DecisionLog) -> str:
    """What tells this log from others of the same name: the digest of its first entry."""
    return log.store.decisions(log.name).read(1).digest


def _name(log: DecisionLog, mlflow: Mlflow) -> None:
    from mlflow.exceptions import MlflowException

    try:
        mlflow.client.create_registered_model(
            log.name, description="Versions and aliases follow Stepwell's decision log."
        )
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    mlflow.client.set_registered_model_tag(log.name, LOG, _identity(log))


def register(log: DecisionLog, mlflow: Mlflow, decision: Decision) -> None:
    """Make a version, with its files, of the model of a decision. Raises StoreError."""
    model = log.store.get(str(decision.model), "model")
    run = mlflow.run(
        decision.pipeline or log.name,  # so that tracking, which sends the run, finds it
        decision.run_id or f"{log.name}-decision-{decision.number}",
    )
    source = mlflow.log_model(run, model)
    mlflow.finish(run)
    tags = {
        FINGERPRINT: decision.model,
        DECISION: decision.number,
        "stepwell.run_id": decision.run_id,
        "stepwell.version": decision.version,
    }
    mlflow.client.create_model_version(
        log.name,
        source,
        run_id=run.info.run_id,
        tags={key: str(value) for key, value in tags.items() if value is not None},
        description=f"Decision {decision.number}: {decision.outcome}. {' '.join(decision.reasons)}",
        await_creation_for=0,
    )


def take_back_doubles(log: DecisionLog, mlflow: Mlflow) -> None:
    """Delete the versions by which two machines registered the same decision.

    The lowest number stays: whoever got a higher one was given it after that one was there, and
    sees it.
    """
    from mlflow.exceptions import MlflowException

    for version in look(mlflow, log.name).doubles():
        try:
            mlflow.client.delete_model_version(log.name, str(version))
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
