"""The step `Performance`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from stepwell import Dataset, Model, Report, Step
from stepwell_monitor._measures import Task, check_metrics
from stepwell_monitor._windows import check_length


@dataclass(frozen=True)
class PerformanceMeasured:
    """What `Performance` produces: metrics of every window, and whether limits hold in all."""

    report: Report


class Performance(Step):
    """Measure how well predictions turned out, window by window, once the truth is known.

    Labels come late: each window says how many of its rows have one, and with too few of them it
    is "no data". Windows are in UTC, from their start up to the start of the next. Rows that a
    model was trained on are left out.
    """

    metrics: Sequence[str] | None = Field(
        default=None, description="What to measure. Default: all metrics of the task."
    )
    window: str = Field(
        default="1d", description="The length of a window, such as '6h', '1d', '1w' or '1mo'."
    )
    time_column: str | None = Field(
        default=None,
        description="The column that says when. Default: that with the role 'time', else "
        "'predicted_at'.",
    )
    at_least: Mapping[str, float] = Field(
        default={}, description="Metrics that must not be lower, in any window."
    )
    at_most: Mapping[str, float] = Field(
        default={}, description="Metrics that must not be higher, in any window."
    )
    gate: Literal["value", "interval"] = Field(
        default="value",
        description="What has to keep a limit: the value, or the whole interval.",
    )
    minimum_rows: int = Field(
        default=30, ge=1, description="Labelled rows that a window needs to be judged."
    )
    confidence: float = Field(
        default=0.95, gt=0, lt=1, description="The confidence of the intervals."
    )
    task: Task | None = Field(
        default=None,
        description="What was predicted. Default: what the model says, else what the columns show.",
    )

    @field_validator("window")
    @classmethod
    def _window_has_a_length(cls, window: str) -> str:
        check_length(window)
        return window

    @field_validator("metrics", "at_least", "at_most")
    @classmethod
    def _metrics_exist(
        cls, given: Sequence[str] | Mapping[str, float] | None, info: ValidationInfo
    ) -> Sequence[str] | Mapping[str, float] | None:
        check_metrics(given, limit=info.field_name if info.field_name != "metrics" else None)
        return given

    @model_validator(mode="after")
    def _limits_have_intervals(self) -> Self:
        if self.gate == "interval" and "r2" in self.at_least:
            raise ValueError("'r2' has no interval: use gate='value', or a limit of another metric")
        return self

    def run(self, *, predictions: Dataset, model: Model | None = None) -> PerformanceMeasured:
        """Measure every model version; limits apply to `model` where it is given, else to all."""
        from stepwell_monitor._performance_report import Limits, report_of
        from stepwell_monitor._windowed import measured

        windowed = measured(
            Dataset.of(predictions),
            model,
            window=self.window,
            when=self.time_column,
            task=self.task,
        )
        limits = Limits(
            values={**self.at_least, **self.at_most},
            gate=self.gate,
            minimum=self.minimum_rows,
            confidence=self.confidence,
            window=self.window,
            judged=model.version if model else None,
        )
        return PerformanceMeasured(report_of(windowed, self.metrics, limits))

    @classmethod
    def example(cls) -> tuple[Performance, dict[str, object]]:
        """A step with a limit, and predictions of two days, a part of them with labels."""
        from datetime import UTC, datetime, timedelta

        import polars as pl

        start = datetime(2026, 1, 1, tzinfo=UTC)
        rows = pl.DataFrame(
            {
                "predicted_at": [start + timedelta(minutes=30 * row) for row in range(96)],
                "prediction": [1, 0, 0, 1] * 24,
                "score": [0.9, 0.4, 0.1, 0.6] * 24,
                "actual": [1, 1, 0, None] * 24,
            }
        )
        return cls(at_least={"roc_auc": 0.7}), {"predictions": rows}
