"""Estimators as configuration: JSON from which the same unfitted estimator is built again.

"sklearn.linear_model.Ridge"                                  a class
{"class": "sklearn.linear_model.Ridge", "parameters": {…}}    with what differs from its defaults
{"tuple": […]}, {"number": "nan"}, {"name": "numpy.log1p"}    values that JSON does not have
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Mapping
from typing import Any

from stepwell import ConfigurationError
from stepwell.authoring import did_you_mean, listed

Recipe = str | Mapping[str, Any]


def recipe_of(given: Any) -> Recipe:
    """The recipe of an estimator given as import path, recipe or object.

    Raises ValueError for what is no estimator or cannot be written as JSON.
    """
    if isinstance(given, str):
        if "." not in given:
            raise ValueError(
                f"{given!r} is no import path; write for example 'sklearn.linear_model.Ridge'"
            )
        return given
    if isinstance(given, Mapping):
        if not isinstance(given.get("class"), str) or set(given) - {"class", "parameters"}:
            raise ValueError("a recipe has the keys 'class' and 'parameters'")
        return dict(given)
    if isinstance(given, type):
        raise ValueError(f"{given.__name__} is a class; write {given.__name__}()")
    if not hasattr(given, "get_params") or not hasattr(given, "fit"):
        raise ValueError(f"a {type(given).__name__} is no scikit-learn estimator")
    written = _written(given, type(given).__name__)
    return written if written["parameters"] else str(written["class"])


def build(recipe: Recipe, parameters: Mapping[str, Any]) -> Any:
    """The unfitted estimator of a recipe, with further parameters. Raises ConfigurationError."""
    path = recipe if isinstance(recipe, str) else recipe["class"]
    own = {} if isinstance(recipe, str) else recipe.get("parameters", {})
    class_ = _imported(path)
    if not (isinstance(class_, type) and hasattr(class_, "fit")):
        raise ConfigurationError(f"Train: {path} is no estimator class: it has no fit.")
    estimator = _constructed(class_, path, own)
    return _with_parameters(estimator, path, parameters)


def seeded(estimator: Any, seed: int) -> Any:
    """The estimator with every `random_state` that is None set to `seed`."""
    free = {
        name: seed
        for name, value in estimator.get_params(deep=True).items()
        if name.rpartition("__")[2] == "random_state" and value is None
    }
    return estimator.set_params(**free) if free else estimator


def _written(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(value)}
    if isinstance(value, tuple):
        return {"tuple": [_written(item, where) for item in value]}
    if isinstance(value, list):
        return [_written(item, where) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"mapping": {key: _written(item, f"{where}.{key}") for key, item in value.items()}}
    if isinstance(value, type) or inspect.isfunction(value) or inspect.isbuiltin(value):
        return {"name": _name_of(value, where)}
    if type(value).__module__ == "numpy" and hasattr(value, "item") and not hasattr(value, "fit"):
        return _written(value.item(), where) if value.ndim == 0 else _refuse(value, where)
    if type(value).__name__ == "ufunc":
        return {"name": f"numpy.{value.__name__}"}
    return _written_object(value, where)


def _written_object(value: Any, where: str) -> dict[str, Any]:
    parameters = _parameters(value, where)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(type(value).__init__).parameters.items()
    }
    changed = {
        name: item for name, item in parameters.items() if not _same(item, defaults.get(name))
    }
    return {
        "class": _name_of(type(value), where),
        "parameters": {name: _written(v, f"{where}.{name}") for name, v in changed.items()},
    }


def _parameters(value: Any, where: str) -> dict[str, Any]:
    if hasattr(value, "get_params"):
        return dict(value.get_params(deep=False))
    names = [name for name in inspect.signature(type(value).__init__).parameters if name != "self"]
    if all(hasattr(value, name) for name in names) and hasattr(value, "__dict__"):
        return {name: getattr(value, name) for name in names}
    _refuse(value, where)
    raise AssertionError("unreachable")


def _refuse(value: Any, where: str) -> Any:
    raise ValueError(
        f"the parameter {where} holds a {type(value).__name__}, which cannot be written as "
        "configuration; use plain values, importable functions and estimators"
    )


def _same(value: Any, default: Any) -> bool:
    if type(value) is not type(default):
        return False
    if isinstance(value, float) and math.isnan(value):
        return math.isnan(default)
    return isinstance(value, str | int | float | bool | tuple | type(None)) and value == default


def _name_of(value: Any, where: str) -> str:
    name = f"{value.__module__}.{value.__qualname__}"
    if "<" in name:
        raise ValueError(
            f"the parameter {where} holds {value.__qualname__}, which has no import path"
        )
    return name


def _built(written: Any) -> Any:
    if isinstance(written, list | tuple):
        return [_built(item) for item in written]
    if not isinstance(written, Mapping):
        return written
    if "tuple" in written:
        return tuple(_built(item) for item in written["tuple"])
    if "number" in written:
        return float(written["number"])
    if "name" in written:
        return _imported(written["name"])
    if "mapping" in written:
        return {key: _built(item) for key, item in written["mapping"].items()}
    if "class" in written:
        path = written["class"]
        return _constructed(_imported(path), path, written.get("parameters", {}))
    return {key: _built(item) for key, item in written.items()}


def _constructed(class_: Any, path: str, parameters: Mapping[str, Any]) -> Any:
    built = {name: _built(value) for name, value in parameters.items()}
    try:
        return class_(**built)
    except TypeError:
        raise _unknown_parameter(class_, path, built) from None


def _with_parameters(estimator: Any, path: str, parameters: Mapping[str, Any]) -> Any:
    known = estimator.get_params(deep=True)
    for name in parameters:
        if name not in known:
            raise _unknown_parameter(type(estimator), path, parameters, known)
    return estimator.set_params(**{name: _built(value) for name, value in parameters.items()})


def _unknown_parameter(
    class_: Any, path: str, given: Mapping[str, Any], known: Mapping[str, Any] | None = None
) -> ConfigurationError:
    names = list(known or [n for n in inspect.signature(class_.__init__).parameters if n != "self"])
    wrong = next((name for name in given if name not in names), None)
    if wrong is None:
        return ConfigurationError(f"Train: {path} needs parameters that were not given.")
    return ConfigurationError(
        f"Train: {path} has no parameter {wrong!r}.",
        hint=f"{did_you_mean(wrong, names)} Parameters: {listed(names)}.".strip(),
    )


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        raise ConfigurationError(
            f"Train: {path} cannot be imported.", hint=_nearest_estimator(name)
        ) from None


def _nearest_estimator(name: str) -> str | None:
    from sklearn.utils import all_estimators  # type: ignore[import-untyped]  # no stubs

    known = dict(all_estimators())
    near = did_you_mean(name, known)
    if not near:
        return None
    found = known[near.split("'")[1]]
    public = ".".join(part for part in found.__module__.split(".") if not part.startswith("_"))
    return f"Did you mean '{public}.{found.__name__}'?"
