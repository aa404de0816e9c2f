"""What is done to the columns so that an estimator can take them: a part of the stored model.

an estimator that takes categories itself   nothing: categories and missing values as they are
a pipeline of the user's                    nothing: it prepares its own columns
any other                                   text one-hot; missing numbers by the median unless
                                            it takes NaN; numbers to unit variance where
                                            distances or penalties compare them
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepwell import Feature
from stepwell_sklearn import kind_of

_COMPARES_SCALES = (
    "sklearn.linear_model",
    "sklearn.svm",
    "sklearn.neighbors",
    "sklearn.neural_network",
    "sklearn.gaussian_process",
)


def prepared(estimator: Any, features: Sequence[Feature]) -> Any:
    """The estimator, behind the preparation that it needs for these features."""
    from sklearn.pipeline import Pipeline  # type: ignore[import-untyped]  # no stubs

    if isinstance(estimator, Pipeline) or _takes_categories(estimator):
        return estimator
    columns = _column_transformer(estimator, features)
    return Pipeline([("prepare", columns), ("model", estimator)])


def _takes_categories(estimator: Any) -> bool:
    return getattr(estimator, "categorical_features", None) == "from_dtype"


def _column_transformer(estimator: Any, features: Sequence[Feature]) -> Any:
    from sklearn.compose import ColumnTransformer  # type: ignore[import-untyped]  # no stubs
    from sklearn.preprocessing import OneHotEncoder  # type: ignore[import-untyped]  # no stubs

    text = [feature.name for feature in features if kind_of(feature.type) == "text"]
    numbers = [feature.name for feature in features if kind_of(feature.type) != "text"]
    parts: list[tuple[str, Any, list[str]]] = []
    if numbers:
        parts.append(("numbers", _for_numbers(estimator), numbers))
    if text:
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        parts.append(("text", encoder, text))
    return ColumnTransformer(parts, verbose_feature_names_out=False)


def _for_numbers(estimator: Any) -> Any:
    from sklearn.impute import SimpleImputer  # type: ignore[import-untyped]  # no stubs
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    parts: list[tuple[str, Any]] = []
    if not _takes_missing(estimator):
        parts.append(("missing", SimpleImputer(strategy="median", keep_empty_features=True)))
    if type(estimator).__module__.startswith(_COMPARES_SCALES):
        parts.append(("scale", StandardScaler()))
    return Pipeline(parts) if parts else "passthrough"


def _takes_missing(estimator: Any) -> bool:
    from sklearn.utils import get_tags  # type: ignore[import-untyped]  # no stubs

    return bool(get_tags(estimator).input_tags.allow_nan)
