"""The estimator of a configuration, ready to be fitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stepwell import ConfigurationError
from stepwell_train._imports import imported, is_loaded, may_exist, unknown_parameter
from stepwell_train._recipe import Recipe, built, path_of


def check_estimator(recipe: Recipe, parameters: Mapping[str, Any]) -> None:
    """Raise ConfigurationError for what can be seen to be wrong without importing a library.

    Where the library was imported already, that is everything.
    """
    path = path_of(recipe)
    if is_loaded(path) or not may_exist(path):
        build(recipe, parameters)


def build(recipe: Recipe, parameters: Mapping[str, Any]) -> Any:
    """The unfitted estimator of a recipe, with further parameters. Raises ConfigurationError."""
    path = path_of(recipe)
    class_ = imported(path)
    if not isinstance(class_, type) or not hasattr(class_, "fit"):
        raise ConfigurationError(f"Train: {path} is no estimator class: it has no method fit.")
    if not hasattr(class_, "predict"):
        raise ConfigurationError(
            f"Train: {path} does not predict.",
            hint="Put it into a pipeline, before an estimator that does.",
        )
    estimator = built({"class": path} if isinstance(recipe, str) else recipe)
    return _with_parameters(estimator, path, parameters)


def seeded(estimator: Any, seed: int) -> Any:
    """The estimator with every `random_state` that is None set to `seed`, in its parts too."""
    for part in parts_of(estimator):
        if getattr(part, "random_state", seed) is None:
            part.random_state = seed
    return estimator


def parts_of(estimator: Any) -> Iterator[Any]:
    """The estimator, and everything in its parameters: estimators, splitters, plain values."""
    yield estimator
    if hasattr(estimator, "get_params"):
        yield from estimator.get_params(deep=True).values()


def _with_parameters(estimator: Any, path: str, parameters: Mapping[str, Any]) -> Any:
    if not parameters:
        return estimator
    known = estimator.get_params(deep=True)
    if any(name not in known for name in parameters):
        raise unknown_parameter(type(estimator), path, parameters, known)
    return estimator.set_params(**{name: built(value) for name, value in parameters.items()})
