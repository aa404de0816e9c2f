"""What the report of `Evaluate` says."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from stepwell import Dataset, Finding, Model, ModelDescription, Report
from stepwell_evaluate import Evaluate


def predictions(rows: int = 200, **columns: Any) -> pl.DataFrame:
    """Predictions of a mediocre model, with an ROC AUC of about 0.8."""
    generator = np.random.default_rng(0)
    actual = generator.random(rows) < 0.4
    score = np.clip(generator.normal(0.4 + 0.22 * actual, 0.2), 0, 1)
    frame = pl.DataFrame(
        {"actual": actual.astype(int), "prediction": (score > 0.5).astype(int), "score": score}
    )
    return frame.with_columns(**{name: pl.lit(value) for name, value in columns.items()})


def model(**described: Any) -> Model:
    description = ModelDescription(format="test", **described)
    return Model.from_files(description, {"model.bin": b"a model"})


def findings(report: Report, check: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.check == check]


def test_usual_metrics_of_a_binary_model_come_with_intervals() -> None:
    report = Evaluate(bootstrap=200).run(predictions=predictions()).report
    assert report.details["task"] == "binary"
    assert {metric.name for metric in report.metrics} >= {"roc_auc", "f1", "log_loss", "accuracy"}
    for metric in report.metrics:
        assert metric.value is not None
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low <= metric.value <= metric.high, metric.name
        assert metric.rows == 200


def test_summary_is_one_readable_line() -> None:
    frame = predictions(model_version="0123456789ab")
    report = Evaluate(at_least={"roc_auc": 0.5}).run(predictions=frame).report
    assert report.summary == (
        "roc_auc 0.8157 (0.7502 to 0.8716) of model 0123456789ab on 200 rows; "
        "1 of 1 thresholds hold"
    )


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"at_least": {"roc_auc": 0.75}}, "passed"),
        ({"at_least": {"roc_auc": 0.76}, "gate": "interval"}, "failed"),
        ({"at_least": {"roc_auc": 0.7}, "gate": "interval"}, "passed"),
        ({"at_least": {"roc_auc": 0.82}}, "failed"),
        ({"at_most": {"log_loss": 0.9}}, "passed"),
        ({"at_most": {"log_loss": 0.9}, "gate": "interval"}, "failed"),
        ({"at_most": {"log_loss": 0.5}}, "failed"),
        ({"at_most": {"roc_auc": 0.95}}, "passed"),
    ],
)
def test_threshold_judges_value_or_interval(fields: dict[str, Any], verdict: str) -> None:
    report = Evaluate(**fields).run(predictions=predictions()).report
    assert report.verdict == verdict


def test_finding_says_what_was_judged_and_what_was_found() -> None:
    step = Evaluate(at_least={"roc_auc": 0.75}, gate="interval")
    (finding,) = findings(step.run(predictions=predictions()).report, "roc_auc at least 0.75")
    assert finding.message == (
        "roc_auc of the model is 0.8157 on 200 rows (95 % interval 0.7502 to 0.8716): "
        "the interval must be at least 0.75."
    )
    assert finding.details["gate"] == "interval"
    assert finding.details["at_least"] == 0.75
    assert finding.details["undecided"] is False


def test_threshold_missed_by_a_hair_is_told_with_all_digits() -> None:
    frame = pl.DataFrame({"actual": [1] * 10_000, "prediction": [1] * 7_499 + [0] * 2_501})
    step = Evaluate(at_least={"accuracy": 0.74991}, bootstrap=0)
    assert "accuracy of the model is 0.7499 on" in _messages(step.run(predictions=frame).report)
    step = Evaluate(at_least={"accuracy": 0.749901}, bootstrap=0)
    report = step.run(predictions=frame).report
    assert report.verdict == "failed"


def test_metric_with_a_threshold_is_measured_though_it_is_not_listed() -> None:
    step = Evaluate(metrics=["accuracy"], at_most={"brier_score": 0.3})
    report = step.run(predictions=predictions()).report
    assert [metric.name for metric in report.metrics] == ["accuracy", "brier_score"]


def test_rows_without_a_label_are_left_out_and_counted() -> None:
    unlabelled = predictions(50).with_columns(actual=pl.lit(None, pl.Int64))
    report = Evaluate().run(predictions=pl.concat([predictions(), unlabelled])).report
    assert report.metrics[0].rows == 200
    assert "200 of 250 rows are labelled" in _messages(report)
    (version,) = _versions(report)
    assert (version["rows"], version["labelled"], version["measured"]) == (250, 200, 200)


def test_no_labelled_row_fails_and_measures_nothing() -> None:
    frame = predictions().with_columns(actual=pl.lit(None, pl.Int64))
    report = Evaluate(at_least={"roc_auc": 0.5}).run(predictions=frame).report
    assert report.verdict == "failed"
    assert all(metric.value is None for metric in report.metrics)
    assert "0 of 200 rows are labelled; without any, nothing could be measured" in _messages(report)


def test_no_rows_at_all_fail() -> None:
    report = Evaluate().run(predictions=predictions().clear()).report
    assert report.verdict == "failed"
    assert "no rows" in report.findings[0].message


def test_model_that_scored_nothing_fails_though_others_did() -> None:
    frame = predictions(model_version="0123456789ab")
    report = Evaluate().run(predictions=frame, model=model()).report
    assert report.verdict == "failed"
    assert report.metric("roc_auc", model_version=model().version).value is None


def test_rows_seen_in_training_are_not_measured() -> None:
    """A model is not measured on what it was trained on (fault 59)."""
    seen = predictions(100, seen_in_training=True).with_columns(prediction="actual", score="actual")
    frame = pl.concat([predictions(200, seen_in_training=False), seen], how="vertical_relaxed")
    report = Evaluate().run(predictions=frame).report
    alone = Evaluate().run(predictions=predictions(200)).report
    assert report.metrics == alone.metrics
    assert "100 of them seen in training and left out" in _messages(report)


def test_model_that_has_seen_every_row_fails() -> None:
    frame = predictions(seen_in_training=True)
    report = Evaluate(at_least={"roc_auc": 0.1}).run(predictions=frame).report
    assert report.verdict == "failed"
    assert report.failed()[0].check == "labelled_rows"


def test_few_rows_cannot_pass_a_threshold() -> None:
    """A metric of few rows is undecided, however good it looks (fault 60)."""
    frame = pl.DataFrame({"actual": [0, 1, 1], "prediction": [0, 1, 1], "score": [0.1, 0.8, 0.9]})
    report = Evaluate(at_least={"roc_auc": 0.75}).run(predictions=frame).report
    assert report.metric("roc_auc").value == 1.0
    (finding,) = findings(report, "roc_auc at least 0.75")
    assert finding.verdict == "failed"
    assert finding.details["undecided"] is True
    assert finding.message.endswith("and fewer than 30 rows are too few to tell.")


def test_one_class_only_gives_no_auc_and_fails_its_threshold() -> None:
    """An undefined metric is no number, and passes nothing (fault 60)."""
    frame = predictions().with_columns(actual=pl.lit(1))
    report = Evaluate(at_least={"roc_auc": 0.1}).run(predictions=frame).report
    roc_auc = report.metric("roc_auc")
    assert roc_auc is not None
    assert roc_auc.value is None
    assert roc_auc.details["reason"] == "only one class is among the actual values"
    assert "could not be computed (only one class is among the actual values)" in _messages(report)
    assert report.verdict == "failed"
    assert report.metric("accuracy").value is not None


def test_positive_class_that_is_not_known_leaves_recall_open() -> None:
    frame = pl.DataFrame({"actual": ["bad"] * 50, "prediction": ["bad"] * 50, "score": [0.1] * 50})
    report = Evaluate(at_least={"recall": 0.5}).run(predictions=frame).report
    assert report.verdict == "failed"
    assert report.metric("recall").value is None
    report = Evaluate(at_least={"recall": 0.5}, positive="bad").run(predictions=frame).report
    assert report.verdict == "passed"


def test_scores_that_are_no_probabilities_rank_but_give_no_log_loss() -> None:
    frame = predictions().with_columns(pl.col("score") * 10 - 5)
    report = Evaluate().run(predictions=frame).report
    assert report.metric("roc_auc").value == pytest.approx(0.8157, abs=1e-4)
    log_loss = report.metric("log_loss")
    assert log_loss is not None
    assert log_loss.value is None
    assert "no probabilities" in str(log_loss.details["reason"])


def test_thresholds_judge_only_the_given_model() -> None:
    judged = model()
    bad = predictions(model_version="0123456789ab").with_columns(score=1 - pl.col("score"))
    frame = pl.concat([predictions(model_version=judged.version), bad])
    step = Evaluate(at_least={"roc_auc": 0.75})
    report = step.run(predictions=frame, model=judged).report
    assert report.verdict == "passed"
    assert report.metric("roc_auc", model_version="0123456789ab").value < 0.5
    assert step.run(predictions=frame).report.verdict == "failed"


def test_model_without_scores_beside_one_with_scores_has_no_auc() -> None:
    without = predictions(model_version="b").with_columns(score=pl.lit(None, pl.Float64))
    frame = pl.concat([predictions(model_version="a"), without])
    report = Evaluate().run(predictions=frame).report
    assert report.metric("roc_auc", model_version="a").value is not None
    roc_auc = report.metric("roc_auc", model_version="b")
    assert roc_auc is not None
    assert roc_auc.value is None
    assert roc_auc.details["reason"] == "there are no scores in score"
    assert report.metric("accuracy", model_version="b").value is not None


def test_decimals_without_a_score_are_a_regression() -> None:
    frame = pl.DataFrame({"actual": range(50), "prediction": [n + 0.5 for n in range(50)]})
    report = Evaluate(at_least={"r2": 0.9}).run(predictions=frame).report
    assert report.details["task"] == "regression"
    assert report.metric("mean_absolute_error").value == 0.5
    assert report.verdict == "passed"


def test_decimals_that_are_classes_are_told_by_the_field() -> None:
    frame = pl.DataFrame({"actual": [0.0, 1.0, 1.0] * 20, "prediction": [0.0, 1.0, 0.0] * 20})
    report = Evaluate(task="binary").run(predictions=frame).report
    assert report.metric("accuracy").value == pytest.approx(2 / 3)


def test_task_and_classes_of_the_model_win_over_what_rows_show() -> None:
    """A class that is rare in the rows does not change what the task is."""
    known = model(task="multiclass", classes=("a", "b", "c"))
    scores = {"score_a": [0.7, 0.2] * 20, "score_b": [0.2, 0.7] * 20, "score_c": [0.1, 0.1] * 20}
    labels = {"actual": ["a", "b"] * 20, "prediction": ["a", "b"] * 20}
    frame = pl.DataFrame(labels | scores).with_columns(model_version=pl.lit(known.version))
    report = Evaluate().run(predictions=frame, model=known).report
    assert report.details["classes"] == ("a", "b", "c")
    assert report.metric("log_loss").value == pytest.approx(-np.log(0.7))
    roc_auc = report.metric("roc_auc_ovr")
    assert roc_auc is not None
    assert roc_auc.value is None
    assert "a class does not occur" in str(roc_auc.details["reason"])


def test_score_columns_of_decimal_classes_are_found() -> None:
    labels = pl.Series([1.0, 2.0, 3.0] * 20)
    scores = {f"score_{label}": (labels == label) * 0.6 + 0.2 * 2 / 3 for label in (1.0, 2.0, 3.0)}
    frame = pl.DataFrame({"actual": labels, "prediction": labels, **scores})
    report = Evaluate().run(predictions=frame).report
    assert report.details["task"] == "multiclass"
    assert report.metric("roc_auc_ovr").value == 1.0


def test_feature_that_is_called_like_a_score_is_no_score() -> None:
    frame = predictions(score_bureau=None, score_text="none")
    assert (
        Evaluate().run(predictions=frame).report == Evaluate().run(predictions=predictions()).report
    )


def test_target_role_names_the_column_of_what_happened() -> None:
    frame = predictions().rename({"actual": "repaid"})
    report = Evaluate().run(predictions=Dataset.of(frame, roles={"repaid": "target"})).report
    assert report.metric("roc_auc").value is not None
    assert Evaluate(target="repaid").run(predictions=frame).report.metrics == report.metrics


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_version_without_weight_has_no_metrics(task: str) -> None:
    scores = {"score": 0.5} if task == "binary" else {"score_0": 0.5, "score_1": 0.5}
    frame = predictions(weight=1.0, model_version="a").drop("score").with_columns(**scores)
    nothing = frame.with_columns(weight=pl.lit(0.0), model_version=pl.lit("b"))
    data = Dataset.of(pl.concat([frame, nothing]), roles={"weight": "weight"})
    report = Evaluate(task=task, bootstrap=100).run(predictions=data).report
    assert all(m.value is None for m in report.metrics if m.model_version == "b")
    assert any(m.value is not None for m in report.metrics if m.model_version == "a")


def test_other_confidence_is_noted_in_the_metric() -> None:
    report = Evaluate(confidence=0.8).run(predictions=predictions()).report
    wide = Evaluate().run(predictions=predictions()).report
    narrow, usual = report.metric("roc_auc"), wide.metric("roc_auc")
    assert narrow is not None
    assert usual is not None
    assert narrow.details["confidence"] == 0.8
    assert usual.low < narrow.low < narrow.high < usual.high


def test_confusion_matrix_is_in_the_details() -> None:
    frame = pl.DataFrame({"actual": ["a", "a", "b", "b"], "prediction": ["a", "b", "b", "b"]})
    (version,) = _versions(Evaluate().run(predictions=frame).report)
    assert version["confusion_matrix"] == ((1, 1), (0, 2))


@pytest.mark.parametrize("dtype", [pl.Categorical(), pl.Enum(["no", "yes"])])
def test_categories_are_classes(dtype: pl.DataType) -> None:
    labels = {"actual": ["no", "yes"] * 20, "prediction": ["no", "no"] * 20}
    frame = pl.DataFrame(labels, schema={"actual": dtype, "prediction": pl.String()})
    report = Evaluate().run(predictions=frame).report
    assert report.metric("accuracy").value == 0.5


def test_labels_with_gaps_match_whole_numbers() -> None:
    """Labels that became decimals because some are missing are still the same classes."""
    frame = predictions().with_columns(pl.col("actual").cast(pl.Float64))
    report = Evaluate().run(predictions=frame).report
    assert report.metrics == Evaluate().run(predictions=predictions()).report.metrics


def test_lazy_and_eager_predictions_give_the_same_report() -> None:
    eager = Evaluate().run(predictions=predictions()).report
    assert Evaluate().run(predictions=predictions().lazy()).report == eager


def _messages(report: Report) -> str:
    return " ".join(finding.message for finding in report.findings)


def _versions(report: Report) -> Any:
    return report.details["versions"]
