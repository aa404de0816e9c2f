"""The same metrics as scikit-learn, in every window."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
import sklearn.metrics

from stepwell_monitor import Performance

ROWS = 900
RANDOM = np.random.default_rng(8)
TIMES = pl.datetime_range(
    datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 11, tzinfo=UTC), "864s", eager=True
)[:ROWS]
LABELLED = RANDOM.random(ROWS) < 0.8


def windows(frame):
    """The labelled rows of every day."""
    known = frame.filter(pl.col("actual").is_not_null())
    return {
        str(day): rows
        for (day,), rows in known.group_by(pl.col("predicted_at").dt.date().alias("d"))
    }


def found(frame, name, **fields):
    report = Performance(**fields).run(predictions=frame).report
    return {m.group["window"]: m.value for m in report.metrics if m.name == name and m.group}


def late(values):
    return pl.Series(values).to_frame("v").select(pl.when(pl.Series(LABELLED)).then("v"))["v"]


@pytest.fixture(scope="module", params=["numbers", "text", "true/false"])
def binary(request):
    actual = RANDOM.random(ROWS) < 0.4
    score = np.round(np.clip(RANDOM.normal(0.4 + 0.25 * actual, 0.2), 0, 1), 2)
    frame = pl.DataFrame(
        {
            "predicted_at": TIMES,
            "score": score,
            "prediction": score > 0.5,
            "actual": late(actual),
        }
    )
    if request.param == "numbers":
        return frame.with_columns(pl.col("prediction", "actual").cast(pl.Int64))
    if request.param == "text":
        words = pl.col("prediction", "actual").replace_strict({True: "yes", False: "no"})
        return frame.with_columns(words)
    return frame


@pytest.mark.parametrize(
    ("name", "function", "column"),
    [
        ("accuracy", sklearn.metrics.accuracy_score, "prediction"),
        ("precision", sklearn.metrics.precision_score, "prediction"),
        ("recall", sklearn.metrics.recall_score, "prediction"),
        ("f1", sklearn.metrics.f1_score, "prediction"),
        ("roc_auc", sklearn.metrics.roc_auc_score, "score"),
        ("log_loss", sklearn.metrics.log_loss, "score"),
    ],
)
def test_binary_metrics_are_scikit_learns(binary, name, function, column):
    def positive(values):
        return values == "yes" if values.dtype == pl.String else values.cast(pl.Int64) == 1

    expected = {
        day: function(
            positive(rows["actual"]).to_numpy(),
            rows["score"] if column == "score" else positive(rows["prediction"]).to_numpy(),
        )
        for day, rows in windows(binary).items()
    }
    assert found(binary, name) == pytest.approx(expected)


def test_classes_have_scikit_learns_log_loss_and_accuracy():
    classes = np.array(["a", "b", "c"])
    scores = RANDOM.dirichlet([1, 1, 1], ROWS)
    frame = pl.DataFrame(
        {
            "predicted_at": TIMES,
            "prediction": classes[scores.argmax(axis=1)],
            "actual": late(classes[RANDOM.integers(0, 3, ROWS)]),
            **{f"score_{name}": scores[:, i] for i, name in enumerate(classes)},
        }
    )
    columns = [f"score_{name}" for name in classes]
    days = windows(frame)
    losses = {
        day: sklearn.metrics.log_loss(
            rows["actual"], rows.select(columns).to_numpy(), labels=classes
        )
        for day, rows in days.items()
    }
    assert found(frame, "log_loss") == pytest.approx(losses)
    right = {day: (rows["actual"] == rows["prediction"]).mean() for day, rows in days.items()}
    assert found(frame, "accuracy") == pytest.approx(right)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("mean_absolute_error", sklearn.metrics.mean_absolute_error),
        ("root_mean_squared_error", sklearn.metrics.root_mean_squared_error),
        ("r2", sklearn.metrics.r2_score),
    ],
)
def test_regression_metrics_are_scikit_learns(name, function):
    actual = RANDOM.normal(50, 10, ROWS)
    frame = pl.DataFrame(
        {
            "predicted_at": TIMES,
            "prediction": actual + RANDOM.normal(0, 4, ROWS),
            "actual": late(actual),
        }
    )
    expected = {
        day: function(rows["actual"], rows["prediction"]) for day, rows in windows(frame).items()
    }
    assert found(frame, name) == pytest.approx(expected)


def test_delong_interval_covers_the_true_area_as_often_as_it_says():
    truth, covered = 0.7602, 0  # of two normal distributions, one standard deviation apart
    for _ in range(150):
        actual = RANDOM.random(200) < 0.3
        frame = pl.DataFrame(
            {
                "predicted_at": TIMES[:200],
                "prediction": 1,
                "actual": actual.astype(int),
                "score": 1 / (1 + np.exp(-RANDOM.normal(actual, 1.0))),
            }
        )
        report = Performance(metrics=["roc_auc"], window="1y").run(predictions=frame).report
        metric = report.metric("roc_auc")
        covered += metric.low <= truth <= metric.high
    assert covered >= 0.9 * 150
