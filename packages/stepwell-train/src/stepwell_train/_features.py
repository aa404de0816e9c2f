"""Which columns a model learns from, and why others are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepwell import DataError, Feature, Roles
from stepwell.authoring import derived_from, listed
from stepwell_sklearn import kind_of, type_of
from stepwell_train._columns import require_columns

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._prepare import Preparation
    from stepwell_train._train import Train

_LEFT_OUT_ROLES = ("protected", "identifier", "personal", "special", "weight", "time")
_MANY_ROWS = 100


@dataclass(frozen=True)
class LeftOut:
    """Why a column is no feature, and whether whoever wrote the pipeline will expect it."""

    reason: str
    expected: bool = True


@dataclass(frozen=True)
class Chosen:
    """The features of a model, and the columns left out."""

    features: tuple[Feature, ...]
    left_out: dict[str, LeftOut]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(feature.name for feature in self.features)


def choose(
    train: Train, frame: pl.DataFrame, roles: Roles, target: str, preparation: Preparation
) -> Chosen:
    """The columns to learn from.

    Raises DataError if none is left, or if a column that is asked for cannot be learned from.
    """
    for named in (train.features or (), train.keep, train.drop):
        require_columns(named, frame, "Train")
    features: list[Feature] = []
    left_out: dict[str, LeftOut] = {}
    for column in frame:
        left = _left_out_by_name(train, column.name, roles, target)
        left = left or _unfit(column, preparation, asked=_is_asked_for(train, column.name))
        if left is None:
            features.append(_feature(column, preparation))
        else:
            left_out[column.name] = left
    derived = _derived(train, frame, roles, [feature.name for feature in features])
    features = [feature for feature in features if feature.name not in derived]
    left_out |= derived
    if not features:
        raise DataError(
            f"Train: no column is left to learn from; left out: {listed(left_out)}.",
            hint="Name columns in keep=[...] or features=[...].",
        )
    return Chosen(tuple(features), left_out)


def numbered(frame: pl.DataFrame, chosen: Chosen) -> Iterator[str]:
    """Features that hold a different whole number in every row, as an identifier does."""
    if frame.height < _MANY_ROWS:
        return
    for name in chosen.names:
        column = frame[name]
        if column.dtype.is_integer() and column.n_unique() == frame.height:
            yield name


def _is_asked_for(train: Train, name: str) -> bool:
    return name in train.keep or (train.features is not None and name in train.features)


def _left_out_by_name(train: Train, name: str, roles: Roles, target: str) -> LeftOut | None:
    if name == target:
        return LeftOut("it is the target")
    if name in train.drop:
        return LeftOut("it is named in drop")
    if _is_asked_for(train, name):
        return None
    if train.features is not None:
        return LeftOut("it is not named in features")
    kinds = [kind for kind in roles.of(name) if kind in _LEFT_OUT_ROLES]
    return LeftOut(f"its role is {kinds[0]}") if kinds else None


def _derived(
    train: Train, frame: pl.DataFrame, roles: Roles, features: Sequence[str]
) -> dict[str, LeftOut]:
    """Features that nobody named and that say the same as a protected column which is left out."""
    protected = [name for name in roles.columns("protected") if not _is_asked_for(train, name)]
    unnamed = [name for name in features if not _is_asked_for(train, name)]
    identifiers = roles.columns("identifier")
    told = derived_from(frame, protected, unnamed, identifiers=identifiers)
    return {
        name: LeftOut(
            f"it says the same as the protected {listed(of)}; name it in keep to learn from it, in "
            "drop if not, or give it the role protected",
            expected=False,
        )
        for name, of in told.items()
    }


def _unfit(column: pl.Series, preparation: Preparation, *, asked: bool) -> LeftOut | None:
    """Why nothing can be learned from the cells of a column.

    Raises DataError if it was asked for.
    """
    problem = _problem(column, preparation)
    if problem is not None and asked:
        raise DataError(
            f"Train: column {column.name!r} is asked for, but {problem}.",
            hint="Prepare it in a step before, or hand over a pipeline that does.",
        )
    return LeftOut(problem, expected=False) if problem else None


def _problem(column: pl.Series, preparation: Preparation) -> str | None:
    kind = kind_of(type_of(column.dtype))
    if kind is None:
        return f"no estimator takes the type {type_of(column.dtype)}"
    if preparation.by_the_estimator:
        return None
    if kind in ("a date", "a duration"):
        return f"it is {kind}; make numbers of it, such as days since a moment"
    if _present(column).is_empty():
        return "it is missing in every row"
    if kind == "text" and _present(column).n_unique() > preparation.most_categories:
        return f"it is text with more than {preparation.most_categories} different values"
    return None


def _present(column: pl.Series) -> pl.Series:
    return (column.fill_nan(None) if column.dtype.is_float() else column).drop_nulls()


def _feature(column: pl.Series, preparation: Preparation) -> Feature:
    import polars as pl

    kind = type_of(column.dtype)
    if isinstance(column.dtype, pl.Enum):
        categories = tuple(column.dtype.categories)
        return Feature(name=column.name, type=kind, categories=categories)
    if kind_of(kind) != "text" or (preparation.by_the_estimator and kind == "String"):
        return Feature(name=column.name, type=kind)
    values = column.cast(pl.String).drop_nulls().unique().sort()
    return Feature(name=column.name, type="Categorical", categories=tuple(values))
