"""What is done to the columns so that an estimator can take them: a part of the stored model.

estimator                      text             missing numbers    numbers
a pipeline of the user's       as it is         as they are        as they are
one that takes categories      as categories    as they are        as they are
any other                      one-hot          by the median,     to unit variance where
                                                unless it takes    distances or penalties
                                                NaN                compare them
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepwell import Feature
from stepwell_sklearn import kind_of
from stepwell_train._estimators import parts_of

MOST_CATEGORIES = 250
"""Text with more different values is left out: it is free text or an identifier."""

_COMPARES_SCALES = (
    "sklearn.gaussian_process",
    "sklearn.linear_model",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.semi_supervised",
    "sklearn.svm",
)


@dataclass(frozen=True)
class Preparation:
    """What an estimator needs: whether it prepares its columns itself, and how many categories a
    column of text may have.
    """

    by_the_estimator: bool
    most_categories: int = MOST_CATEGORIES


def preparation_of(estimator: Any) -> Preparation:
    """What has to be done before `estimator`, told from what it is made of."""
    from sklearn.compose import ColumnTransformer  # type: ignore[import-untyped]  # no stubs
    from sklearn.pipeline import Pipeline  # type: ignore[import-untyped]  # no stubs

    selects_columns = any(isinstance(part, ColumnTransformer) for part in parts_of(estimator))
    most = min(MOST_CATEGORIES, getattr(estimator, "max_bins", MOST_CATEGORIES))
    return Preparation(isinstance(estimator, Pipeline) or selects_columns, most)


def prepared(estimator: Any, features: Sequence[Feature], preparation: Preparation) -> Any:
    """The estimator, behind the preparation that it needs for these features."""
    from sklearn.pipeline import Pipeline

    if preparation.by_the_estimator or _takes_categories(estimator):
        return estimator
    return Pipeline([("prepare", _by_column(estimator, features)), ("model", estimator)])


def _takes_categories(estimator: Any) -> bool:
    return getattr(estimator, "categorical_features", None) is not None


def _by_column(estimator: Any, features: Sequence[Feature]) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder  # type: ignore[import-untyped]  # no stubs

    sparse = bool(_input_tags(estimator).sparse)
    text = [feature.name for feature in features if kind_of(feature.type) == "text"]
    numbers = [feature.name for feature in features if kind_of(feature.type) != "text"]
    parts: list[tuple[str, Any, list[str]]] = []
    if numbers:
        parts.append(("numbers", _for_numbers(estimator), numbers))
    if text:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=sparse)
        parts.append(("text", encoder, text))
    return ColumnTransformer(parts, sparse_threshold=0.3 if sparse else 0)


def _for_numbers(estimator: Any) -> Any:
    from sklearn.impute import SimpleImputer  # type: ignore[import-untyped]  # no stubs
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    tags = _input_tags(estimator)
    parts: list[tuple[str, Any]] = []
    if not tags.allow_nan:
        parts.append(("missing", SimpleImputer(strategy="median")))
    if tags.positive_only:
        parts.append(("scale", MinMaxScaler(clip=True)))
    elif any(type(part).__module__.startswith(_COMPARES_SCALES) for part in parts_of(estimator)):
        parts.append(("scale", StandardScaler()))
    return Pipeline(parts) if parts else "passthrough"


def _input_tags(estimator: Any) -> Any:
    from sklearn.utils import get_tags  # type: ignore[import-untyped]  # no stubs

    return get_tags(estimator).input_tags
