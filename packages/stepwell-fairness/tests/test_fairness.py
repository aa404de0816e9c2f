"""What `Fairness` concludes."""

import polars as pl
import pytest

from stepwell import ConfigurationError, DataError, Dataset, Target
from stepwell_fairness import Fairness


def people(*groups: tuple[str, int, int, int, int]) -> pl.DataFrame:
    """Rows of groups: name, true positives, false negatives, false positives, true negatives."""
    cells = [(1, 1), (1, 0), (0, 1), (0, 0)]
    rows = [
        (name, *cell)
        for name, *counts in groups
        for cell, count in zip(cells, counts, strict=True)
        for _ in range(count)
    ]
    return pl.DataFrame(rows, schema=["sex", "actual", "prediction"], orient="row")


FAIR = people(("female", 80, 20, 10, 90), ("male", 81, 19, 11, 89))
UNFAIR = people(("female", 50, 50, 10, 90), ("male", 80, 20, 10, 90))
OPPORTUNITY = {"equal_opportunity_difference": 0.1}


def report(frame, **fields):
    return Fairness(**{"groups": ["sex"], **fields}).run(predictions=frame).report


def only_finding(frame, **fields):
    (finding,) = report(frame, **fields).findings
    return finding


# limits


def test_limit_that_holds_passes_and_names_the_groups_and_their_sizes():
    finding = only_finding(FAIR, at_most=OPPORTUNITY)
    assert finding.verdict == "passed"
    assert "sex=female (0.800 of 100 actual positives)" in finding.message
    assert finding.columns == ("sex",)


def test_violated_limit_fails():
    finding = only_finding(UNFAIR, at_most=OPPORTUNITY)
    assert finding.verdict == "failed"
    assert finding.details["outcome"] == "violated"
    assert "is 0.300" in finding.message


def test_ratio_below_its_limit_fails():
    assert only_finding(UNFAIR, at_least={"demographic_parity_ratio": 0.8}).verdict == "failed"


def test_value_exactly_at_the_limit_holds():
    frame = people(("female", 70, 30, 0, 0), ("male", 80, 20, 0, 0))
    assert only_finding(frame, at_most=OPPORTUNITY).verdict == "passed"


@pytest.mark.parametrize(
    ("limit", "verdict", "outcome"),
    [(0.5, "passed", "held"), (0.3, "failed", "undecided"), (0.1, "failed", "violated")],
)
def test_interval_gate_passes_where_the_whole_interval_keeps_the_limit(limit, verdict, outcome):
    finding = only_finding(UNFAIR, at_most={"equal_opportunity_difference": limit}, gate="interval")
    assert (finding.verdict, finding.details["outcome"]) == (verdict, outcome)


def test_without_limits_the_report_has_metrics_and_passes():
    found = report(FAIR)
    assert (found.verdict, found.findings) == ("passed", ())
    assert found.summary == "1 model version by sex: no limit is set."


# groups that are too small


def test_small_group_is_left_out_and_never_passes_silently():
    """A group of three rows makes the finding undecided (fault 60)."""
    frame = pl.concat([FAIR, people(("diverse", 0, 3, 0, 0))])
    finding = only_finding(frame, at_most=OPPORTUNITY)
    assert finding.verdict == "warned"
    assert finding.details["left_out"] == {"sex=diverse": 3}
    assert "Too few rows to tell for sex=diverse (3): a group needs 30 actual positives" in (
        finding.message
    )


def test_large_groups_that_violate_fail_whatever_the_small_ones_do():
    frame = pl.concat([UNFAIR, people(("diverse", 3, 0, 0, 0))])
    assert only_finding(frame, at_most=OPPORTUNITY).verdict == "failed"


def test_size_for_equal_opportunity_is_the_number_of_actual_positives():
    frame = pl.concat([FAIR, people(("diverse", 5, 5, 300, 300))])
    limits = {"demographic_parity_difference": 1.0, **OPPORTUNITY}
    by_check = {f.check: f for f in report(frame, at_most=limits).findings}
    assert by_check["demographic_parity_difference"].verdict == "passed"
    assert by_check["equal_opportunity_difference"].details["left_out"] == {"sex=diverse": 10}


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (people(("female", 40, 0, 0, 0)), "1 group is large enough"),
        (people(("female", 2, 0, 0, 0), ("male", 2, 0, 0, 0)), "no groups are large enough"),
    ],
)
def test_limit_that_cannot_be_evaluated_fails_as_undecided(frame, why):
    """Too few groups are not a fair result (fault 60)."""
    finding = only_finding(frame, at_most=OPPORTUNITY)
    assert (finding.verdict, finding.details["outcome"]) == ("failed", "undecided")
    assert why in finding.message


