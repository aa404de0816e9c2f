"""Every metric is what scikit-learn says it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from stepwell import Dataset, Target
from stepwell_evaluate import Evaluate
from stepwell_evaluate._definitions import DEFINITIONS, names_for

LABELS: dict[str, Callable[..., float]] = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "matthews_corrcoef": metrics.matthews_corrcoef,
    **{
        f"{name}_{average}": partial(function, average=average, zero_division=0)
        for name, function in (
            ("precision", metrics.precision_score),
            ("recall", metrics.recall_score),
            ("f1", metrics.f1_score),
        )
        for average in ("macro", "weighted")
    },
}
BINARY_LABELS: dict[str, Callable[..., float]] = LABELS | {
    "precision": partial(metrics.precision_score, pos_label="yes"),
    "recall": partial(metrics.recall_score, pos_label="yes"),
    "f1": partial(metrics.f1_score, pos_label="yes"),
}
BINARY_SCORES: dict[str, Callable[..., float]] = {
    "roc_auc": metrics.roc_auc_score,
    "average_precision": metrics.average_precision_score,
    "log_loss": metrics.log_loss,
    "brier_score": metrics.brier_score_loss,
}
MULTICLASS_SCORES: dict[str, Callable[..., float]] = {
    "roc_auc_ovr": partial(metrics.roc_auc_score, multi_class="ovr"),
    "roc_auc_ovr_weighted": partial(metrics.roc_auc_score, multi_class="ovr", average="weighted"),
    "log_loss": metrics.log_loss,
    "brier_score": metrics.brier_score_loss,
}
NUMBERS: dict[str, Callable[..., float]] = {
    "r2": metrics.r2_score,
    "explained_variance": metrics.explained_variance_score,
    "mean_absolute_error": metrics.mean_absolute_error,
    "mean_squared_error": metrics.mean_squared_error,
    "root_mean_squared_error": metrics.root_mean_squared_error,
    "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error,
    "median_absolute_error": metrics.median_absolute_error,
    "mean_squared_log_error": metrics.mean_squared_log_error,
    "root_mean_squared_log_error": metrics.root_mean_squared_log_error,
}


def measured(frame: pl.DataFrame, names: Any, **roles: Any) -> dict[str, float | None]:
    step = Evaluate(metrics=list(names), bootstrap=0)
    report = step.run(predictions=Dataset.of(frame, roles=roles)).report
    return {metric.name: metric.value for metric in report.metrics}


def binary(rows: int, *, decimals: int | None, seed: int) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    actual = generator.random(rows) < 0.3
    score = np.clip(generator.normal(0.35 + 0.25 * actual, 0.2), 0, 1)
    score = score if decimals is None else score.round(decimals)
    return pl.DataFrame(
        {
            "actual": np.where(actual, "yes", "no"),
            "prediction": np.where(score > 0.5, "yes", "no"),
            "score": score,
            "weight": generator.integers(0, 4, rows) * 0.7,
        }
    )


def multiclass(rows: int, *, seed: int) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    actual = generator.choice(4, rows, p=[0.5, 0.3, 0.15, 0.05])
    chances = generator.random((rows, 4)).round(1) + 0.05
    chances[np.arange(rows), actual] += 0.4
    chances /= chances.sum(axis=1, keepdims=True)
    scores = {f"score_{code}": chances[:, code] for code in range(4)}
    predicted = chances.argmax(axis=1)
    weight = generator.random(rows)
    return pl.DataFrame({"actual": actual, "prediction": predicted, **scores, "weight": weight})


def numbers(rows: int, *, seed: int) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    actual = generator.gamma(2, 10, rows).round(1) + 0.1
    prediction = np.abs(actual + generator.normal(0, 4, rows)).round(1)
    weight = generator.integers(0, 3, rows).astype(float)
    return pl.DataFrame({"actual": actual, "prediction": prediction, "weight": weight})


@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), min_size=2, max_size=40
    )
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_ranking_metrics_equal_scikit_learn_on_any_ties_and_weights(
    rows: list[tuple[bool, int, int]],
) -> None:
    actual, steps, weights = (np.array(column) for column in zip(*rows, strict=True))
    assume((weights * actual).any())
    assume((weights * ~actual).any())
    labels = np.where(actual, "yes", "no")
    columns = {"actual": labels, "prediction": labels, "score": steps / 6, "weight": weights * 1.0}
    found = measured(pl.DataFrame(columns), BINARY_SCORES, weight="weight")
    for name in ("roc_auc", "average_precision"):
        expected = BINARY_SCORES[name](actual, steps / 6, sample_weight=weights)
        assert found[name] == pytest.approx(expected, abs=1e-12), name


def test_every_metric_has_a_test_of_parity() -> None:
    assert set(BINARY_LABELS) | set(BINARY_SCORES) == set(names_for("binary"))
    assert set(LABELS) | set(MULTICLASS_SCORES) == set(names_for("multiclass"))
    assert set(NUMBERS) == set(names_for("regression"))
    assert set(DEFINITIONS) == {*BINARY_LABELS, *BINARY_SCORES, *MULTICLASS_SCORES, *NUMBERS}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decimals", [None, 1, 0])
@pytest.mark.parametrize("rows", [25, 1_000])
def test_binary_metrics_equal_scikit_learn(rows: int, decimals: int | None, weighted: bool) -> None:
    frame = binary(rows, decimals=decimals, seed=rows)
    weight = frame["weight"].to_numpy() if weighted else None
    roles = {"weight": "weight"} if weighted else {}
    found = measured(frame, [*BINARY_LABELS, *BINARY_SCORES], **roles)
    actual, predicted = frame["actual"].to_numpy(), frame["prediction"].to_numpy()
    for name, function in BINARY_LABELS.items():
        expected = function(actual, predicted, sample_weight=weight)
        assert found[name] == pytest.approx(expected, abs=1e-12), name
    for name, function in BINARY_SCORES.items():
        expected = function(actual == "yes", frame["score"].to_numpy(), sample_weight=weight)
        assert found[name] == pytest.approx(expected, abs=1e-12), name


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weighted", [False, True])
def test_multiclass_metrics_equal_scikit_learn(weighted: bool, seed: int) -> None:
    frame = multiclass(200 + 150 * seed, seed=seed)
    weight = frame["weight"].to_numpy() if weighted else None
    roles = {"weight": "weight"} if weighted else {}
    found = measured(frame, [*LABELS, *MULTICLASS_SCORES], **roles)
    actual, predicted = frame["actual"].to_numpy(), frame["prediction"].to_numpy()
    chances = frame.select(pl.col("^score_.$")).to_numpy()
    for name, function in LABELS.items():
        expected = function(actual, predicted, sample_weight=weight)
        assert found[name] == pytest.approx(expected, abs=1e-12), name
    for name, function in MULTICLASS_SCORES.items():
        if weighted and name == "roc_auc_ovr_weighted":
            continue  # scikit-learn weighs the classes by rows, not by their weight
        expected = function(actual, chances, sample_weight=weight)
        assert found[name] == pytest.approx(expected, abs=1e-12), name


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rows", [2, 3, 40, 41])
def test_regression_metrics_equal_scikit_learn(rows: int, weighted: bool) -> None:
    frame = numbers(rows, seed=rows).with_columns(pl.col("weight") + (rows < 10))
    weight = frame["weight"].to_numpy() if weighted else None
    roles = {"weight": "weight"} if weighted else {}
    found = measured(frame, NUMBERS, **roles)
    actual, predicted = frame["actual"].to_numpy(), frame["prediction"].to_numpy()
    for name, function in NUMBERS.items():
        expected = function(actual, predicted, sample_weight=weight)
        assert found[name] == pytest.approx(expected, rel=1e-12, abs=1e-12), name


def test_r2_of_large_numbers_loses_no_digits() -> None:
    frame = numbers(100, seed=3).with_columns(pl.col("actual", "prediction") + 1e8)
    expected = metrics.r2_score(frame["actual"].to_numpy(), frame["prediction"].to_numpy())
    assert measured(frame, ["r2"])["r2"] == pytest.approx(expected, abs=1e-12)


def test_classes_that_are_never_predicted_count_zero_in_macro_averages() -> None:
    frame = pl.DataFrame({"actual": ["a", "b", "c", "a"], "prediction": ["a", "b", "b", "d"]})
    found = measured(frame, ["precision_macro", "recall_macro", "f1_weighted"])
    for name in found:
        expected = LABELS[name](frame["actual"].to_numpy(), frame["prediction"].to_numpy())
        assert found[name] == pytest.approx(expected, abs=1e-12), name


def test_positive_class_that_the_score_is_not_of_turns_the_score_around() -> None:
    frame = binary(300, decimals=None, seed=5)
    roles = {"actual": Target(favourable="yes")}
    step = Evaluate(metrics=["average_precision", "recall"], positive="no", bootstrap=0)
    report = step.run(predictions=Dataset.of(frame, roles=roles)).report
    is_no = (frame["actual"] == "no").to_numpy()
    expected = metrics.average_precision_score(is_no, 1 - frame["score"].to_numpy())
    average_precision = report.metric("average_precision")
    assert average_precision is not None
    assert average_precision.value == pytest.approx(expected, abs=1e-12)


def test_favourable_class_is_positive_and_scored_even_if_it_is_the_smaller_label() -> None:
    frame = binary(300, decimals=None, seed=6).with_columns(1 - pl.col("score"))
    roles = {"actual": Target(favourable="no")}
    found = measured(frame, ["roc_auc", "precision"], **roles)
    is_no = (frame["actual"] == "no").to_numpy()
    assert found["roc_auc"] == pytest.approx(
        metrics.roc_auc_score(is_no, frame["score"].to_numpy()), abs=1e-12
    )
    assert found["precision"] == pytest.approx(
        metrics.precision_score(is_no, (frame["prediction"] == "no").to_numpy()), abs=1e-12
    )
