"""`Train`: a model out of labelled rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from stepwell import Dataset, Model, Report, Step
from stepwell_train._estimators import build, check_estimator, seeded
from stepwell_train._recipe import Recipe, parameters_of, path_of, recipe_of

if TYPE_CHECKING:
    import polars as pl

    from stepwell_train._features import Chosen

    Estimator = Any  # whoever writes a pipeline may give an object; the field holds its recipe
else:
    Estimator = Annotated[Recipe, BeforeValidator(recipe_of)]


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
    are named in `keep` or `features`, and so are columns that say the same as a protected one that
    is left out; a weight counts as sample weight. Text and missing values
    are treated as far as the estimator needs it, and that treatment is a part of the model; a
    pipeline of your own gets the columns as they are. The same data, configuration and seed give
    the same bytes.
    """

    estimator: Estimator = Field(
        default="sklearn.ensemble.HistGradientBoostingClassifier",
        description="Import path of a class, or an estimator or pipeline as object.",
    )
    parameters: Annotated[Mapping[str, Any], BeforeValidator(parameters_of)] = Field(
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
    seed: int = Field(
        default=0, ge=0, lt=2**32, description="For every random_state that is not given."
    )

    @model_validator(mode="after")
    def _estimator_exists(self) -> Self:
        check_estimator(self.estimator, self.parameters)
        return self

    def run(self, *, data: Dataset) -> Trained:
        """Fit the estimator. Raises DataError, ConfigurationError or ModelError."""
        from stepwell_train._features import choose
        from stepwell_train._fit import fit, weight_column
        from stepwell_train._prepare import preparation_of, prepared
        from stepwell_train._report import training_report
        from stepwell_train._target import labels, target_of

        bare = seeded(build(self.estimator, self.parameters), self.seed)
        data = Dataset.of(data)
        target = target_of(data, self.target)
        frame, roles = data.to_polars(), data.roles
        favourable = roles.favourable if target == roles.target else None
        answers = labels(frame[target], bare, favourable)
        preparation = preparation_of(bare)
        chosen = choose(self, frame, roles, target, preparation)
        weight = weight_column([name for name in roles.columns("weight") if name not in self.drop])
        whole = prepared(bare, chosen.features, preparation)
        fitted = fit(whole, frame, chosen, answers, weight)
        model = self._model(fitted.estimator, data, chosen, target)
        name = type(bare).__name__
        return Trained(model, training_report(name, frame, roles, chosen, fitted, model))

    def _model(self, estimator: Any, data: Dataset, chosen: Chosen, target: str) -> Model:
        from stepwell_sklearn import training_rows

        remembered, hashes = training_rows(data.to_polars(), _identity(data, chosen, target))
        roles = data.roles
        return Model.of(
            estimator,
            features=chosen.features,
            target=target,
            favourable=roles.favourable if target == roles.target else None,
            metadata={
                "estimator": path_of(self.estimator),
                "seed": self.seed,
                "training_rows": remembered,
                **_trained_on(data),
            },
            files={"training_rows": hashes},
        )

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


def _trained_on(data: Dataset) -> dict[str, Any]:
    """Which catalogued datasets in which version the rows come from."""
    origins = [origin.model_dump() for origin in data.origins]
    return {"trained_on": origins} if origins else {}


def _identity(data: Dataset, chosen: Chosen, target: str) -> tuple[str, ...]:
    """The columns by which a training row is recognised later: complete identifiers, else all."""
    frame: pl.DataFrame = data.to_polars()
    identifiers = data.roles.columns("identifier")
    if identifiers and not any(frame[column].null_count() for column in identifiers):
        return identifiers
    return *chosen.names, target
