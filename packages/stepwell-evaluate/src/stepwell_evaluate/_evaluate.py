"""The step `Evaluate`: how good models are, on rows that they were not trained on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from stepwell import Dataset, Model, Report, Step
from stepwell_evaluate._definitions import DEFINITIONS, Task, problem_with
from stepwell_evaluate._thresholds import Gate


@dataclass(frozen=True)
class Evaluated:
    """What `Evaluate` produces."""

    report: Report


class Evaluate(Step):
    """Measure every model in a table of predictions, and compare a challenger with the champion.

    Each metric is scikit-learn's, with a bootstrap interval. Thresholds become findings of the
    report. Only rows with a label count, and only rows that the model was not trained on.
    """

    may_show: ClassVar = {"model_version": "Metrics and findings say of which model they are."}

    metrics: Sequence[str] | None = Field(
        default=None, description="What to measure; by default what is usual for the task."
    )
    at_least: Mapping[str, float] = Field(
        default={}, description="Metrics that must not be lower, each with its threshold."
    )
    at_most: Mapping[str, float] = Field(
        default={}, description="Metrics that must not be higher, each with its threshold."
    )
    gate: Gate = Field(
        default="value",
        description="Whether thresholds judge the value, or the end of its interval that is nearer "
        "to failing.",
    )
    task: Task | None = Field(
        default=None, description="What was predicted; by default what the columns show."
    )
    target: str | None = Field(
        default=None,
        description="The column of what really happened; by default the one with the role target, "
        "else 'actual'.",
    )
    positive: bool | int | float | str | None = Field(
        default=None,
        description="The class that binary metrics look for; by default the favourable value, else "
        "the greater label.",
    )
    bootstrap: int = Field(
        default=1000, ge=0, description="How often rows are drawn for intervals; 0 for none."
    )
    confidence: float = Field(
        default=0.95, gt=0.5, lt=1, description="The confidence of the intervals."
    )
    seed: int = Field(default=0, ge=0, description="The seed of the bootstrap.")
    minimum_rows: int = Field(
        default=30,
        ge=1,
        description="On fewer rows thresholds fail, and comparisons are undecided.",
    )
    exact_rows: int = Field(
        default=10_000_000,
        ge=1,
        description="Up to so many labelled rows the scores of a binary model are used as they "
        "are. Those of more rows are counted in 10,000 steps.",
    )

    @field_validator("metrics")
    @classmethod
    def _metrics_exist(cls, names: Sequence[str] | None) -> Sequence[str] | None:
        if names is not None and not names:
            raise ValueError("name at least one metric, or leave the field out")
        _refuse_unknown(names or ())
        return names

    @field_validator("at_least")
    @classmethod
    def _no_loss_is_to_be_great(cls, bounds: Mapping[str, float]) -> Mapping[str, float]:
        for name in bounds:
            if name in DEFINITIONS and not DEFINITIONS[name].higher_is_better:
                raise ValueError(f"{name!r} is better when it is smaller: move it to at_most")
        return bounds

    @field_validator("at_least", "at_most")
    @classmethod
    def _thresholds_exist(cls, bounds: Mapping[str, float]) -> Mapping[str, float]:
        for name, bound in bounds.items():
            if bound != bound:
                raise ValueError(f"the threshold of {name!r} is not a number")
        _refuse_unknown(bounds)
        return bounds

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if 0 < self.bootstrap < 100:
            raise ValueError("bootstrap must be 0, or 100 at least for intervals to mean anything")
        if self.gate == "interval" and not self.bootstrap:
            raise ValueError("gate='interval' needs intervals, and bootstrap=0 makes none")
        for name in self.named:
            problem = problem_with(name, self.task)
            if problem:
                raise ValueError(problem)
        if self.positive is not None and self.task not in (None, "binary"):
            raise ValueError(f"'positive' is for binary predictions, and task is {self.task!r}")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The metrics that the configuration names, in that order."""
        return tuple(dict.fromkeys([*(self.metrics or ()), *self.at_least, *self.at_most]))

    def run(
        self, *, predictions: Dataset, model: Model | None = None, champion: Model | None = None
    ) -> Evaluated:
        """Measure every model version in `predictions`.

        Thresholds judge `model`, else every version but the champion's. These are compared with
        `champion`, if there is one, on the rows that neither was trained on.
        """
        from stepwell_evaluate._evaluation import evaluated

        predictions = Dataset.of(predictions)
        return Evaluated(report=evaluated(self, predictions, model, champion))

    @classmethod
    def example(cls) -> tuple["Evaluate", dict[str, Any]]:
        """A small step with inputs that it can run on."""
        import polars as pl

        predictions = pl.DataFrame(
            {
                "actual": [0, 0, 1, 1] * 10,
                "prediction": [0, 1, 1, 1] * 10,
                "score": [0.1, 0.6, 0.7, 0.9] * 10,
                "model_version": ["0123456789ab"] * 40,
            }
        )
        return cls(at_least={"roc_auc": 0.75}, bootstrap=100), {"predictions": predictions}


def _refuse_unknown(names: Iterable[str]) -> None:
    for name in names:
        problem = problem_with(name)
        if problem:
            raise ValueError(problem)
