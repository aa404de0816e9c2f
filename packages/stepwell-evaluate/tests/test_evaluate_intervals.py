"""Bootstrap intervals: against a plain bootstrap, in their coverage, and whatever the size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from sklearn import metrics

from stepwell import Dataset, Metric
from stepwell_evaluate import Evaluate
from stepwell_evaluate._bootstrap import MOST_ROWS


def predictions(rows: int, seed: int = 0) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    actual = generator.random(rows) < 0.3
    score = np.clip(generator.normal(0.35 + 0.2 * actual, 0.2), 0, 1)
    return pl.DataFrame(
        {"actual": actual.astype(int), "prediction": (score > 0.5).astype(int), "score": score}
    )


def metric(frame: pl.DataFrame, name: str, **fields: int | float) -> Metric:
    found = Evaluate(metrics=[name], **fields).run(predictions=frame).report.metric(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "column", "function"),
    [
        ("roc_auc", "score", metrics.roc_auc_score),
        ("average_precision", "score", metrics.average_precision_score),
        ("f1", "prediction", metrics.f1_score),
        ("matthews_corrcoef", "prediction", metrics.matthews_corrcoef),
    ],
)
def test_interval_equals_that_of_a_plain_bootstrap(
    name: str, column: str, function: Callable[..., float]
) -> None:
    frame = predictions(300)
    actual, given = frame["actual"].to_numpy(), frame[column].to_numpy()
    generator = np.random.default_rng(1)
    drawn = (generator.integers(300, size=300) for _ in range(600))
    plain = np.quantile([function(actual[rows], given[rows]) for rows in drawn], [0.025, 0.975])
    found = metric(frame, name, bootstrap=2_000)
    width = plain[1] - plain[0]
    assert [found.low, found.high] == pytest.approx(plain, abs=0.12 * width)


def test_interval_of_a_regression_equals_that_of_a_plain_bootstrap() -> None:
    generator = np.random.default_rng(0)
    actual = generator.gamma(2, 10, 200)
    frame = pl.DataFrame({"actual": actual, "prediction": actual + generator.normal(0, 4, 200)})
    given = frame["prediction"].to_numpy()
    drawn = (generator.integers(200, size=200) for _ in range(2_000))
    values = [metrics.median_absolute_error(actual[rows], given[rows]) for rows in drawn]
    plain = np.quantile(values, [0.025, 0.975])
    found = metric(frame, "median_absolute_error", bootstrap=2_000)
    assert [found.low, found.high] == pytest.approx(plain, abs=0.1 * (plain[1] - plain[0]))


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    truth = metric(predictions(400_000), "roc_auc", bootstrap=0).value
    assert truth is not None
    found = [metric(predictions(300, seed), "roc_auc", bootstrap=300) for seed in range(1, 201)]
    covered = sum(one.low <= truth <= one.high for one in found)
    assert 0.9 <= covered / 200 <= 0.99


def test_same_rows_in_another_order_give_the_same_report() -> None:
    frame = predictions(300)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=1)
    assert Evaluate().run(predictions=frame).report == Evaluate().run(predictions=shuffled).report


def test_other_seed_gives_a_slightly_other_interval() -> None:
    one, other = (metric(predictions(300), "roc_auc", seed=seed) for seed in (0, 1))
    assert one.value == other.value
    assert one.low != other.low
    assert one.low == pytest.approx(other.low, abs=0.02)


def test_no_replicates_give_no_interval() -> None:
    found = metric(predictions(300), "roc_auc", bootstrap=0)
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_interval_of_many_rows_is_as_wide_as_it_should_be() -> None:
    """More rows than are drawn: the interval is narrowed as the square root of their number."""
    sizes = (4 * MOST_ROWS, MOST_ROWS)
    many, few = (metric(predictions(rows), "brier_score") for rows in sizes)
    width = [one.high - one.low for one in (many, few)]
    assert width[0] == pytest.approx(width[1] / 2, rel=0.15)
    assert many.low < many.value < many.high


def test_metric_that_replicates_often_cannot_compute_has_no_interval() -> None:
    """With two rows of the class, every seventh replicate holds none."""
    frame = pl.DataFrame(
        {
            "actual": [1, 1] + [0] * 98,
            "prediction": [0] * 100,
            "score": [n / 100 for n in range(100)],
        }
    )
    found = metric(frame, "roc_auc")
    assert found.value is not None
    assert (found.low, found.high) == (None, None)


def test_gate_on_an_interval_that_is_missing_fails() -> None:
    frame = pl.DataFrame(
        {"actual": [1, 1] + [0] * 98, "prediction": [0] * 100, "score": [0.9, 0.9] + [0.1] * 98}
    )
    step = Evaluate(at_least={"roc_auc": 0.5}, gate="interval")
    report = step.run(predictions=frame).report
    assert report.verdict == "failed"
    assert (
        "the interval must be at least 0.5, and that cannot be told" in report.failed()[0].message
    )


def test_row_of_weight_two_counts_like_two_rows_but_draws_like_one() -> None:
    frame = predictions(200)
    doubled = frame.with_columns(importance=pl.lit(2.0))
    weighted = Dataset.of(doubled, roles={"importance": "weight"})
    report = Evaluate().run(predictions=weighted).report
    assert report.metrics == Evaluate().run(predictions=frame).report.metrics


# counted scores


def test_counted_scores_are_within_the_stated_error() -> None:
    frame = predictions(20_000)
    for name in ("roc_auc", "average_precision"):
        exact, counted = metric(frame, name), metric(frame, name, exact_rows=1_000)
        bound = counted.details["error_bound"]
        assert isinstance(bound, float)
        assert 0 < bound < 1e-3
        assert exact.value != counted.value
        assert abs(exact.value - counted.value) <= bound
        assert counted.low == pytest.approx(exact.low, abs=2e-3)
        assert counted.rows == 20_000


@pytest.mark.parametrize("name", ["log_loss", "brier_score", "accuracy", "f1"])
def test_counting_scores_leaves_other_metrics_exact(name: str) -> None:
    frame = predictions(20_000)
    exact, counted = metric(frame, name), metric(frame, name, exact_rows=1_000)
    assert counted.value == pytest.approx(exact.value, abs=1e-12)
    assert "error_bound" not in counted.details


def test_counted_scores_with_weights_stay_exact_where_they_can() -> None:
    generator = np.random.default_rng(2)
    frame = predictions(5_000).with_columns(
        importance=pl.Series(generator.integers(0, 3, 5_000).astype(float))
    )
    data = Dataset.of(frame, roles={"importance": "weight"})
    for name in ("log_loss", "brier_score", "accuracy"):
        exact = Evaluate(metrics=[name], bootstrap=0).run(predictions=data).report.metric(name)
        step = Evaluate(metrics=[name], bootstrap=0, exact_rows=1_000)
        counted = step.run(predictions=data).report.metric(name)
        assert counted is not None
        assert exact is not None
        assert counted.value == pytest.approx(exact.value, abs=1e-12)


def test_counted_scores_on_a_grid_have_no_error() -> None:
    """Scores that are equal or far apart lose nothing when they are counted."""
    frame = predictions(5_000).with_columns(pl.col("score").round(2))
    exact, counted = metric(frame, "roc_auc"), metric(frame, "roc_auc", exact_rows=1_000)
    assert counted.value == pytest.approx(exact.value, abs=1e-12)
    assert "error_bound" not in counted.details
