"""What two models must have in common to stand in one table of predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwell import ConfigurationError, Model, ModelError
from stepwell.authoring import told_labels

Label = Any


def check_models(models: Sequence[Model]) -> None:
    """Raise ModelError for a model whose predictions fit no schema, or not that of the first."""
    first = models[0]
    for model in models:
        described = model.description
        if described.task is None or (described.task != "regression" and not described.classes):
            raise ModelError(
                f"Predict: model {model.version} does not say what it predicts.",
                hint="A model of a classifier or a regressor does; store it with Model.of(...).",
            )
        if described.task != first.description.task:
            raise ModelError(
                f"Predict: model {first.version} is for {first.description.task} predictions, the "
                f"champion {model.version} for {described.task}; they cannot be compared.",
                hint="Give the new model a name of its own: Champion(name=...), Deploy(name=...).",
            )
        if not _same_kind_of_classes(model, first):
            raise ModelError(
                f"Predict: model {first.version} tells other classes apart ({_told(first)}) than "
                f"the champion {model.version} ({_told(model)}); they cannot be compared.",
                hint="Give the new model a name of its own: Champion(name=...), Deploy(name=...).",
            )


def _same_kind_of_classes(model: Model, other: Model) -> bool:
    """Whether labels are of one type, and for binary models the same."""
    if {type(label) for label in _classes(model)} != {type(label) for label in _classes(other)}:
        return False
    return model.description.task != "binary" or _classes(model) == _classes(other)


def scored_class(model: Model) -> Label:
    """The class whose probability the model's own `score` is."""
    described = model.description
    if described.favourable is not None:
        return described.favourable
    return described.classes[-1] if described.classes else None


def class_of_score(model: Model, favourable: Label) -> Label:
    """The class whose probability `score` is in the table: the data's favourable one, if it says
    one, else that of `model`.
    """
    if favourable is None or model.description.task != "binary":
        return scored_class(model)
    if favourable not in _classes(model):
        raise ConfigurationError(
            f"Predict: the favourable value of the target is {favourable!r} "
            f"({type(favourable).__name__}), which model {model.version} does not know.",
            hint=f"Its classes: {_told(model, near=favourable)}.",
        )
    return favourable


def _classes(model: Model) -> set[Label]:
    return set(model.description.classes or ())


def _told(model: Model, near: Label = None) -> str:
    return told_labels(model.description.classes or (), near=near)
