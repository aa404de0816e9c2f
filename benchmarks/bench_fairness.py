"""Six metrics by two attributes and their intersection, on a million rows, beside fairlearn."""

from collections.abc import Iterator

import fairlearn.metrics
import numpy as np
import pandas as pd
import polars as pl
import sklearn.metrics  # type: ignore[import-untyped]  # no stubs
from table import Row
from timing import median_seconds, seconds

from stepwell import Dataset
from stepwell_fairness import Fairness

ROWS = 1_000_000
METRICS = {
    "selection_rate": fairlearn.metrics.selection_rate,
    "true_positive_rate": fairlearn.metrics.true_positive_rate,
    "false_positive_rate": fairlearn.metrics.false_positive_rate,
    "false_negative_rate": fairlearn.metrics.false_negative_rate,
    "accuracy": sklearn.metrics.accuracy_score,
    "count": fairlearn.metrics.count,
}


def measure() -> Iterator[Row]:
    """`Fairness` and `MetricFrame` from text and from categoricals."""
    text = _predictions()
    yield _row("text", text, least=1_000)
    categories = text.with_columns(pl.col("sex", "age").cast(pl.Categorical))
    yield _row("categoricals", categories, least=4_000)


def _row(name: str, frame: pl.DataFrame, *, least: int) -> Row:
    step = Fairness(groups=["sex", "age"], at_most={"equal_opportunity_difference": 0.1})
    dataset = Dataset.of(frame)
    ours = median_seconds(lambda: step.run(predictions=dataset), times=15)
    pandas = dataset.to_pandas()
    theirs = seconds(lambda: _metric_frames(pandas))
    return Row(
        f"fairness from {name}: 6 metrics, 2 attributes and intersection, 1,000,000 rows",
        f"≥ {least:,} × fairlearn's `MetricFrame`",
        f"{theirs / ours:,.0f} × ({ours * 1000:.1f} ms to {theirs:.1f} s)",
        theirs >= least * ours,
    )


def _predictions() -> pl.DataFrame:
    random = np.random.default_rng(0)
    actual = random.integers(0, 2, ROWS)
    return pl.DataFrame(
        {
            "sex": random.choice(["female", "male"], ROWS),
            "age": random.choice(["<=25", "26-40", "41-60", ">60"], ROWS),
            "actual": actual,
            "prediction": np.where(random.random(ROWS) < 0.8, actual, 1 - actual),
        }
    )


def _metric_frames(frame: pd.DataFrame) -> None:
    for groups in (["sex"], ["age"], ["sex", "age"]):
        fairlearn.metrics.MetricFrame(
            metrics=METRICS,
            y_true=frame["actual"],
            y_pred=frame["prediction"],
            sensitive_features=frame[groups],
        )
