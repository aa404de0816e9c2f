"""Predictions of a live estimator as columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stepwell import DataError, Feature, ModelDescription, ModelError
from stepwell.authoring import listed
from stepwell_sklearn._failures import described
from stepwell_sklearn._frames import UNKNOWN, estimator_frame

if TYPE_CHECKING:
    import polars as pl


def predictions(live: Any, description: ModelDescription, frame: pl.DataFrame) -> pl.DataFrame:
    """A row for each row of `frame`: `prediction`, and what the task scores.

    Binary models give `score`, of the favourable class if it is known, else of the last one;
    models of more classes a `score_<class>` for each. Scores are probabilities; of an estimator
    that has none, they are its decision values, brought between 0 and 1 in the same order.

    Raises DataError if the frame does not fit the model, or if the estimator cannot work with it.
    """
    import polars as pl

    if not hasattr(live, "predict"):
        raise ModelError(f"A {type(live).__name__} does not predict.")
    given = _input(live, description, frame)
    if not frame.height:  # scikit-learn refuses to predict nothing
        return pl.DataFrame(schema=_schema(live, description))
    try:
        columns = {"prediction": live.predict(given), **_scores(live, description, given)}
    except Exception as error:  # of any library, and some quote cells
        raise _not_predicted(live, description, frame, error) from None
    if columns["prediction"].ndim != 1:
        raise ModelError(f"A {type(live).__name__} predicts several targets; a model here has one.")
    return pl.DataFrame(columns).cast(_schema(live, description))  # type: ignore[arg-type]  # by name


def _input(live: Any, description: ModelDescription, frame: pl.DataFrame) -> Any:
    features = description.features
    if not features:
        features = tuple(Feature(name=name, type=UNKNOWN) for name in frame.columns)
    given = estimator_frame(frame, features)
    return given if hasattr(live, "feature_names_in_") else given.to_numpy()


def _schema(live: Any, description: ModelDescription) -> dict[str, Any]:
    import polars as pl

    types = {bool: pl.Boolean, int: pl.Int64, float: pl.Float64, str: pl.String}
    classes = description.classes
    if classes is None:
        return {"prediction": pl.Float64 if description.task == "regression" else pl.Int64}
    scores = dict.fromkeys(_score_columns(live, description), pl.Float64)
    return {"prediction": types[type(classes[0])], **scores}


def _score_columns(live: Any, description: ModelDescription) -> Mapping[str, int]:
    """The names of the score columns, with the positions of their classes."""
    classes = description.classes or ()
    if not hasattr(live, "predict_proba") and not hasattr(live, "decision_function"):
        return {}
    if len(classes) != 2:
        return {f"score_{label}": position for position, label in enumerate(classes)}
    favourable = description.favourable
    return {"score": classes.index(favourable) if favourable in classes else 1}


def _scores(live: Any, description: ModelDescription, given: Any) -> dict[str, Any]:
    columns = _score_columns(live, description)
    if not columns:
        return {}
    matrix = _class_scores(live, given)
    return {name: matrix[:, position] for name, position in columns.items()}


def _class_scores(live: Any, given: Any) -> Any:
    """A column of scores for each class."""
    import numpy as np
    from scipy.special import expit, softmax  # type: ignore[import-untyped]  # no stubs

    if hasattr(live, "predict_proba"):
        return live.predict_proba(given)
    decision = live.decision_function(given)
    if decision.ndim == 2:
        return softmax(decision, axis=1)
    return np.column_stack([expit(-decision), expit(decision)])


def _not_predicted(
    live: Any, description: ModelDescription, frame: pl.DataFrame, error: Exception
) -> DataError:
    names = [feature.name for feature in description.features]
    gaps = [name for name in names if frame[name].null_count()]
    missing = f" Columns with missing values: {listed(gaps)}." if gaps else ""
    return DataError(
        f"{type(live).__name__} cannot predict {frame.height:,} rows: {described(error)}.{missing}"
    )
