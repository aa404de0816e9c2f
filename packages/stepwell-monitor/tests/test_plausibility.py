"""What `Plausibility` finds."""

import polars as pl
import pytest

from stepwell import (
    ConfigurationError,
    DataError,
    Dataset,
    Feature,
    Model,
    ModelDescription,
    Target,
)
from stepwell_monitor import Plausibility

GOOD = pl.DataFrame(
    {
        "amount": [float(n) for n in range(40)],
        "channel": ["web", "shop"] * 20,
        "prediction": [0, 1] * 20,
        "score": [n / 40 for n in range(40)],
        "prediction_id": [f"id-{n}" for n in range(40)],
    }
)

CHANNELS, AMOUNTS = {"channel": ["web", "shop"]}, {"amount": list(range(40))}


def model(**description) -> Model:
    described = ModelDescription(format="none", **description)
    return Model.from_files(described, {"model.txt": b"model"})


def check(frame, *, model=None, **fields):
    return Plausibility(**fields).run(predictions=frame, model=model).report


def finding(report, name):
    return next(f for f in report.findings if f.check == name)


def changed(column, value, *rows, frame=GOOD):
    wrong = pl.int_range(pl.len()).is_in(rows)
    return frame.with_columns(pl.when(wrong).then(pl.lit(value)).otherwise(column).alias(column))


def test_plausible_predictions_pass():
    report = check(GOOD, ranges={"amount": (0, 100)}, categories={"channel": ["web", "shop"]})
    assert report.verdict == "passed"
    assert report.summary == "0 of 6 checks did not pass, in 40 predictions."


@pytest.mark.parametrize(
    ("frame", "fields", "name", "rows"),
    [
        (changed("prediction", None, 3, 5), {}, "prediction_is_present", [3, 5]),
        (changed("score", 1.5, 7), {}, "probability", [7]),
        (changed("score", -0.1, 7), {}, "probability", [7]),
        (changed("score", float("nan"), 0, 39), {}, "probability", [0, 39]),
        (changed("score", None, 2), {}, "probability", [2]),
        (changed("amount", 1e9, 4), {"ranges": {"amount": (None, 100)}}, "range", [4]),
        (changed("amount", -1.0, 4), {"ranges": {"amount": (0, None)}}, "range", [4]),
        (changed("amount", float("nan"), 4), {"ranges": {"amount": (0, 100)}}, "range", [4]),
        (changed("channel", "fax", 9), {"categories": CHANNELS}, "categories", [9]),
        (changed("amount", 50.0, 1), {"categories": AMOUNTS}, "categories", [1]),
        (
            changed("amount", None, 1, 2, 3),
            {"maximum_null_fraction": {"amount": 0.05}},
            "null_fraction",
            [1, 2, 3],
        ),
        (changed("prediction_id", "id-1", 8), {}, "prediction_id_is_unique", [1, 8]),
    ],
)  # fmt: skip
def test_wrong_rows_are_counted_and_numbered(frame, fields, name, rows):
    found = finding(check(frame, **fields), name)
    assert (found.verdict, found.rows) == ("failed", len(rows))
    assert list(found.details["first_rows"]) == rows


def test_part_of_the_rows_may_be_missing():
    frame = changed("amount", None, 1, 2)
    found = finding(check(frame, maximum_null_fraction={"amount": 0.05}), "null_fraction")
    assert (found.verdict, found.rows) == ("passed", 2)


def test_messages_hold_row_numbers_and_no_cells():
    frame = changed("channel", "Hildegard", *range(10, 17))
    found = finding(check(frame, categories={"channel": ["web", "shop"]}), "categories")
    assert found.message == (
        "channel: 7 of 40 rows hold no known category: rows 10, 11, 12, 13, 14 …."
    )


def test_probabilities_of_classes_add_up():
    frame = pl.DataFrame(
        {"prediction": ["a", "b"] * 20, "score_a": [0.7, 0.2] * 20, "score_b": [0.3, 0.9] * 20}
    )
    found = finding(check(frame), "probabilities_add_up")
    assert (found.rows, found.columns) == (20, ("score_a", "score_b"))


def test_column_that_is_only_named_like_a_score_is_no_probability():
    frame = GOOD.drop("score").with_columns(score_credit=500.0, score_0=0.4, score_1=0.6)
    report = check(frame, model=model(classes=(0, 1)))
    assert report.verdict == "failed"  # all scores are the same
    assert [f.columns for f in report.findings if f.check == "probability"] == [
        ("score_0",),
        ("score_1",),
    ]


# all rows together


def test_constant_scores_fail():
    found = finding(check(GOOD.with_columns(score=0.5)), "predictions_differ")
    assert found.verdict == "failed"
    assert found.message == "The model: 1 different scores in 40 rows."


