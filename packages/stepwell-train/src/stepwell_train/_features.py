"""Which columns a model learns from, and why others are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import DataError, Feature, Roles
from stepwell.authoring import listed
from stepwell_sklearn import kind_of, type_of
from stepwell_train._sides import existing

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._train import Train

MOST_CATEGORIES = 250
"""Text with more different values than this is left out: it is free text or an identifier."""

_LEFT_OUT_ROLES = ("protected", "identifier", "personal", "weight", "time")


@dataclass(frozen=True)
class Chosen:
    """The features of a model, and the columns left out with the reason."""

    features: tuple[Feature, ...]
    left_out: dict[str, str]


def choose(train: Train, frame: pl.DataFrame, roles: Roles, target: str) -> Chosen:
    """The columns to learn from. Raises DataError if none is left."""
    for named in (train.features or (), train.keep, train.drop):
        existing(named, frame, "Train")
    chosen: list[Feature] = []
    left_out: dict[str, str] = {}
    for column in frame.columns:
        reason = _reason(train, frame[column], roles, target)
        if reason is None:
            chosen.append(_feature(frame[column]))
        else:
            left_out[column] = reason
    if not chosen:
        raise DataError(
            f"Train: no column is left to learn from; left out: {listed(left_out)}.",
            hint="Name columns in keep=[...] or features=[...].",
        )
    return Chosen(tuple(chosen), left_out)


def _reason(train: Train, column: pl.Series, roles: Roles, target: str) -> str | None:
    """Why a column is left out; None for a feature."""
    if column.name == target:
        return "it is the target"
    if column.name in train.drop:
        return "it is named in drop"
    if train.features is not None and column.name not in train.features:
        return "it is not named in features"
    wanted = column.name in train.keep or train.features is not None
    kinds = [kind for kind in roles.of(column.name) if kind in _LEFT_OUT_ROLES]
    if kinds and not wanted:
        return f"its role is {kinds[0]}"
    return _unfit(column)


def _unfit(column: pl.Series) -> str | None:
    kind = kind_of(type_of(column.dtype))
    if kind is None:
        return f"no estimator takes the type {type_of(column.dtype)}"
    if kind in ("a date", "a duration"):
        return f"it is {kind}; make numbers of it, such as days since a moment"
    if kind == "missing":
        return "it is missing everywhere"
    if kind == "text" and column.n_unique() > MOST_CATEGORIES:
        return f"it is text with more than {MOST_CATEGORIES} different values"
    return None


def _feature(column: pl.Series) -> Feature:
    import polars as pl

    kind = type_of(column.dtype)
    if kind_of(kind) != "text":
        return Feature(name=column.name, type=kind)
    if isinstance(column.dtype, pl.Enum):
        return Feature(name=column.name, type="Enum", categories=tuple(column.dtype.categories))
    values: Sequence[str] = column.cast(pl.String).drop_nulls().unique().sort().to_list()
    return Feature(name=column.name, type="Categorical", categories=tuple(values))
