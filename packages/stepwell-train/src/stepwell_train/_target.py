"""The column to predict, checked, as scikit-learn takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError, Dataset
from stepwell.authoring import did_you_mean, listed, told_labels

if TYPE_CHECKING:
    import polars as pl

_MANY_CLASSES = 100


def target_of(data: Dataset, given: str | None) -> str:
    """The name of the target: the field of the step, else the role. Raises DataError."""
    name = given or data.roles.target
    if name is None:
        raise ConfigurationError(
            "Train does not know the target.",
            hint=f'Write Train(target="..."). Columns: {listed(data.columns)}.',
        )
    if name not in data.columns:
        near = did_you_mean(name, data.columns)
        raise DataError(
            f"Train: the target {name!r} is no column of the data.",
            hint=f"{near} Columns: {listed(data.columns)}.".strip(),
        )
    return name


def labels(target: pl.Series, estimator: Any, favourable: Any = None) -> Any:
    """The target as a NumPy array. Raises DataError for values that cannot be learned."""
    import polars as pl
    from sklearn.base import is_classifier, is_regressor  # type: ignore[import-untyped]  # no stubs

    _require_complete(target)
    name = type(estimator).__name__
    if is_classifier(estimator):
        classes = _classes(target, name)
        _require_among(favourable, classes, target.name)
        return classes
    if not is_regressor(estimator):
        raise ConfigurationError(f"Train: {name} is neither a classifier nor a regressor.")
    if not target.dtype.is_numeric():
        raise DataError(
            f"Train: {name} predicts numbers; {target.name!r} is {target.dtype}.",
            hint="Use a classifier, for example sklearn.linear_model.LogisticRegression.",
        )
    return target.cast(pl.Float64).to_numpy()


def _require_among(favourable: Any, classes: Any, target: str) -> None:
    """Refuse a favourable value that no row has, before hours of training."""
    if favourable is None or len(classes) == 0:
        return
    found = set(classes.tolist())
    if favourable not in found:
        raise DataError(
            f"Train: the favourable value {favourable!r} ({type(favourable).__name__}) of the "
            f"target {target!r} is none of its classes: {told_labels(found, near=favourable)}.",
            hint=f"Correct the role: {{{target!r}: Target(favourable=...)}}.",
        )


def _require_complete(target: pl.Series) -> None:
    import polars as pl

    if not len(target):
        raise DataError("Train: the data has no rows.")
    kind = target.dtype
    if kind.is_nested() or kind.is_temporal() or kind in (pl.Binary, pl.Null):
        raise DataError(f"Train: the target {target.name!r} is {kind}; no model predicts that.")
    missing = target.null_count()
    if missing:
        raise _incomplete(target, "missing", missing)
    strange = int((~target.is_finite()).sum()) if kind.is_float() else 0
    if strange:
        raise _incomplete(target, "NaN or infinite", strange)


def _incomplete(target: pl.Series, what: str, rows: int) -> DataError:
    return DataError(
        f"Train: the target {target.name!r} is {what} in {rows:,} of {len(target):,} rows.",
        hint="Drop those rows before the split.",
    )


def _classes(target: pl.Series, estimator: str) -> Any:
    import polars as pl

    if target.dtype.is_float() or target.dtype.is_decimal():
        target = _whole(target.cast(pl.Float64), estimator)
    distinct = target.n_unique()
    if distinct < 2:
        raise DataError(
            f"Train: the target {target.name!r} has one class only; a classifier needs two.",
            hint="Look at how the data was selected.",
        )
    if distinct > _MANY_CLASSES and 2 * distinct > len(target):
        raise DataError(
            f"Train: {estimator} predicts classes; the target {target.name!r} has {distinct:,} "
            f"different values in {len(target):,} rows.",
            hint="Use a regressor for a number, and another column for anything else.",
        )
    if target.dtype in (pl.String, pl.Categorical, pl.Enum):
        return target.cast(pl.String).to_numpy().astype(str)
    return target.to_numpy()


def _whole(target: pl.Series, estimator: str) -> pl.Series:
    import polars as pl

    if (target != target.round()).any():
        raise DataError(
            f"Train: {estimator} predicts classes; the target {target.name!r} holds fractions.",
            hint="Use a regressor, for example sklearn.ensemble.HistGradientBoostingRegressor.",
        )
    return target.cast(pl.Int64)
