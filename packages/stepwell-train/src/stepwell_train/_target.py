"""The column to predict, checked, as scikit-learn takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError, Dataset
from stepwell.authoring import did_you_mean, listed

if TYPE_CHECKING:
    import polars as pl


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


def labels(target: pl.Series, *, classifier: bool, estimator: str) -> Any:
    """The target as a NumPy array. Raises DataError for values that cannot be learned."""
    import polars as pl

    _check_complete(target)
    if not classifier:
        if not target.dtype.is_numeric():
            raise DataError(
                f"Train: {estimator} predicts numbers; {target.name!r} is {target.dtype}.",
                hint="Use a classifier, for example sklearn.linear_model.LogisticRegression.",
            )
        return target.cast(pl.Float64).to_numpy()
    if target.dtype.is_float() or target.dtype.is_decimal():
        target = _whole(target.cast(pl.Float64), estimator)
    if target.n_unique() < 2:
        raise DataError(
            f"Train: the target {target.name!r} has one class only; a classifier needs two.",
            hint="Look at how the data was selected.",
        )
    if isinstance(target.dtype, pl.Categorical | pl.Enum) or target.dtype == pl.String:
        return target.cast(pl.String).to_numpy().astype(str)
    return target.to_numpy()


def _check_complete(target: pl.Series) -> None:
    import polars as pl

    missing = target.null_count()
    if target.dtype.is_float():
        strange = int((~target.drop_nulls().is_finite()).sum())
        if strange:
            raise DataError(
                f"Train: the target {target.name!r} is NaN or infinite in {strange} rows.",
                hint="Drop those rows before the split.",
            )
    if missing:
        raise DataError(
            f"Train: the target {target.name!r} is missing in {missing} of {len(target)} rows.",
            hint="Drop those rows before the split.",
        )
    if (
        target.dtype.is_nested()
        or target.dtype in (pl.Binary, pl.Null)
        or target.dtype.is_temporal()
    ):
        raise DataError(
            f"Train: the target {target.name!r} is {target.dtype}; no model predicts that."
        )


def _whole(target: pl.Series, estimator: str) -> pl.Series:
    import polars as pl

    if int((target != target.round()).sum()):
        raise DataError(
            f"Train: {estimator} predicts classes; the target {target.name!r} holds fractions.",
            hint="Use a regressor, for example sklearn.ensemble.HistGradientBoostingRegressor.",
        )
    return target.cast(pl.Int64)