def test_ratio_of_rates_that_are_all_zero_is_undecided():
    frame = people(("female", 0, 40, 0, 40), ("male", 0, 40, 0, 40))
    finding = only_finding(frame, at_least={"demographic_parity_ratio": 0.8})
    assert finding.verdict == "failed"
    assert "zero in every group" in finding.message


def test_missing_group_value_is_a_group_of_its_own():
    frame = FAIR.with_columns(
        sex=pl.when(pl.col("sex") == "male").then(None).otherwise(pl.col("sex"))
    )
    counts = {
        m.group["sex"]: m.value for m in report(frame).metrics if m.name == "count" and m.group
    }
    assert counts == {"(missing)": 200, "female": 200}


def test_group_without_actual_positives_has_no_true_positive_rate():
    found = report(people(("female", 0, 0, 40, 60), ("male", 80, 20, 10, 90)))
    (rate,) = [
        m for m in found.metrics if m.name == "true_positive_rate" and m.group == {"sex": "female"}
    ]
    assert (rate.value, rate.rows) == (None, 0)


# groups, labels and rows


def test_intersections_are_compared_unless_told_otherwise():
    frame = FAIR.with_columns(age_band=pl.lit("old"))
    both, apart = (
        report(frame, groups=["sex", "age_band"], intersections=told) for told in (True, False)
    )
    assert both.details["groups"] == (("sex",), ("age_band",), ("sex", "age_band"))
    assert apart.details["groups"] == (("sex",), ("age_band",))


def test_groups_label_and_favourable_come_from_the_roles():
    renamed = FAIR.rename({"actual": "repaid"})
    data = Dataset.of(renamed, roles={"sex": "protected", "repaid": Target(favourable=0)})
    found = Fairness().run(predictions=data).report
    assert found.details["favourable"] == 0
    assert found.metric("true_positive_rate").value == pytest.approx(0.895)


def test_rows_seen_in_training_are_left_out():
    """Rows that a model was trained on say nothing about it (fault 59)."""
    seen = pl.concat(
        [FAIR.with_columns(seen_in_training=False), UNFAIR.with_columns(seen_in_training=True)]
    )
    found = report(seen, at_most=OPPORTUNITY)
    assert found.verdict == "passed"
    assert found.details["left_out_as_seen_in_training"] == {"None": 400}


def test_predictions_on_training_rows_alone_are_undecided():
    finding = only_finding(FAIR.with_columns(seen_in_training=True), at_most=OPPORTUNITY)
    assert (finding.verdict, finding.details["outcome"]) == ("failed", "undecided")


def test_unlabelled_rows_count_for_selection_only():
    late = FAIR.with_columns(actual=pl.lit(None, dtype=pl.Int32))
    found = report(pl.concat([FAIR.with_columns(pl.col("actual").cast(pl.Int32)), late]))
    assert found.metric("selection_rate").rows == 800
    assert found.metric("accuracy_score").rows == 400


def test_row_without_prediction_fails():
    gap = FAIR.with_columns(
        prediction=pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise(pl.col("prediction"))
    )
    found = report(gap, at_most=OPPORTUNITY)
    finding = next(f for f in found.findings if f.check == "every_row_has_a_prediction")
    assert (finding.verdict, finding.rows) == ("failed", 7)


def test_counts_of_partitions_add_up():
    step = Fairness(groups=["sex"], at_most=OPPORTUNITY)
    parts = [UNFAIR[:123], UNFAIR[123:150], UNFAIR[150:]]
    counts = pl.concat([step.tally(part.lazy()) for part in parts])
    assert step.conclude(counts) == step.run(predictions=UNFAIR).report


def test_weighted_counts_of_partitions_add_up():
    frame = UNFAIR.with_columns(weight=pl.int_range(pl.len()) % 3 + 1.0)
    step = Fairness(groups=["sex"], weight="weight")
    counts = pl.concat([step.tally(part.lazy()) for part in (frame[:99], frame[99:])])
    values = [
        [m.value for m in r.metrics]
        for r in (step.conclude(counts), report(frame, weight="weight"))
    ]
    assert values[0] == pytest.approx(values[1], nan_ok=True)


@pytest.mark.parametrize(
    "dtype",
    [pl.String, pl.Categorical, pl.Enum(["female", "male"])],
    ids=["text", "categorical", "enum"],
)
def test_groups_of_any_text_type_give_the_same_report(dtype):
    frame = UNFAIR.with_columns(pl.col("sex").cast(dtype))
    assert report(frame, at_most=OPPORTUNITY) == report(UNFAIR, at_most=OPPORTUNITY)