def test_constant_predictions_without_scores_warn():
    frame = GOOD.drop("score").with_columns(prediction=0)
    assert finding(check(frame), "predictions_differ").verdict == "warned"


def test_few_equal_scores_are_undecided():
    frame = GOOD.head(5).with_columns(score=0.5)
    assert finding(check(frame), "predictions_differ").verdict == "warned"


def test_versions_are_judged_apart():
    versions = pl.Series("model_version", ["a"] * 20 + ["b"] * 20)
    frame = GOOD.with_columns(versions)
    frame = frame.with_columns(
        score=pl.when(pl.col("model_version") == "b").then(0.5).otherwise("score")
    )
    report = check(frame, minimum_rows=10)
    verdicts = {
        f.details["model_version"]: f.verdict
        for f in report.findings
        if f.check == "predictions_differ"
    }
    assert verdicts == {"a": "passed", "b": "failed"}


@pytest.mark.parametrize(
    ("bounds", "minimum", "verdict"),
    [((0.4, 0.6), 30, "passed"), ((0.6, 0.9), 30, "failed"), ((0.4, 0.6), 50, "warned")],
)
def test_share_of_favourable_predictions_has_bounds(bounds, minimum, verdict):
    report = check(GOOD, positive_share=bounds, minimum_rows=minimum)
    assert finding(report, "positive_share").verdict == verdict
    assert report.metric("positive_share").value == 0.5


def test_favourable_label_comes_from_the_role():
    frame = GOOD.with_columns(actual=pl.col("prediction"))
    frame = changed("prediction", 0, 1, frame=frame)
    data = Dataset.of(frame, roles={"actual": Target(favourable=0)})
    report = check(data, positive_share=(0, 1))
    assert report.metric("positive_share").value == 21 / 40


def test_no_rows_are_no_data():
    """No prediction is neither plausible nor implausible (fault 69)."""
    report = check(GOOD.head(0))
    assert (report.verdict, report.findings[0].details["outcome"]) == ("warned", "no_data")


# what the model knows


INPUTS = (
    Feature(name="amount", type="Float64"),
    Feature(name="channel", type="String", categories=("web", "shop")),
)


def of_model(frame=GOOD):
    known = model(features=INPUTS, classes=(0, 1))
    return check(frame.with_columns(model_version=pl.lit(known.version)), model=known)


def test_model_tells_categories_and_classes():
    assert of_model().verdict == "passed"
    assert finding(of_model(changed("channel", "fax", 3)), "categories").rows == 1
    assert finding(of_model(changed("prediction", 2, 6)), "known_class").rows == 1


def test_missing_input_of_the_model_fails():
    found = finding(of_model(GOOD.drop("channel")), "inputs_are_present")
    assert (found.verdict, found.columns) == ("failed", ("channel",))


def test_input_of_another_type_fails():
    frame = GOOD.with_columns(pl.col("amount").cast(pl.String))
    found = finding(of_model(frame), "inputs_have_their_type")
    assert (found.verdict, found.columns) == ("failed", ("amount",))
    assert "amount (String, trained on Float64)" in found.message


def test_rows_of_other_models_are_not_checked():
    frame = GOOD.with_columns(model_version=pl.lit("other"), score=2.0)
    report = check(frame, model=model())
    assert "there are no predictions of model" in report.findings[0].message


# mistakes


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ranges": {"amount": (5, 1)}}, "the range of 'amount' ends at 1, before 5"),
        ({"maximum_null_fraction": {"amount": 5}}, "use 0.05 for 5 %"),
        ({"positive_share": (10, 90)}, "use (0.1, 0.9)"),
        ({"range": {}}, "no field 'range'"),
    ],
)
def test_wrong_configuration_is_refused_at_once(fields, message):
    with pytest.raises(ConfigurationError) as caught:
        Plausibility(**fields)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("frame", "fields", "message"),
    [
        (GOOD.drop("prediction"), {}, "no column 'prediction'"),
        (GOOD, {"ranges": {"amuont": (0, 1)}}, "no column 'amuont'. Did you mean 'amount'?"),
        (GOOD, {"probability_columns": ["scores"]}, "Did you mean 'score'?"),
        (GOOD, {"ranges": {"channel": (0, 1)}}, "'channel' has a range, but holds String"),
        (GOOD, {"categories": {"amount": ["low"]}}, "holds Float64, its categories are text"),
        (GOOD.with_columns(score=pl.lit("x")), {}, "'score' holds String; probabilities are"),
        (
            GOOD.with_columns(pl.Series("prediction", range(40))),
            {"positive_share": (0, 1)},
            "40 labels occur",
        ),
    ],
)
def test_unusable_predictions_are_told(frame, fields, message):
    with pytest.raises(DataError) as caught:
        check(frame, **fields)
    assert message in str(caught.value)
