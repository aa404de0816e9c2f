"""What `Performance` measures and concludes."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Model, ModelDescription, Target
from stepwell_monitor import Performance

START = datetime(2026, 3, 1, tzinfo=UTC)


def days(*right: int, rows: int = 100) -> pl.DataFrame:
    """For each day, how many of its predictions turned out right."""
    parts = []
    for day, count in enumerate(right):
        start = START + timedelta(days=day)
        parts.append(
            pl.DataFrame(
                {
                    "predicted_at": [start + timedelta(minutes=row) for row in range(rows)],
                    "prediction": [row % 2 for row in range(rows)],
                    "actual": [row % 2 if row < count else 1 - row % 2 for row in range(rows)],
                }
            )
        )
    return pl.concat(parts)


def unlabelled(frame: pl.DataFrame, *dates: date) -> pl.DataFrame:
    late = pl.col("predicted_at").dt.date().is_in(dates)
    return frame.with_columns(actual=pl.when(late).then(None).otherwise("actual"))


def report(frame, *, model=None, **fields):
    return Performance(**fields).run(predictions=frame, model=model).report


def by_window(report, name):
    return {m.group["window"]: m.value for m in report.metrics if m.name == name and m.group}


def finding(report, name):
    return next(f for f in report.findings if f.check == name)


# windows


def test_each_day_has_its_metrics_and_the_whole_too():
    found = report(days(90, 80, 70))
    assert by_window(found, "accuracy") == {
        "2026-03-01": 0.9, "2026-03-02": 0.8, "2026-03-03": 0.7
    }  # fmt: skip
    assert found.metric("accuracy").value == pytest.approx(0.8)
    assert found.metric("accuracy").rows == 300


def test_day_without_predictions_is_a_window_without_data():
    gap = days(90, 80, 70).filter(pl.col("predicted_at").dt.day() != 2)
    found = report(gap, at_least={"accuracy": 0.5})
    assert by_window(found, "accuracy")["2026-03-02"] is None
    assert finding(found, "accuracy").details["no_data"] == ("2026-03-02",)


def test_window_starts_at_its_first_instant_and_ends_before_the_next():
    edge = datetime(2026, 3, 2, tzinfo=UTC)
    times = [edge - timedelta(microseconds=1), edge, edge + timedelta(hours=23, minutes=59)]
    frame = pl.DataFrame({"predicted_at": times, "prediction": [1, 1, 0], "actual": [1, 0, 0]})
    rows = {
        m.group["window"]: m.rows
        for m in report(frame).metrics
        if m.name == "labelled_share" and m.group
    }
    assert rows == {"2026-03-01": 1, "2026-03-02": 2}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
def test_summer_time_makes_no_window_longer_shorter_or_twice(zone):
    """Hours around both changes of the clock fall into one window each (fault 71)."""
    for change in (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)):
        times = pl.datetime_range(change, change + timedelta(hours=71), "1h", eager=True)
        zoned = times.dt.convert_time_zone(zone)
        frame = pl.DataFrame({"predicted_at": zoned, "prediction": 1, "actual": 1})
        found = report(frame)
        rows = [m.rows for m in found.metrics if m.name == "labelled_share" and m.group]
        assert rows == [24, 24, 24]
        hourly = report(frame, window="1h")
        assert [m.rows for m in hourly.metrics if m.name == "accuracy" and m.group] == [1] * 72


def test_times_out_of_order_and_of_mixed_precision_fall_into_their_windows():
    """A clock that jumps back moves rows between windows, and loses none (fault 71)."""
    frame = days(90, 80).sample(fraction=1, shuffle=True, seed=3)
    frame = frame.with_columns(pl.col("predicted_at").dt.cast_time_unit("ns"))
    assert by_window(report(frame), "accuracy") == {"2026-03-01": 0.9, "2026-03-02": 0.8}


def test_rows_without_time_are_counted_and_told():
    frame = days(90, 80).with_columns(
        predicted_at=pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise("predicted_at")
    )
    found = finding(report(frame), "every_row_has_a_time")
    assert (found.verdict, found.rows) == ("warned", 7)


@pytest.mark.parametrize(
    ("window", "starts"),
    [
        ("2d", ["2026-02-28", "2026-03-02", "2026-03-04"]),
        ("1w", ["2026-02-23", "2026-03-02"]),
        ("1mo", ["2026-03-01"]),
    ],
)
def test_windows_of_other_lengths(window, starts):
    assert list(by_window(report(days(50, 50, 50, 50), window=window), "accuracy")) == starts


def test_time_comes_from_the_role_or_the_field():
    frame = days(90).rename({"predicted_at": "decided"}).with_columns(day=pl.date(2026, 5, 1))
    by_role = Dataset.of(frame, roles={"decided": "time"})
    assert list(by_window(report(by_role), "accuracy")) == ["2026-03-01"]
    assert list(by_window(report(by_role, time_column="day"), "accuracy")) == ["2026-05-01"]


# labels


def test_late_labels_are_counted_and_not_judged():
    frame = unlabelled(days(90, 80, 70), date(2026, 3, 3))
    found = report(frame, at_least={"accuracy": 0.75})
    assert by_window(found, "labelled_share")["2026-03-03"] == 0
    assert by_window(found, "accuracy")["2026-03-03"] is None
    (judged,) = found.findings
    assert (judged.verdict, judged.details["outcome"]) == ("warned", "no_data")
    assert "1 of them have no data: fewer than 30 labelled rows" in judged.message


@pytest.mark.parametrize("labelled", [0, 1], ids=["none", "one"])
def test_predictions_without_labels_are_no_data(labelled):
    """No label and one label say nothing about performance (fault 69)."""
    row = pl.int_range(pl.len())
    frame = days(90).with_columns(actual=pl.when(row < labelled).then("actual"))
    found = finding(report(frame, at_least={"accuracy": 0.5}), "accuracy")
    assert (found.verdict, found.details["outcome"]) == ("warned", "no_data")


def test_column_of_nulls_only_is_no_label():
    frame = days(90).with_columns(actual=None)
    assert report(frame).metric("labelled_share").value == 0


def test_no_predictions_are_no_data():
    """An empty log is not a good one (fault 69)."""
    found = report(days(90).head(0), at_least={"roc_auc": 0.5})
    assert (found.verdict, found.findings[0].details["outcome"]) == ("warned", "no_data")


def test_rows_seen_in_training_are_left_out():
    frame = days(90, 10).with_columns(seen_in_training=pl.col("predicted_at").dt.day() == 2)
    assert list(by_window(report(frame), "accuracy")) == ["2026-03-01"]


def test_missing_prediction_is_not_right():
    frame = days(100).with_columns(
        prediction=pl.when(pl.int_range(pl.len()) < 10).then(None).otherwise("prediction")
    )
    assert report(frame).metric("accuracy").value == 0.9


# limits


def test_window_below_the_limit_fails_and_is_named():
    found = finding(report(days(90, 60, 80), at_least={"accuracy": 0.75}), "accuracy")
    assert (found.verdict, found.details["violated"]) == ("failed", ("2026-03-02",))
    assert "1 of 3 windows of 1d violate it (2026-03-02)" in found.message


def test_all_windows_within_the_limit_pass():
    assert report(days(90, 80), at_least={"accuracy": 0.75}).verdict == "passed"


def test_whole_interval_may_have_to_keep_the_limit():
    frame = days(80, 99)
    found = finding(report(frame, at_least={"accuracy": 0.75}, gate="interval"), "accuracy")
    assert found.details["violated"] == ("2026-03-01",)


def test_limits_apply_to_the_model_that_is_given():
    model = Model.from_files(ModelDescription(format="none"), {"model.txt": b"model"})
    good = days(90).with_columns(model_version=pl.lit(model.version))
    both = pl.concat([good, days(10).with_columns(model_version=pl.lit("other"))])
    assert report(both, at_least={"accuracy": 0.5}).verdict == "failed"
    found = report(both, at_least={"accuracy": 0.5}, model=model)
    assert found.verdict == "passed"
    assert found.metric("accuracy", model_version="other").value == 0.1


def test_model_without_predictions_is_no_data():
    model = Model.from_files(ModelDescription(format="none"), {"model.txt": b"model"})
    frame = days(90).with_columns(model_version=pl.lit("other"))
    found = report(frame, at_least={"accuracy": 0.5}, model=model)
    assert found.verdict == "warned"
    assert f"no predictions of model {model.version}" in found.findings[0].message


# mistakes


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"window": "daily"}, "'daily' is no window; write a number and m, h, d, w, mo, q or y"),
        ({"window": "0d"}, "'0d' is no window"),
        ({"metrics": ["acuracy"]}, "Did you mean 'accuracy'?"),
        ({"at_least": {"log_loss": 0.1}}, "'log_loss' is better when lower: move it to at_most"),
        ({"at_most": {"roc_auc": 0.1}}, "'roc_auc' is better when higher: move it to at_least"),
        ({"at_least": {"r2": 0.1}, "gate": "interval"}, "'r2' has no interval"),
        ({"minimum_rows": 0}, "minimum_rows"),
    ],
)
def test_wrong_configuration_is_refused_at_once(fields, message):
    with pytest.raises(ConfigurationError) as caught:
        Performance(**fields)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "fields", "message"),
    [
        (
            days(1).with_columns(score=pl.lit("0.5")),
            {},
            "column 'score' holds String; scores are numbers",
        ),
        (days(1).drop("predicted_at"), {}, "no column 'predicted_at'"),
        (days(1), {"time_column": "predictedat"}, "Did you mean 'predicted_at'?"),
        (days(1), {"time_column": "actual"}, "'actual' holds Int64, no dates or times"),
        (days(1).drop("actual"), {}, "no column 'actual'"),
        (days(1).drop("prediction"), {}, "no column 'prediction'"),
        (days(1), {"metrics": ["roc_auc"]}, "'roc_auc' needs scores"),
        (days(1), {"metrics": ["r2"]}, "'r2' is no metric of binary predictions"),
        (days(1).with_columns(actual=pl.lit("yes")), {}, "one is text, the other is not"),
        (days(*[1] * 30), {"window": "1m"}, "span 41,8"),
    ],
)
def test_unusable_predictions_are_told(frame, fields, message):
    with pytest.raises(DataError) as caught:
        report(frame, **fields)
    assert message in str(caught.value)


def test_favourable_label_of_the_role_is_the_positive_one():
    words = pl.col("prediction", "actual").replace_strict({1: "bad", 0: "good"})
    frame = days(91).with_columns(words)
    turned = Dataset.of(frame, roles={"actual": Target(favourable="bad")})
    assert report(frame).metric("recall").value == 46 / 51
    assert report(turned).metric("recall").value == 45 / 49
