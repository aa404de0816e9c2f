"""Which pipelines and models used which version of a dataset, and the other way round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stepwell import ConfigurationError, DecisionLog, Origin
from stepwell.authoring import Store, did_you_mean, listed
from stepwell_catalog._records import Record, RecordedStep, records_of

_VERSION_DIGITS = 12


@dataclass(frozen=True)
class Deployed:
    """A model in production, or once: its name there, and which version of that name."""

    name: str
    version: int | None


@dataclass
class Usage:
    """One version of a dataset and what was made of it."""

    name: str
    version: str
    contracts: set[str] = field(default_factory=set)
    runs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    models: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Fingerprints of the models trained on it, by pipeline."""


@dataclass
class Lineage:
    """Usages by dataset and version, and where models are or were deployed, by fingerprint."""

    usages: dict[tuple[str, str], Usage]
    deployed: dict[str, list[Deployed]]
    unread: int = 0
    """How many records are of another version of Stepwell, so that nothing is known of them."""

    def of(self, wanted: str | None) -> Lineage:
        """The part about a dataset (`name` or `name@version`) or a model (its version or name).

        Raises ConfigurationError if there is no such dataset or model.
        """
        if wanted is None:
            return self
        about = {
            key: usage
            for key, usage in self.usages.items()
            if wanted in (usage.name, f"{usage.name}@{usage.version}")
        }
        kept = about or self._of_model(wanted)
        if not kept:
            names = [*(f"{name}@{version}" for name, version in self.usages), *self._models()]
            raise ConfigurationError(
                f"No record is about {wanted!r}.",
                hint=f"{did_you_mean(wanted, names)} There are: {listed(names)}.".strip(),
            )
        return Lineage(kept, self.deployed, self.unread)

    def _of_model(self, wanted: str) -> dict[tuple[str, str], Usage]:
        """The usages that led to a model, with nothing else that was made of the datasets."""
        kept = {}
        for key, usage in self.usages.items():
            models = {
                pipeline: [model for model in made if self._is_model(model, wanted)]
                for pipeline, made in usage.models.items()
            }
            models = {pipeline: made for pipeline, made in models.items() if made}
            if models:
                runs = {pipeline: usage.runs[pipeline] for pipeline in models}
                kept[key] = Usage(*key, usage.contracts, runs, models)
        return kept

    def _is_model(self, model: str, wanted: str) -> bool:
        """Whether a model is meant by `wanted`: its version, or its name in production."""
        names = {one.name for one in self.deployed.get(model, ())}
        return wanted in names or model[:_VERSION_DIGITS] == wanted

    def _models(self) -> list[str]:
        made = [models for usage in self.usages.values() for models in usage.models.values()]
        return list(dict.fromkeys(model[:_VERSION_DIGITS] for models in made for model in models))


def lineage_of(store: Store) -> Lineage:
    """What the run records and decisions of a store say. Raises StoreError, CorruptedError."""
    usages: dict[tuple[str, str], Usage] = {}
    trained: dict[str, set[Origin]] = {}
    unread = 0
    for record in records_of(store):
        if record is None:
            unread += 1
            continue
        _add_uses(usages, record)
        for model, origins in _trained(record, trained).items():
            for origin in origins:
                models = _usage(usages, origin).models[record.pipeline]
                if model not in models:
                    models.append(model)
    return Lineage(dict(sorted(usages.items())), _deployed(store), unread)


def _usage(usages: dict[tuple[str, str], Usage], origin: Origin) -> Usage:
    key = origin.name, origin.version
    usage = usages.setdefault(key, Usage(*key))
    usage.contracts.add(origin.contract)
    return usage


def _add_uses(usages: dict[tuple[str, str], Usage], record: Record) -> None:
    every = {origin for origins in record.origins.values() for origin in origins}
    for origin in sorted(every, key=lambda one: (one.name, one.version)):
        _usage(usages, origin).runs[record.pipeline].append(record.run_id)


def _trained(record: Record, before: dict[str, set[Origin]]) -> dict[str, set[Origin]]:
    """The models that a run made, with the datasets that they were made of.

    A model that was fetched was made of nothing here. One that was made of another model was made
    of its datasets, too: `before` has those of earlier steps and runs.
    """
    made: dict[str, set[Origin]] = {}
    for step in record.steps:
        origins = _origins(step, record.origins, before)
        for model in _models_of(step) if origins else ():
            made[model] = origins
            before[model] = before.get(model, set()) | origins
    return made


def _origins(
    step: RecordedStep, of_data: Mapping[str, list[Origin]], of_models: Mapping[str, set[Origin]]
) -> set[Origin]:
    taken = [one.fingerprint for one in step.inputs.values() if one.fingerprint is not None]
    data = {origin for fingerprint in taken for origin in of_data.get(fingerprint, ())}
    models = [of_models.get(fingerprint, set()) for fingerprint in taken]
    return data.union(*models)


def _models_of(step: RecordedStep) -> Iterable[str]:
    taken = {one.fingerprint for one in step.inputs.values()}
    return [
        one.fingerprint
        for one in step.outputs.values()
        if one.kind == "model" and one.fingerprint is not None and one.fingerprint not in taken
    ]


def _deployed(store: Store) -> dict[str, list[Deployed]]:
    found: dict[str, list[Deployed]] = defaultdict(list)
    for name in sorted(store.files.names("decisions")):
        for decision in DecisionLog(store, name).entries():
            one = Deployed(name, decision.version)
            if decision.crowns and decision.model is not None and one not in found[decision.model]:
                found[decision.model].append(one)
    return dict(found)


def as_json(lineage: Lineage) -> dict[str, Any]:
    """Both directions: datasets with what used them, models with what they were trained on."""
    return {
        "datasets": _datasets(lineage),
        "models": _by_model(lineage),
        "records_not_read": lineage.unread,
    }


def _datasets(lineage: Lineage) -> list[dict[str, Any]]:
    return [
        {
            "name": usage.name,
            "version": usage.version,
            "contracts": sorted(usage.contracts),
            "pipelines": [
                {
                    "pipeline": pipeline,
                    "runs": runs,
                    "models": [_model(lineage, one) for one in usage.models.get(pipeline, ())],
                }
                for pipeline, runs in sorted(usage.runs.items())
            ],
        }
        for usage in lineage.usages.values()
    ]


def _by_model(lineage: Lineage) -> list[dict[str, Any]]:
    trained_on: dict[str, list[dict[str, str]]] = defaultdict(list)
    for usage in lineage.usages.values():
        for pipeline, models in sorted(usage.models.items()):
            for model in models:
                dataset = {"name": usage.name, "version": usage.version}
                trained_on[model].append({**dataset, "pipeline": pipeline})
    return [
        {**_model(lineage, model), "trained_on": datasets}
        for model, datasets in sorted(trained_on.items())
    ]


def _model(lineage: Lineage, model: str) -> dict[str, Any]:
    deployed = [
        {"name": one.name, "version": one.version} for one in lineage.deployed.get(model, ())
    ]
    return {
        "model_version": model[:_VERSION_DIGITS],
        "fingerprint": model,
        "deployed_as": deployed,
    }
