"""`Train`: a model out of labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from stepwell import DataError, Dataset, Finding, Model, ModelError, Report, Step
from stepwell_train._recipe import Recipe, recipe_of

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._features import Chosen


@dataclass(frozen=True)
class Trained:
    """What `Train` produces."""

    model: Model
    """The fitted model, which takes the columns as they are in the data."""

    report: Report
    """What it learned from, what was left out and why, and suspicions of proxies."""


class Train(Step):
    """Train a scikit-learn-compatible estimator or pipeline on labelled rows.

    Columns with the role protected, identifier, personal, weight or time are left out unless they
    are named in `keep` or `features`; a weight is used as sample weight. Text and missing values
    are treated as far as the estimator needs it, and that treatment is a part of the model. The
    same data, configuration and seed give the same bytes.
    """

    estimator: Annotated[Recipe, BeforeValidator(recipe_of)] = Field(
        default="sklearn.ensemble.HistGradientBoostingClassifier",
        description="Import path of a class, or an estimator or pipeline as object.",
    )
    parameters: Mapping[str, Any] = Field(
        default={}, description="Parameters of the estimator, nested ones as step__name."
    )
    target: str | None = Field(default=None, description="The column to predict; default: by role.")
    features: Sequence[str] | None = Field(
        default=None, description="The columns to learn from; default: all that may be used."
    )
    keep: Sequence[str] = Field(
        default=(), description="Columns to learn from although their role says otherwise."
    )
    drop: Sequence[str] = Field(default=(), description="Columns not to learn from.")
    seed: int = Field(default=0, ge=0, description="For every random_state that is not given.")

    def run(self, *, data: Dataset) -> Trained:
        """Fit the estimator. Raises DataError, ConfigurationError or ModelError."""
        from sklearn.base import is_classifier  # type: ignore[import-untyped]  # no stubs

        from stepwell_sklearn import training_rows
        from stepwell_train._features import choose
        from stepwell_train._prepare import prepared
        from stepwell_train._recipe import build, seeded
        from stepwell_train._target import labels, target_of

        data = Dataset.of(data)
        target = target_of(data, self.target)
        frame = data.to_polars()
        if not frame.height:
            raise DataError("Train: the data has no rows.")
        bare = seeded(build(self.estimator, self.parameters), self.seed)
        name = type(bare).__name__
        answers = labels(frame[target], classifier=is_classifier(bare), estimator=name)
        chosen = choose(self, frame, data.roles, target)
        fitted = _fitted(prepared(bare, chosen.features), frame, chosen, answers, data.roles)
        names = [feature.name for feature in chosen.features]
        identity = data.roles.columns("identifier") or (*names, target)
        memory, hashes = training_rows(frame, identity)
        model = Model.of(
            fitted,
            features=chosen.features,
            target=target,
            favourable=data.roles.favourable,
            metadata={
                "estimator": _path(self.estimator),
                "seed": self.seed,
                "training_rows": memory,
            },
            files={"training_rows": hashes},
        )
        return Trained(model=model, report=_report(self, frame, chosen, data, name))

    @classmethod
    def example(cls) -> tuple[Train, dict[str, Any]]:
        """Sixty rows with a number and a text."""
        import polars as pl

        rows = pl.DataFrame(
            {
                "income": [float(i % 13) for i in range(60)],
                "city": ["north" if i % 3 else "south" for i in range(60)],
                "repaid": ["yes" if i % 13 > 5 else "no" for i in range(60)],
            }
        )
        step = cls(estimator="sklearn.linear_model.LogisticRegression", target="repaid")
        return step, {"data": Dataset.of(rows)}


def _path(recipe: Recipe) -> str:
    return recipe if isinstance(recipe, str) else str(recipe["class"])


def _fitted(estimator: Any, frame: pl.DataFrame, chosen: Chosen, answers: Any, roles: Any) -> Any:
    import warnings

    from stepwell_sklearn import described, estimator_frame

    given = estimator_frame(frame, chosen.features)
    weights = _weights(estimator, frame, roles)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of convergence and the like; they may quote cells
            return estimator.fit(given, answers, **weights)
    except (ValueError, TypeError, AttributeError, RuntimeError, ArithmeticError) as error:
        raise ModelError(
            f"{type(estimator).__name__} could not be trained: {described(error)}."
        ) from None


def _weights(estimator: Any, frame: pl.DataFrame, roles: Any) -> dict[str, Any]:
    """The sample weights, under the name that the estimator knows them by."""
    import polars as pl
    from sklearn.pipeline import Pipeline  # type: ignore[import-untyped]  # no stubs

    columns = roles.columns("weight")
    if not columns:
        return {}
    weights = frame[columns[0]].cast(pl.Float64)
    if weights.null_count() or not (weights.is_finite() & (weights >= 0)).all():
        raise DataError(
            f"Train: the weight {columns[0]!r} is missing, negative or infinite in places."
        )
    named = (
        f"{estimator.steps[-1][0]}__sample_weight"
        if isinstance(estimator, Pipeline)
        else "sample_weight"
    )
    return {named: weights.to_numpy()}


def _report(train: Train, frame: pl.DataFrame, chosen: Chosen, data: Dataset, name: str) -> Report:
    from stepwell_train._proxies import proxies

    names = [feature.name for feature in chosen.features]
    protected = [c for c in data.roles.columns("protected") if c not in names]
    used = Finding(
        check="features",
        verdict="passed",
        message=f"{name} learned from {len(names)} columns and {frame.height} rows.",
        columns=tuple(names),
        rows=frame.height,
    )
    left_out = [
        Finding(
            check="left out",
            verdict="passed"
            if "role" in reason or "named" in reason or "target" in reason
            else "warned",
            message=f"{column!r} was left out: {reason}.",
            columns=(column,),
        )
        for column, reason in chosen.left_out.items()
    ]
    kept = [
        Finding(
            check="protected feature",
            verdict="warned",
            message=f"The model learned from the protected column {column!r}, as it was told to.",
            columns=(column,),
        )
        for column in data.roles.columns("protected")
        if column in names
    ]
    return Report(
        summary=f"{name} on {len(names)} features, {frame.height} rows, seed {train.seed}",
        findings=(used, *left_out, *kept, *proxies(frame, names, protected)),
        details={"features": [*names], "left_out": {**chosen.left_out}, "seed": train.seed},
    )
