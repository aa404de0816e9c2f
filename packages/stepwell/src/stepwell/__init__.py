"""Stepwell: machine-learning pipelines made of pip packages."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stepwell._pipelines._collector import collector_paused

if TYPE_CHECKING:
    from stepwell._data._dataset import Dataset
    from stepwell._data._origin import Origin
    from stepwell._data._roles import Roles, Target, Unit
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
    from stepwell._loading._load import Load
    from stepwell._models._model import Feature, Model, ModelDescription
    from stepwell._pipelines._pipeline import Pipeline
    from stepwell._pipelines._run import Run
    from stepwell._protocol._context import progress
    from stepwell._protocol._environment import Environment
    from stepwell._protocol._function_step import step
    from stepwell._protocol._place import Placed, Resources, place
    from stepwell._protocol._report import Finding, Metric, Report
    from stepwell._protocol._step import Step
    from stepwell._protocol._tally import Tallied, TallyStep
    from stepwell._records._decisions import Decision, DecisionLog, decisions
    from stepwell._settings import settings

_MODULES = {
    "_protocol._context": ("progress",),
    "_data._dataset": ("Dataset",),
    "_records._decisions": ("Decision", "DecisionLog", "decisions"),
    "_protocol._environment": ("Environment",),
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
    "_protocol._function_step": ("step",),
    "_loading._load": ("Load",),
    "_models._model": ("Feature", "Model", "ModelDescription"),
    "_data._origin": ("Origin",),
    "_pipelines._pipeline": ("Pipeline",),
    "_protocol._place": ("Placed", "Resources", "place"),
    "_protocol._report": ("Finding", "Metric", "Report"),
    "_data._roles": ("Roles", "Target", "Unit"),
    "_pipelines._run": ("Run",),
    "_settings": ("settings",),
    "_protocol._step": ("Step",),
    "_protocol._tally": ("Tallied", "TallyStep"),
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
