"""No regression against the champion, group by group."""

import polars as pl
import pytest

from stepwell import DataError, Model, ModelDescription
from stepwell_fairness import Fairness


def model(name: str) -> Model:
    return Model.from_files(ModelDescription(format="none"), {"model.txt": name.encode()})


CHAMPION, CHALLENGER = model("champion"), model("challenger")


def people(women: tuple[int, int], men: tuple[int, int], rows: int = 100) -> pl.DataFrame:
    """Good applicants, and how many of each group the champion and the challenger approve."""
    parts = []
    for version, counts in (
        (CHALLENGER.version, (women[1], men[1])),
        (CHAMPION.version, (women[0], men[0])),
    ):
        for sex, approved in zip(("female", "male"), counts, strict=True):
            parts.append(
                pl.DataFrame(
                    {
                        "sex": sex,
                        "actual": 1,
                        "prediction": [1] * approved + [0] * (rows - approved),
                        "model_version": version,
                        "seen_in_training": False,
                        "prediction_id": [f"{version}-{sex}{row}" for row in range(rows)],
                    }
                )
            )
    return pl.concat(parts)


WORSE_FOR_WOMEN = people(women=(80, 70), men=(80, 95))


def findings(frame, *, tolerance=0.05, champion=CHAMPION, **fields):
    step = Fairness(groups=["sex"], no_worse_than_champion=tolerance, **fields)
    report = step.run(predictions=frame, model=CHALLENGER, champion=champion).report
    return [f for f in report.findings if f.check == "no_worse_than_champion"]


def test_challenger_that_is_better_overall_but_worse_for_a_group_fails():
    """A model that serves one group worse is blocked, whatever its average (fault 77)."""
    (finding,) = findings(WORSE_FOR_WOMEN)
    assert finding.verdict == "failed"
    assert "sex=female, -0.100" in finding.message
    assert finding.details["against"] == CHAMPION.version


def test_change_within_the_tolerance_passes():
    (finding,) = findings(WORSE_FOR_WOMEN, tolerance=0.1)
    assert finding.verdict == "passed"


def test_interval_gate_is_undecided_where_the_change_may_be_noise():
    (finding,) = findings(people(women=(80, 79), men=(80, 80)), tolerance=0.02, gate="interval")
    assert (finding.verdict, finding.details["outcome"]) == ("failed", "undecided")


def test_interval_gate_fails_where_the_whole_interval_is_worse():
    (finding,) = findings(people(women=(90, 50), men=(80, 80)), tolerance=0.05, gate="interval")
    assert finding.details["outcome"] == "violated"


def test_rate_that_is_better_when_lower_is_judged_the_other_way_round():
    tolerances = {"false_negative_rate": 0.05, "selection_rate": 0.05}
    verdicts = {
        f.details["rate"]: f.verdict for f in findings(WORSE_FOR_WOMEN, tolerance=tolerances)
    }
    assert verdicts == {"false_negative_rate": "failed", "selection_rate": "failed"}


def test_report_has_the_change_of_every_group_with_its_interval():
    step = Fairness(groups=["sex"])
    report = step.run(predictions=WORSE_FOR_WOMEN, model=CHALLENGER, champion=CHAMPION).report
    changes = {
        m.group["sex"]: (m.value, m.rows)
        for m in report.metrics
        if m.against == CHAMPION.version and m.name == "true_positive_rate"
    }
    assert changes == {
        "female": (pytest.approx(-0.1), 100),
        "male": (pytest.approx(0.15), 100),
    }


def test_rows_that_either_model_has_seen_are_left_out_for_both():
    """Challenger and champion meet on rows that neither was trained on (fault 59)."""
    number = pl.int_range(pl.len()).over("model_version")
    seen = (pl.col("model_version") == CHAMPION.version) & number.is_in([70, 71, 72, 73, 74])
    frame = WORSE_FOR_WOMEN.with_columns(seen_in_training=seen)
    (finding,) = findings(frame)
    assert "-0.053 " in finding.message  # 70 of 95, and 75 of 95
    assert "95 actual positives" in finding.message


def test_group_that_is_too_small_is_undecided():
    (finding,) = findings(WORSE_FOR_WOMEN, tolerance=0.2, minimum_group_size=101)
    assert (finding.verdict, finding.details["outcome"]) == ("failed", "undecided")
    assert finding.details["left_out"] == {"sex=female": 100, "sex=male": 100}


def test_rows_are_the_same_by_their_id_whatever_their_order():
    shuffled = WORSE_FOR_WOMEN.sample(fraction=1, shuffle=True, seed=1)
    assert findings(shuffled) == findings(WORSE_FOR_WOMEN)


def test_rows_that_only_one_model_scored_do_not_count():
    (finding,) = findings(WORSE_FOR_WOMEN.head(-5), minimum_group_size=96)
    assert finding.details["left_out"] == {"sex=male": 95}


FIRST = pl.int_range(pl.len()) == 0


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (
            WORSE_FOR_WOMEN.filter(model_version=CHALLENGER.version),
            f"no rows of the champion {CHAMPION.version}",
        ),
        (WORSE_FOR_WOMEN.drop("prediction_id"), "no column 'prediction_id'"),
        (
            WORSE_FOR_WOMEN.with_columns(actual=pl.when(FIRST).then(0).otherwise("actual")),
            "1 rows that",
        ),
        (
            WORSE_FOR_WOMEN.with_columns(sex=pl.when(FIRST).then(pl.lit("male")).otherwise("sex")),
            "1 rows that",
        ),
        (pl.concat([WORSE_FOR_WOMEN, WORSE_FOR_WOMEN.head(1)]), "repeat their prediction_id"),
    ],
    ids=["no champion", "no id", "other label", "other group", "repeated id"],
)
def test_models_that_cannot_be_compared_fail_as_undecided(frame, why):
    (finding,) = findings(frame)
    assert (finding.verdict, finding.details["outcome"]) == ("failed", "undecided")
    assert why in finding.message


def test_first_model_has_no_champion_to_compare_with():
    assert findings(WORSE_FOR_WOMEN, champion=None) == []


def test_champion_that_is_trained_again_unchanged_is_not_compared_with_itself():
    assert findings(WORSE_FOR_WOMEN, champion=CHALLENGER) == []


def test_limits_apply_to_the_model_and_not_to_the_champion():
    unfair_champion = people(women=(20, 80), men=(80, 80))
    step = Fairness(groups=["sex"], at_most={"equal_opportunity_difference": 0.1})
    report = step.run(predictions=unfair_champion, model=CHALLENGER, champion=CHAMPION).report
    assert [f.details["model_version"] for f in report.findings] == [CHALLENGER.version]
    assert report.verdict == "passed"


def test_model_without_rows_is_an_error_that_names_the_versions():
    with pytest.raises(DataError, match=f"Versions: .*{CHAMPION.version}"):
        Fairness(groups=["sex"]).run(predictions=WORSE_FOR_WOMEN, model=model("other"))


def test_favourable_label_comes_from_the_model_where_no_role_says_it():
    described = ModelDescription(format="none", favourable=0)
    other = Model.from_files(described, {"model.txt": b"other"})
    frame = WORSE_FOR_WOMEN.with_columns(model_version=pl.lit(other.version))
    report = Fairness(groups=["sex"]).run(predictions=frame, model=other).report
    assert report.details["favourable"] == 0
