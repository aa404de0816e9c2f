"""Stepwell: machine-learning pipelines made of pip packages."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stepwell._collector import collector_paused

if TYPE_CHECKING:
    from stepwell._context import progress
    from stepwell._dataset import Dataset
    from stepwell._decisions import Decision, DecisionLog, decisions
    from stepwell._environment import Environment
    from stepwell._errors import (
        ConfigurationError,
        ContractError,
        CorruptedError,
        DataError,
        DecisionConflict,
        EnvironmentUnavailable,
        ModelError,
        PackageError,
        PackageIndexError,
        PipelineError,
        RunError,
        StepwellError,
        StoreError,
    )
    from stepwell._function_step import step
    from stepwell._load import Load
    from stepwell._model import Feature, Model, ModelDescription
    from stepwell._origin import Origin
    from stepwell._pipeline import Pipeline
    from stepwell._place import Placed, Resources, place
    from stepwell._report import Finding, Metric, Report
    from stepwell._roles import Roles, Target, Unit
    from stepwell._run import Run
    from stepwell._settings import settings
    from stepwell._step import Step
    from stepwell._tally import Tallied, TallyStep

_MODULES = {
    "_context": ("progress",),
    "_dataset": ("Dataset",),
    "_decisions": ("Decision", "DecisionLog", "decisions"),
    "_environment": ("Environment",),
    "_errors": (
        "ConfigurationError",
        "ContractError",
        "CorruptedError",
        "DataError",
        "DecisionConflict",
        "EnvironmentUnavailable",
        "ModelError",
        "PackageError",
        "PackageIndexError",
        "PipelineError",
        "RunError",
        "StepwellError",
        "StoreError",
    ),
    "_function_step": ("step",),
    "_load": ("Load",),
    "_model": ("Feature", "Model", "ModelDescription"),
    "_origin": ("Origin",),
    "_pipeline": ("Pipeline",),
    "_place": ("Placed", "Resources", "place"),
    "_report": ("Finding", "Metric", "Report"),
    "_roles": ("Roles", "Target", "Unit"),
    "_run": ("Run",),
    "_settings": ("settings",),
    "_step": ("Step",),
    "_tally": ("Tallied", "TallyStep"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "ConfigurationError",
    "ContractError",
    "CorruptedError",
    "DataError",
    "Dataset",
    "Decision",
    "DecisionConflict",
    "DecisionLog",
    "Environment",
    "EnvironmentUnavailable",
    "Feature",
    "Finding",
    "Load",
    "Metric",
    "Model",
    "ModelDescription",
    "ModelError",
    "Origin",
    "PackageError",
    "PackageIndexError",
    "Pipeline",
    "PipelineError",
    "Placed",
    "Report",
    "Resources",
    "Roles",
    "Run",
    "RunError",
    "Step",
    "StepwellError",
    "StoreError",
    "Tallied",
    "TallyStep",
    "Target",
    "Unit",
    "decisions",
    "place",
    "progress",
    "settings",
    "step",
]


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
    with collector_paused():
        value = getattr(import_module(f"stepwell.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
