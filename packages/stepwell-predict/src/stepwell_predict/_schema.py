"""The one schema of predictions: which columns it adds, and what they must not meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from stepwell import DataError, Dataset, Model

ACTUAL = "actual"
PREDICTION = "prediction"
SCORE = "score"
VERSION = "model_version"
IDENTITY = "prediction_id"
TIME = "predicted_at"
SEEN = "seen_in_training"


def target_of(rows: Dataset, model: Model) -> str | None:
    """The column of what really happened, if it is there: by its role, else by the model."""
    target = rows.roles.target or model.description.target
    return target if target in rows.columns else None


def score_names(models: Iterable[Model]) -> tuple[str, ...]:
    """The columns of scores that these models make: one, or one for each class."""
    names: dict[str, None] = {}
    for model in models:
        if model.description.task == "binary":
            names[SCORE] = None
        elif model.description.task == "multiclass":
            names |= dict.fromkeys(f"{SCORE}_{label}" for label in model.description.classes or ())
    return tuple(names)


def check_names(rows: Dataset, target: str | None, scores: Sequence[str]) -> None:
    """Raise DataError for columns of the data that are called like those of the schema."""
    made = [ACTUAL, PREDICTION, *scores, VERSION, IDENTITY, TIME, SEEN]
    kept = [column for column in rows.columns if column != target]
    taken = [column for column in made if column in kept]
    if taken:
        raise DataError(
            f"Predict: the data has columns that predictions will have: {', '.join(taken)}.",
            hint="Rename them before the model is trained: "
            f'.rename({{"{taken[0]}": "{taken[0]}_before"}}).',
        )


def features_of(model: Model, rows: Dataset, target: str | None) -> tuple[str, ...]:
    """The columns that the model takes: those that it names, else all but the target."""
    named = tuple(feature.name for feature in model.description.features)
    return named or tuple(column for column in rows.columns if column != target)


_KEEP = "Keep the champion's columns in the data until it is replaced. "


def check_features(rows: Dataset, model: Model, *, called: str) -> None:
    """Raise DataError if the data lacks columns that the model takes."""
    features = [feature.name for feature in model.description.features]
    missing = [feature for feature in features if feature not in rows.columns]
    if not missing:
        return
    near = get_close_matches(missing[0], list(rows.columns), n=1, cutoff=0.6)
    proposal = f"Is {missing[0]!r} what the data calls {near[0]!r}? " if near else ""
    raise DataError(
        f"Predict: the data lacks {len(missing)} of the {len(features)} columns that the {called} "
        f"{model.version} takes: {_some(missing)}.",
        hint=f"{proposal}{_KEEP if called == 'champion' else ''}Columns: {_some(rows.columns)}.",
    )


def _some(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
