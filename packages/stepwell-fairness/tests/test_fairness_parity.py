"""The same values as fairlearn, for every metric."""

import fairlearn.metrics
import numpy as np
import polars as pl
import pytest
import sklearn.metrics
from fairlearn.metrics import MetricFrame

from stepwell import Dataset, Target
from stepwell_fairness import Fairness
from stepwell_fairness._definitions import DISPARITIES, REPORTED_RATES

AGE_BANDS = ["young", "middle", "old"]


@pytest.fixture(scope="module")
def applicants() -> pl.DataFrame:
    """A thousand applicants, of whom seven in ten are good, with an unequal model."""
    return generated(1_000, seed=7)


def generated(rows: int, *, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    sex = random.choice(["female", "male"], rows, p=[0.31, 0.69])
    age = random.choice(AGE_BANDS, rows, p=[0.2, 0.5, 0.3])
    good = random.random(rows) < np.where(age == "young", 0.58, 0.73)
    bias = np.where(sex == "female", -0.1, 0.0) + np.where(age == "young", -0.15, 0.0)
    approved = random.random(rows) < np.where(good, 0.85, 0.45) + bias
    labels = np.array(["bad", "good"])
    return pl.DataFrame(
        {
            "sex": sex,
            "age_band": age,
            "actual": labels[good.astype(int)],
            "prediction": labels[approved.astype(int)],
            "amount": random.integers(1, 5, rows) / 2,
        }
    )


def theirs(metric, frame, by, *, weighted=False):
    weights = {"sample_weight": frame["amount"].to_numpy()} if weighted else {}
    return getattr(fairlearn.metrics, metric)(
        (frame["actual"] == "good").to_numpy().astype(int),
        (frame["prediction"] == "good").to_numpy().astype(int),
        sensitive_features=frame.select(by).to_pandas(),
        **weights,
    )


def ours(frame, **fields):
    step = Fairness(groups=["sex", "age_band"], minimum_group_size=1, **fields)
    return step.run(predictions=frame).report


@pytest.mark.parametrize("metric", DISPARITIES)
@pytest.mark.parametrize("by", [["sex"], ["age_band"], ["sex", "age_band"]], ids="-".join)
@pytest.mark.parametrize("weighted", [False, True], ids=["counted", "weighted"])
def test_disparity_is_fairlearns(applicants, metric, by, weighted):
    limits = {DISPARITIES[metric].limit: {metric: 0.5}}
    report = ours(applicants, weight="amount" if weighted else None, **limits)
    found = [m for m in report.metrics if m.name == metric and list(m.details["by"]) == by]
    expected = theirs(metric, applicants, by, weighted=weighted)
    assert [m.value for m in found] == [pytest.approx(expected, abs=1e-12)]


@pytest.mark.parametrize("seed", range(6))
def test_every_disparity_is_fairlearns_for_generated_people(seed):
    frame = generated(60 + 90 * seed, seed=seed)
    least = {name: 0.5 for name, one in DISPARITIES.items() if one.limit == "at_least"}
    most = {name: 0.5 for name in DISPARITIES if name not in least}
    report = ours(frame, at_least=least, at_most=most, intersections=False)
    found = {m.name: m.value for m in report.metrics if m.details.get("by") == ("sex",)}
    expected = {name: theirs(name, frame, ["sex"]) for name in DISPARITIES}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("rate", REPORTED_RATES)
def test_rates_of_groups_are_fairlearns(applicants, rate):
    function = getattr(fairlearn.metrics, rate, None) or getattr(sklearn.metrics, rate)
    frame = MetricFrame(
        metrics=function,
        y_true=(applicants["actual"] == "good").to_numpy().astype(int),
        y_pred=(applicants["prediction"] == "good").to_numpy().astype(int),
        sensitive_features=applicants.select("sex", "age_band").to_pandas(),
    )
    report = ours(applicants)
    found = {
        (m.group["sex"], m.group["age_band"]): m.value
        for m in report.metrics
        if m.name == rate and len(m.group) == 2
    }
    assert found == pytest.approx(frame.by_group.to_dict(), abs=1e-12)
    assert report.metric(rate).value == pytest.approx(frame.overall, abs=1e-12)


def test_favourable_label_of_the_role_turns_the_rates_around(applicants):
    turned = Dataset.of(applicants, roles={"actual": Target(favourable="bad")})
    good, bad = ours(applicants), ours(turned)
    assert bad.metric("true_positive_rate").value == good.metric("true_negative_rate").value
    assert bad.details["favourable"] == "bad"
