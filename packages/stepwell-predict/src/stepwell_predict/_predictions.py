"""What `Predict` hands on: checked, scored now or later, with the roles that the columns have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from stepwell import Dataset, Model, Target
from stepwell_predict._identity import identifying
from stepwell_predict._models import check_models, class_of_score
from stepwell_predict._schema import (
    ACTUAL,
    check_features,
    check_names,
    features_of,
    score_names,
    target_of,
)
from stepwell_predict._scorer import Scorer
from stepwell_predict._table import Table

MOST_CELLS = 100_000_000
"""Larger data is not scored at once, but whenever somebody reads the predictions."""


def predictions(
    rows: Dataset,
    *,
    model: Model,
    champion: Model | None,
    time: datetime | None,
    batch_rows: int,
    trusted: Sequence[str],
) -> Dataset:
    """The rows with what each model says of them; the same model is asked once."""
    models = [model]
    if champion is not None and champion.version != model.version:
        models.append(champion)
    check_models(models)
    target = target_of(rows, model)
    scores = score_names(models)
    check_names(rows, target, scores)
    for one in models:
        check_features(rows, one, called="model" if one is model else "champion")
    of_score = class_of_score(model, rows.roles.favourable)
    scorers = [
        Scorer(one, features_of(one, rows, target), scores, of_score, time, trusted)
        for one in models
    ]
    table = Table(rows, target, identifying(rows, target), scorers, batch_rows)
    is_small = len(rows) * len(rows.columns) <= MOST_CELLS
    scored = rows.with_data(
        table.now() if is_small else table.later(),
        dropped=() if target in (None, ACTUAL) else (str(target),),
    )
    return scored if target is None else _with_role_of_actual(scored, rows, target, model)


def _with_role_of_actual(scored: Dataset, rows: Dataset, target: str, model: Model) -> Dataset:
    """The target's roles, for `actual`; the favourable value is the data's, else the model's."""
    favourable = rows.roles.favourable
    if favourable is None:
        favourable = model.description.favourable
    others = [role for role in rows.roles.get(target, ()) if role.kind != "target"]
    return scored.with_roles({ACTUAL: [*others, Target(favourable=favourable)]})
