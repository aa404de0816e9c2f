"""What is known about a fitted estimator: `model.json` without its files."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import JsonValue

from stepwell import Dataset, Feature, ModelDescription, ModelError
from stepwell.authoring import did_you_mean, listed, told_labels
from stepwell_sklearn._frames import UNKNOWN, type_of

Task = Literal["binary", "multiclass", "regression"]

FORMAT = "skops"
HINTS = ("data", "favourable", "features", "files", "metadata", "target")

_ALWAYS = ("numpy", "scipy", "skops")


def check_hints(hints: Mapping[str, Any]) -> None:
    """Raise ModelError for a hint that does not exist."""
    for name in hints:
        if name not in HINTS:
            near = did_you_mean(name, HINTS)
            raise ModelError(
                f"A scikit-learn model takes no {name!r}.",
                hint=f"{near} It takes: {listed(HINTS)}.".strip(),
            )


def check_fitted(estimator: Any) -> None:
    """Raise ModelError unless the estimator was fitted."""
    from sklearn.exceptions import NotFittedError  # type: ignore[import-untyped]  # no stubs
    from sklearn.utils.validation import check_is_fitted  # type: ignore[import-untyped]  # no stubs

    try:
        check_is_fitted(estimator)
    except (NotFittedError, TypeError):
        raise ModelError(
            f"{type(estimator).__name__} is not fitted.",
            hint="Call its fit(X, y) first, or let the step Train do it.",
        ) from None


def describe(
    estimator: Any, hints: Mapping[str, Any], *, modules: Iterable[str]
) -> ModelDescription:
    """The description of a fitted estimator whose file names objects of these modules."""
    classes = _classes(estimator)
    return ModelDescription(
        format=FORMAT,
        task=_task(estimator, classes),
        features=_features(estimator, hints),
        target=hints.get("target"),
        classes=classes,
        favourable=_favourable(hints, classes),
        libraries=_libraries(modules),
        metadata=hints.get("metadata", {}),
    )


def _task(estimator: Any, classes: Sequence[JsonValue] | None) -> Task | None:
    from sklearn.base import is_classifier, is_regressor  # type: ignore[import-untyped]  # no stubs

    if is_classifier(estimator) and classes:
        return "binary" if len(classes) == 2 else "multiclass"
    return "regression" if is_regressor(estimator) else None


def _classes(estimator: Any) -> tuple[JsonValue, ...] | None:
    import numpy as np
    from sklearn.base import is_classifier

    found = getattr(estimator, "classes_", None)
    if not is_classifier(estimator) or not isinstance(found, np.ndarray):
        return None
    classes = found.tolist()
    if any(type(label) not in (bool, int, float, str) for label in classes):
        raise ModelError("The classes of a model are text, numbers or Booleans; these are others.")
    return tuple(classes)


def _favourable(hints: Mapping[str, Any], classes: Sequence[JsonValue] | None) -> JsonValue:
    favourable: JsonValue = hints.get("favourable")
    if favourable is not None and classes and favourable not in classes:
        raise ModelError(
            f"The favourable value {favourable!r} is none of the classes of the model.",
            hint=f"Its classes: {told_labels(classes, near=favourable)}.",
        )
    return favourable


def _features(estimator: Any, hints: Mapping[str, Any]) -> tuple[Feature, ...]:
    if "features" in hints:
        return tuple(hints["features"])
    names = [str(name) for name in getattr(estimator, "feature_names_in_", ())]
    if "data" not in hints:
        return tuple(Feature(name=name, type=UNKNOWN) for name in names)
    schema = Dataset.of(hints["data"]).schema
    columns = names or list(schema)
    missing = [name for name in columns if name not in schema]
    if missing:
        raise ModelError(
            f"{type(estimator).__name__} was fitted on columns that `data` does not have: "
            f"{listed(missing)}."
        )
    return tuple(Feature(name=name, type=type_of(schema[name])) for name in columns)


def _libraries(modules: Iterable[str]) -> dict[str, str]:
    """The versions of all libraries whose objects are in the model."""
    packages = {module.partition(".")[0] for module in modules} | set(_ALWAYS)
    versions = {
        package: getattr(sys.modules.get(package), "__version__", None)
        for package in sorted(packages)
    }
    named = {"scikit-learn" if name == "sklearn" else name: v for name, v in versions.items()}
    return {name: version for name, version in named.items() if isinstance(version, str)}
