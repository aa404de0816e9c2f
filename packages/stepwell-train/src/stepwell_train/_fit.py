"""Fitting an estimator: with weights, without a word of its data in an error or warning."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepwell import ConfigurationError, DataError, ModelError, StepwellError
from stepwell.authoring import listed
from stepwell_sklearn import described, estimator_frame
from stepwell_train._features import Chosen

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Fitted:
    """A fitted estimator, and how often which kind of warning was raised on the way."""

    estimator: Any
    warned: Counter[str]


def fit(
    estimator: Any, frame: pl.DataFrame, chosen: Chosen, answers: Any, weight: str | None
) -> Fitted:
    """The estimator, fitted. Raises DataError, ConfigurationError, or ModelError if it fails."""
    given = estimator_frame(frame, chosen.features)
    weights = {} if weight is None else _weights(estimator, frame[weight])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator.fit(given, answers, **weights)
        except MemoryError:
            raise
        except Exception as error:  # whatever a library raises; its text may quote cells
            raise _not_fitted(estimator, frame, chosen, error) from None
    _forget_times(estimator)
    unexpected = [one.category for one in caught if not issubclass(one.category, _OF_CODE)]
    return Fitted(estimator, Counter(category.__name__ for category in unexpected))


_OF_CODE = (DeprecationWarning, FutureWarning, PendingDeprecationWarning, ImportWarning)


def weight_column(columns: Sequence[str]) -> str | None:
    """The column with the role weight. Raises DataError if there are several."""
    if len(columns) > 1:
        raise DataError(
            f"Train: {len(columns)} columns have the role weight: {listed(columns)}.",
            hint="Name those that are not to count in drop=[...].",
        )
    return columns[0] if columns else None


def _weights(estimator: Any, weights: pl.Series) -> dict[str, Any]:
    """The sample weights, under the name by which the estimator knows them."""
    import polars as pl
    from sklearn.pipeline import Pipeline  # type: ignore[import-untyped]  # no stubs
    from sklearn.utils.validation import (  # type: ignore[import-untyped]  # no stubs
        has_fit_parameter,
    )

    name, last = "sample_weight", estimator
    while isinstance(last, Pipeline):
        name, last = f"{last.steps[-1][0]}__{name}", last.steps[-1][1]
    if not has_fit_parameter(last, "sample_weight"):
        raise ConfigurationError(
            f"Train: {type(last).__name__} takes no weights, and column {weights.name!r} has the "
            "role weight.",
            hint=f"Use another estimator, or drop=[{weights.name!r}] to train without weights.",
        )
    if not weights.dtype.is_numeric():
        raise DataError(f"Train: the weight {weights.name!r} is {weights.dtype}, not a number.")
    values = weights.cast(pl.Float64).fill_null(float("nan"))
    bad = int((~(values.is_finite() & (values >= 0))).sum())
    if bad or not values.sum():
        raise DataError(
            f"Train: the weight {weights.name!r} is missing, negative or infinite in {bad:,} of "
            f"{len(values):,} rows."
            if bad
            else f"Train: the weight {weights.name!r} is zero in every row."
        )
    return {name: values.to_numpy()}


def _not_fitted(
    estimator: Any, frame: pl.DataFrame, chosen: Chosen, error: Exception
) -> StepwellError:
    from sklearn.utils._param_validation import (  # type: ignore[import-untyped]  # no stubs
        InvalidParameterError,
    )

    name = _name(estimator)
    if isinstance(error, InvalidParameterError):
        return ConfigurationError(f"Train: {name} could not be trained: {described(error)}")
    problem = described(error)
    hint = None
    if "NaN" in problem or "infinity" in problem:
        what, columns = _gaps(frame, chosen, infinite="infinity" in problem)
        hint = f"Columns with {what} values: {listed(columns)}."
    return ModelError(f"Train: {name} could not be trained: {problem}.", hint=hint)


def _name(estimator: Any) -> str:
    """The class of the estimator that was asked for, without the preparation before it."""
    steps = getattr(estimator, "named_steps", {})
    last = steps["model"] if list(steps) == ["prepare", "model"] else estimator
    return type(last).__name__


def _gaps(frame: pl.DataFrame, chosen: Chosen, *, infinite: bool) -> tuple[str, list[str]]:
    """Which columns have infinite, or missing, values."""
    columns = [frame[name] for name in chosen.names]
    floats = [column for column in columns if column.dtype.is_float()]
    if infinite:
        return "infinite", [column.name for column in floats if column.is_infinite().any()]
    nulls = [column.name for column in columns if column.null_count()]
    nans = [column.name for column in floats if column.is_nan().any()]
    return "missing", list(dict.fromkeys([*nulls, *nans]))


def _forget_times(estimator: Any) -> None:
    """How long a search took is no part of a model: it would be another one every time."""
    import numpy as np
    from sklearn.base import BaseEstimator  # type: ignore[import-untyped]  # no stubs

    waiting, seen = [estimator], set()
    while waiting:
        part = waiting.pop()
        if isinstance(part, list | tuple):
            waiting.extend(part)
        if not isinstance(part, BaseEstimator) or id(part) in seen:
            continue
        seen.add(id(part))
        waiting.extend(vars(part).values())
        if hasattr(part, "cv_results_") and hasattr(part, "refit_time_"):
            part.refit_time_ = 0.0
            for name, values in part.cv_results_.items():
                if name.endswith("_time"):
                    part.cv_results_[name] = np.zeros_like(values)
