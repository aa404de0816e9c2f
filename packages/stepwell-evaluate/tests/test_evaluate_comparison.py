"""A challenger against the champion."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from stepwell import DataError, Metric, Model, ModelDescription, Report
from stepwell_evaluate import Evaluate


def model(name: bytes) -> Model:
    return Model.from_files(ModelDescription(format="test"), {"model.bin": name})


CHALLENGER, CHAMPION = model(b"challenger"), model(b"champion")


def scored(by: Model, *, noise: float, rows: int = 300, seen: Any = False) -> pl.DataFrame:
    """Predictions of the same rows, the more wrong the more noise."""
    generator = np.random.default_rng(0)
    actual = generator.random(rows) < 0.4
    signal = generator.normal(0.35 + 0.3 * actual, 0.15)
    score = np.clip(signal + noise * np.random.default_rng(1).normal(size=rows), 0, 1)
    return pl.DataFrame(
        {
            "actual": np.where(actual, "yes", "no"),
            "prediction": np.where(score > 0.5, "yes", "no"),
            "score": score,
            "model_version": by.version,
            "prediction_id": [f"{by.version}-{row}" for row in range(rows)],
            "seen_in_training": pl.Series([seen] * rows, dtype=pl.Boolean),
        }
    )


def compared(*frames: pl.DataFrame, **fields: Any) -> Report:
    step = Evaluate(**{"metrics": ["roc_auc", "accuracy"]} | fields)
    return step.run(predictions=pl.concat(frames), model=CHALLENGER, champion=CHAMPION).report


def difference(report: Report, name: str = "roc_auc") -> Metric:
    found = report.metric(name, model_version=CHALLENGER.version, against=CHAMPION.version)
    assert found is not None
    return found


def verdict_on(report: Report, check: str) -> list[str]:
    return [finding.verdict for finding in report.findings if finding.check == check]


def test_difference_is_challenger_minus_champion_on_the_same_rows() -> None:
    mine, theirs = scored(CHALLENGER, noise=0.05), scored(CHAMPION, noise=0.3)
    report = compared(mine, theirs)
    roc_auc = [roc_auc_score(frame["actual"], frame["score"]) for frame in (mine, theirs)]
    found = difference(report)
    assert found.value == pytest.approx(roc_auc[0] - roc_auc[1], abs=1e-12)
    assert found.details["challenger"] == pytest.approx(roc_auc[0], abs=1e-12)
    assert found.details["champion"] == pytest.approx(roc_auc[1], abs=1e-12)
    assert found.rows == 300
    assert 0 < found.low < found.value < found.high
    assert verdict_on(report, "comparison") == ["passed"]


def test_both_versions_are_measured_beside_the_difference() -> None:
    report = compared(scored(CHALLENGER, noise=0.1), scored(CHAMPION, noise=0.2))
    for version in (CHALLENGER.version, CHAMPION.version):
        assert report.metric("roc_auc", model_version=version).value is not None


def test_paired_interval_is_narrower_than_two_separate_ones() -> None:
    report = compared(scored(CHALLENGER, noise=0.01), scored(CHAMPION, noise=0.02))
    found = difference(report)
    alone = report.metric("roc_auc", model_version=CHALLENGER.version)
    assert alone is not None
    assert found.high - found.low < 0.3 * (alone.high - alone.low)


def test_same_predictions_differ_by_nothing() -> None:
    found = difference(compared(scored(CHALLENGER, noise=0.1), scored(CHAMPION, noise=0.1)))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_pairs_are_found_in_any_order_of_rows() -> None:
    mine, theirs = scored(CHALLENGER, noise=0.05), scored(CHAMPION, noise=0.3)
    shuffled = compared(mine, theirs.sample(fraction=1, shuffle=True, seed=3))
    assert difference(shuffled) == difference(compared(mine, theirs))


def test_rows_that_either_model_has_seen_are_left_out() -> None:
    """Nobody wins on rows of his own training (fault 59)."""
    seen_by_me = pl.int_range(pl.len()) < 100
    seen_by_them = pl.int_range(pl.len()) >= 250
    report = compared(
        scored(CHALLENGER, noise=0.05).with_columns(seen_in_training=seen_by_me),
        scored(CHAMPION, noise=0.3).with_columns(seen_in_training=seen_by_them),
    )
    assert difference(report).rows == 150


def test_too_few_shared_rows_are_undecided_and_never_better() -> None:
    """A comparison on a handful of rows decides nothing (faults 59 and 60)."""
    report = compared(
        scored(CHALLENGER, noise=0.0),
        scored(CHAMPION, noise=0.5).with_columns(seen_in_training=pl.int_range(pl.len()) >= 10),
    )
    found = difference(report)
    assert found.value is None
    assert found.low is None
    assert found.rows == 10
    assert "share 10 labelled rows" in str(found.details["reason"])
    assert verdict_on(report, "comparison") == ["warned"]


def test_champion_that_scored_nothing_leaves_it_undecided() -> None:
    report = compared(scored(CHALLENGER, noise=0.0))
    assert difference(report).value is None
    assert "hold no rows of the champion" in str(difference(report).details["reason"])
    assert report.verdict == "warned"


def test_predictions_without_ids_cannot_be_paired() -> None:
    frames = [scored(CHALLENGER, noise=0.0), scored(CHAMPION, noise=0.5)]
    report = compared(*(frame.drop("prediction_id") for frame in frames))
    assert difference(report).value is None
    assert "no column 'prediction_id'" in str(difference(report).details["reason"])


def test_ids_without_a_version_stand_for_the_row() -> None:
    frames = [scored(CHALLENGER, noise=0.05), scored(CHAMPION, noise=0.3)]
    row = pl.col("prediction_id").str.split("-").list.last()
    report = compared(*(frame.with_columns(prediction_id=row) for frame in frames))
    assert difference(report) == difference(compared(*frames))


def test_unknown_training_rows_are_warned_of() -> None:
    report = compared(
        scored(CHALLENGER, noise=0.05), scored(CHAMPION, noise=0.3, seen=None), bootstrap=0
    )
    assert verdict_on(report, "seen_in_training") == ["warned"]
    assert difference(report).value is not None


def test_model_that_is_the_champion_is_not_compared_with_itself() -> None:
    frame = scored(CHAMPION, noise=0.1)
    report = Evaluate().run(predictions=frame, model=CHAMPION, champion=CHAMPION).report
    assert report.verdict == "passed"
    assert all(metric.against is None for metric in report.metrics)


def test_without_a_model_every_other_version_challenges_the_champion() -> None:
    other = model(b"other")
    frames = [scored(one, noise=0.1) for one in (CHALLENGER, CHAMPION, other)]
    report = Evaluate().run(predictions=pl.concat(frames), champion=CHAMPION).report
    challengers = {m.model_version for m in report.metrics if m.against == CHAMPION.version}
    assert challengers == {CHALLENGER.version, other.version}


def test_thresholds_do_not_judge_the_champion() -> None:
    frames = [scored(CHALLENGER, noise=0.0), scored(CHAMPION, noise=2.0)]
    step = Evaluate(at_least={"roc_auc": 0.8})
    assert step.run(predictions=pl.concat(frames), champion=CHAMPION).report.verdict == "passed"
    assert step.run(predictions=pl.concat(frames)).report.verdict == "failed"
    assert step.run(predictions=frames[1], champion=CHAMPION).report.verdict == "failed"


def test_regression_models_are_compared_too() -> None:
    def predicted(by: Model, off: float) -> pl.DataFrame:
        rows = 60
        return pl.DataFrame(
            {
                "actual": [float(row % 7) for row in range(rows)],
                "prediction": [row % 7 + off * (row % 2) for row in range(rows)],
                "model_version": by.version,
                "prediction_id": [f"{by.version}-{row}" for row in range(rows)],
            }
        )

    report = Evaluate().run(
        predictions=pl.concat([predicted(CHALLENGER, 0.5), predicted(CHAMPION, 1.5)]),
        model=CHALLENGER,
        champion=CHAMPION,
    )
    assert difference(report.report, "mean_absolute_error").value == -0.5


@pytest.mark.parametrize("exact_rows", [10_000_000, 100])
def test_counted_predictions_are_compared_on_a_stable_part_of_the_rows(exact_rows: int) -> None:
    frames = [scored(CHALLENGER, noise=0.05), scored(CHAMPION, noise=0.3)]
    found = difference(compared(*frames, exact_rows=exact_rows))
    assert found.rows is not None
    assert (found.rows == 300) == (exact_rows > 300)
    assert found.value == pytest.approx(0.12, abs=0.08)
    assert found == difference(compared(*reversed(frames), exact_rows=exact_rows))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prediction_id": pl.lit("same")}, "299 rows of model .* repeat a prediction_id"),
        ({"actual": pl.lit("yes")}, "rows have one 'actual' beside the challenger and another"),
    ],
)
def test_contradictory_pairs_are_refused(change: dict[str, pl.Expr], message: str) -> None:
    theirs = scored(CHAMPION, noise=0.3).with_columns(**change)
    with pytest.raises(DataError, match=message):
        compared(scored(CHALLENGER, noise=0.1), theirs)
