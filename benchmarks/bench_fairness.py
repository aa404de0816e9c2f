"""Six metrics by two attributes and their intersection, on a million rows, beside fairlearn."""

from collections.abc import Iterator

import fairlearn.metrics
import numpy as np
import pandas as pd
import polars as pl
import sklearn.metrics
from timing import median_seconds

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


def measure() -> Iterator[str]:
    """`Fairness` and `MetricFrame` from text and from categoricals."""
    predictions = _predictions()
    step = Fairness(groups=["sex", "age"], at_most={"equal_opportunity_difference": 0.1})
    categories = predictions.with_columns(pl.col("sex", "age").cast(pl.Categorical))
    for name, frame in (("text", predictions), ("categories", categories)):
        dataset = Dataset.of(frame)
        ours = median_seconds(lambda: step.run(predictions=dataset), times=9)  # noqa: B023 - called here
        pandas = dataset.to_pandas()
        theirs = median_seconds(lambda: _metric_frames(pandas), times=1)  # noqa: B023 - called here
        yield f"{name}: {ours * 1000:.1f} ms, fairlearn {theirs:.1f} s: {theirs / ours:,.0f} x"


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