def test_limits_apply_to_every_version_where_no_model_is_given():
    frame = pl.concat(
        [
            FAIR.with_columns(model_version=pl.lit("a")),
            UNFAIR.with_columns(model_version=pl.lit("b")),
        ]
    )
    found = report(frame, at_most=OPPORTUNITY)
    verdicts = {f.details["model_version"]: f.verdict for f in found.findings}
    assert verdicts == {"a": "passed", "b": "failed"}


# mistakes


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"at_most": {"equal_oportunity_difference": 0.1}},
            "Did you mean 'equal_opportunity_difference'?",
        ),
        ({"at_most": {"demographic_parity_ratio": 0.8}}, "larger is fairer: move it to at_least"),
        ({"at_least": {"equalized_odds_difference": 0.1}}, "0 is fair: move it to at_most"),
        ({"at_most": {"true_positive_rate": 0.1}}, "a rate of one group"),
        ({"at_most": {"roc_auc_score_group_min": 0.1}}, "cannot be computed from counts"),
        ({"at_most": {"equal_opportunity_difference": 10}}, "is 10; it lies between 0 and 1"),
        (
            {"no_worse_than_champion": {"true_positve_rate": 0}},
            "Did you mean 'true_positive_rate'?",
        ),
        ({"no_worse_than_champion": {"precision_score": 0}}, "on the same rows"),
        ({"no_worse_than_champion": 5}, "lies between 0 and 1"),
        ({"groups": []}, "no column is named"),
        ({"groups": ["sex", "sex"]}, "'sex' is named twice"),
        ({"minimum_group_size": 0}, "minimum_group_size"),
        ({"gate": "bound"}, "gate"),
    ],
)
def test_wrong_configuration_is_refused_at_once(fields, message):
    with pytest.raises(ConfigurationError) as caught:
        Fairness(**fields)
    assert message in str(caught.value)


def many(values):
    return pl.DataFrame({"sex": values, "actual": 1, "prediction": 1})


@pytest.mark.parametrize(
    ("frame", "fields", "message"),
    [
        (FAIR, {"groups": ["sexx"]}, "(whose groups are compared). Did you mean 'sex'?"),
        (FAIR.drop("prediction"), {}, "no column 'prediction' (what the model said)"),
        (FAIR.drop("actual"), {}, "no column 'actual' (what really happened)"),
        (FAIR.head(0), {}, "no rows"),
        (FAIR, {"weight": "sex"}, "weights in 'sex' are String, not numbers"),
        (FAIR.with_columns(w=-1.0), {"weight": "w"}, "negative or infinite in 400 rows"),
        (many(range(53)), {}, "column 'sex' has 53 different numbers"),
        (many([f"person {n}" for n in range(500)]), {}, "column 'sex' has 500 different values"),
        (many([[1]]), {}, "column 'sex' holds List(Int64)"),
        (FAIR.with_columns(pl.Series("actual", range(400))), {}, "hold 400 labels"),
        (FAIR.with_columns(actual=pl.lit("1")), {}, "text and not text"),
        (FAIR, {"favourable": "good"}, "none of the labels of 'actual': 2 of type int"),
        (FAIR.with_columns(actual=pl.lit(5), prediction=pl.lit(5)), {}, "which one is favourable"),
        (FAIR, {"groups": ["actual"]}, "column 'actual' makes no groups"),
    ],
)  # fmt: skip
def test_unusable_predictions_are_told_without_cells(frame, fields, message):
    with pytest.raises((DataError, ConfigurationError)) as caught:
        report(frame, **fields)
    assert message in str(caught.value)
    assert "person" not in str(caught.value)


def test_failing_query_is_told_without_cells():
    broken = UNFAIR.lazy().with_columns(
        prediction=pl.col("sex").str.to_integer(), actual=pl.lit(1, pl.Int64)
    )
    with pytest.raises(DataError) as caught:
        report(broken)
    assert "cannot be counted" in str(caught.value)
    assert "female" not in str(caught.value)


def test_no_groups_anywhere_is_an_error_that_says_what_to_type():
    with pytest.raises(ConfigurationError, match=r"groups=\[\.\.\.\]"):
        Fairness().run(predictions=FAIR)


@pytest.mark.parametrize("role", ["identifier", "personal"])
@pytest.mark.parametrize("named", [True, False])
def test_column_that_tells_persons_apart_makes_no_groups(role, named):
    """Reports name groups by their values (fault 28)."""
    data = Dataset.of(FAIR, roles={"sex": [role, "protected"]})
    with pytest.raises(ConfigurationError, match=f"column 'sex' has the role '{role}'"):
        Fairness(groups=["sex"] if named else None).run(predictions=data)
