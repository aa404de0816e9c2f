"""Estimators as configuration: JSON from which the same unfitted estimator is built again.

    "sklearn.linear_model.Ridge"                                  a class
    {"class": "sklearn.linear_model.Ridge", "parameters": {…}}    and what differs from its defaults

Values that JSON does not have are written as

    {"tuple": […]}    {"items": [[key, value], …]}    {"number": "nan"}    {"name": "numpy.log1p"}
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NoReturn

from stepwell_train._imports import (
    import_path,
    imported,
    nearest_estimator,
    unknown_parameter,
)

Recipe = str | Mapping[str, Any]


def recipe_of(given: Any) -> Recipe:
    """The recipe of an estimator given as import path, recipe or object.

    Raises ValueError for what is no estimator or cannot be written as JSON.
    """
    if isinstance(given, str):
        if not all(part.isidentifier() for part in given.split(".")) or "." not in given:
            near = nearest_estimator(given) if given.isidentifier() else None
            hint = near or "write for example 'sklearn.linear_model.Ridge'"
            raise ValueError(f"{given!r} is no import path. {hint}")
        return given
    if isinstance(given, Mapping):
        if _kind(given) != "class":
            raise ValueError('a recipe is {"class": "package.module.Class", "parameters": {...}}')
        return given
    if isinstance(given, type):
        raise ValueError(f"{given.__name__} is a class; write {given.__name__}()")
    if not hasattr(given, "get_params") or not hasattr(given, "fit"):
        raise ValueError(f"an object of type {type(given).__name__} is no scikit-learn estimator")
    written: Mapping[str, Any] = _written(given, type(given).__name__)
    return written if written["parameters"] else str(written["class"])


def path_of(recipe: Recipe) -> str:
    """The import path of the estimator's class."""
    return recipe if isinstance(recipe, str) else str(recipe["class"])


def parameters_of(given: Any) -> Any:
    """Parameters with every value as JSON. Raises ValueError for what cannot be written so."""
    if not isinstance(given, Mapping) or _is_frozen(given):
        return given
    return {str(name): _normalised(value, str(name)) for name, value in given.items()}


def built(written: Any) -> Any:
    """The value that a recipe, or a value in it, stands for. Raises ConfigurationError."""
    if isinstance(written, list | tuple):
        return [built(item) for item in written]
    if not isinstance(written, Mapping):
        return written
    kind = _kind(written)
    if kind is not None:
        return _BUILDERS[kind](written)
    return {key: built(item) for key, item in written.items()}


def _is_frozen(value: Mapping[str, Any]) -> bool:
    """Whether this comes out of a step: it was written before, and its tuples are lists."""
    return isinstance(value, Hashable)


def _kind(value: Mapping[str, Any]) -> str | None:
    """Which of the values of the module's docstring this is; None for a plain mapping."""
    keys = set(value)
    if keys in ({"class"}, {"class", "parameters"}) and isinstance(value["class"], str):
        return "class"
    if len(keys) != 1:
        return None
    (name, content) = next(iter(value.items()))
    wanted = {"tuple": list | tuple, "items": list | tuple, "number": str, "name": str}
    return name if isinstance(content, wanted.get(name, ())) else None


def _normalised(value: Any, where: str) -> Any:
    """A value that may hold both objects and what was written before."""
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        if _is_frozen(value):
            return value
        if _kind(value) is not None:
            return dict(value)
        return {key: _normalised(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_normalised(item, where) for item in value]
    return _written(value, where)


def _written(value: Any, where: str) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(value)}
    if isinstance(value, tuple) and type(value) is tuple:
        return {"tuple": [_written(item, where) for item in value]}
    if isinstance(value, list):
        return [_written(item, where) for item in value]
    if isinstance(value, Mapping):
        return _written_mapping(value, where)
    if callable(value) and hasattr(value, "__name__"):
        return {"name": import_path(value, where)}
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return _written(value.item(), where) if value.ndim == 0 else _refuse(value, where)
    return _written_object(value, where)


def _written_mapping(value: Mapping[Any, Any], where: str) -> dict[str, Any]:
    written = {key: _written(item, f"{where}.{key}") for key, item in value.items()}
    if all(isinstance(key, str) for key in value) and _kind(value) is None:
        return written
    return {"items": [[_written(key, where), item] for key, item in written.items()]}


def _written_object(value: Any, where: str) -> dict[str, Any]:
    signature = inspect.signature(type(value).__init__).parameters
    defaults = {name: parameter.default for name, parameter in signature.items()}
    changed = {
        name: item
        for name, item in _parameters(value, where).items()
        if not _same(item, defaults.get(name, inspect.Parameter.empty))
    }
    return {
        "class": import_path(type(value), where),
        "parameters": {name: _written(item, f"{where}.{name}") for name, item in changed.items()},
    }


def _parameters(value: Any, where: str) -> dict[str, Any]:
    if hasattr(value, "get_params"):
        return dict(value.get_params(deep=False))
    names = [name for name in inspect.signature(type(value).__init__).parameters if name != "self"]
    if hasattr(value, "__dict__") and names and all(hasattr(value, name) for name in names):
        return {name: getattr(value, name) for name in names}  # a splitter of cross-validation
    return _refuse(value, where)


def _refuse(value: Any, where: str) -> NoReturn:
    raise ValueError(
        f"the parameter {where} holds a {type(value).__name__}, which cannot be written as "
        "configuration; use plain values, importable functions and estimators"
    )


def _same(value: Any, default: Any) -> bool:
    if type(value) is not type(default):
        return False
    if isinstance(value, float) and math.isnan(value):
        return math.isnan(default)
    plain = value is None or isinstance(value, str | int | float | bool | tuple)
    return plain and bool(value == default)


def _constructed(written: Mapping[str, Any]) -> Any:
    path = written["class"]
    class_ = imported(path)
    parameters = {name: built(value) for name, value in written.get("parameters", {}).items()}
    try:
        return class_(**parameters)
    except TypeError:
        raise unknown_parameter(class_, path, parameters) from None


_BUILDERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "class": _constructed,
    "tuple": lambda written: tuple(built(written["tuple"])),
    "items": lambda written: {built(key): built(item) for key, item in written["items"]},
    "number": lambda written: float(written["number"]),
    "name": lambda written: imported(written["name"]),
}
