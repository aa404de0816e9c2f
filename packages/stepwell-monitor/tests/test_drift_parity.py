"""The same statistics as SciPy, from a profile instead of the reference data."""

import numpy as np
import polars as pl
import pytest
import scipy.spatial.distance
import scipy.stats

from stepwell_monitor import Drift, Profile

RANDOM = np.random.default_rng(3)
PAIRS = {
    "normal": (RANDOM.normal(size=800), RANDOM.normal(0.2, 1.3, 500)),
    "few values": (RANDOM.integers(0, 6, 900), RANDOM.integers(1, 8, 300)),
    "far from zero": (RANDOM.normal(1e9, 1, 600), RANDOM.normal(1e9 + 0.4, 1, 700)),
    "mass at zero": (
        np.where(RANDOM.random(700) < 0.5, 0.0, RANDOM.lognormal(size=700)),
        np.where(RANDOM.random(400) < 0.5, -0.001, RANDOM.lognormal(size=400)),
    ),
    "apart": (RANDOM.random(300), RANDOM.random(300) + 5),
}


def measured(then, now, **fields):
    profile = Profile(**fields).run(data=pl.DataFrame({"x": then})).profile
    report = Drift().run(predictions=pl.DataFrame({"x": now}), profile=profile).report
    return {metric.name: metric for metric in report.metrics}


@pytest.mark.parametrize(("then", "now"), PAIRS.values(), ids=PAIRS)
def test_statistics_of_numbers_are_scipys(then, now):
    found = measured(then, now)
    expected = scipy.stats.ks_2samp(then, now, method="asymp")
    distance = scipy.stats.wasserstein_distance(then, now) / np.std(then)
    assert found["kolmogorov_smirnov"].value == pytest.approx(expected.statistic, abs=1e-12)
    assert found["wasserstein"].value == pytest.approx(distance, rel=1e-9)
    assert found["kolmogorov_smirnov"].details["p_value"] == pytest.approx(
        expected.pvalue, rel=0.01, abs=1e-4
    )


def test_compressed_profile_is_within_its_resolution():
    then, now = RANDOM.normal(size=30_000), RANDOM.normal(0.03, 1.0, 20_000)
    found = measured(then, now, resolution=500)
    exact = scipy.stats.ks_2samp(then, now).statistic
    assert exact - 1 / 499 <= found["kolmogorov_smirnov"].value <= exact
    area = scipy.stats.wasserstein_distance(then, now)
    assert found["wasserstein"].value == pytest.approx(area, abs=0.005)


def test_chi_squared_is_scipys():
    then = pl.Series(["a"] * 400 + ["b"] * 300 + ["c"] * 100)
    now = pl.Series(["a"] * 150 + ["b"] * 150 + ["c"] * 80)
    expected = scipy.stats.chi2_contingency([[400, 300, 100], [150, 150, 80]], correction=False)
    found = measured(then, now)["chi_squared"]
    assert found.value == pytest.approx(expected.statistic)
    assert found.details["p_value"] == pytest.approx(expected.pvalue)


@pytest.mark.parametrize("seed", range(5))
def test_statistics_of_generated_categories_are_scipys(seed):
    random = np.random.default_rng(seed)
    counts = random.integers(30, 400, (2, 3 + seed))
    then, now = (np.repeat([f"c{n}" for n in range(len(row))], row) for row in counts)
    chi_squared = scipy.stats.chi2_contingency(counts, correction=False)
    found = measured(then, now)
    assert found["chi_squared"].value == pytest.approx(chi_squared.statistic)
    assert found["chi_squared"].details["p_value"] == pytest.approx(chi_squared.pvalue, abs=1e-12)
    distance = scipy.spatial.distance.jensenshannon(*counts, base=2)
    assert found["jensen_shannon"].value == pytest.approx(distance)


def test_rare_category_is_tested_exactly():
    then, now = pl.Series(["a"] * 990 + ["b"] * 10), pl.Series(["a"] * 90 + ["b"] * 10)
    expected = 2 * scipy.stats.fisher_exact([[990, 10], [90, 10]]).pvalue
    found = measured(then, now)["chi_squared"]
    assert found.details["p_value"] == pytest.approx(expected)


def test_jensen_shannon_of_categories_is_scipys():
    then, now = pl.Series(["a"] * 60 + ["b"] * 40), pl.Series(["a"] * 30 + ["c"] * 70)
    expected = scipy.spatial.distance.jensenshannon([60, 40, 0], [30, 0, 70], base=2)
    assert measured(then, now)["jensen_shannon"].value == pytest.approx(expected)


def test_binned_distances_use_the_deciles_of_the_reference():
    then = np.arange(1_000.0)
    now = np.concatenate([then[:500], then[:500]])
    shares = np.array([0.2] * 5 + [0.0] * 5)
    found = measured(then, now)
    floored = np.maximum(shares, 1e-4)
    index = ((floored - 0.1) * np.log(floored / 0.1)).sum()
    distance = scipy.spatial.distance.jensenshannon([0.1] * 10, shares, base=2)
    assert found["population_stability_index"].value == pytest.approx(index)
    assert found["jensen_shannon"].value == pytest.approx(distance)


@pytest.mark.parametrize(
    ("correction", "method"), [("benjamini_hochberg", "bh"), ("bonferroni", None)]
)
def test_corrected_p_values_are_scipys(correction, method):
    then = pl.DataFrame({str(i): RANDOM.normal(size=300) for i in range(20)})
    now = pl.DataFrame({str(i): RANDOM.normal(i / 60, size=300) for i in range(20)})
    profile = Profile().run(data=then).profile
    report = Drift(correction=correction).run(predictions=now, profile=profile).report
    details = [m.details for m in report.metrics if m.name == "kolmogorov_smirnov"]
    raw = [detail["p_value"] for detail in details]
    bonferroni = np.minimum(np.array(raw) * len(raw), 1)
    expected = scipy.stats.false_discovery_control(raw, method=method) if method else bonferroni
    assert [detail["corrected_p_value"] for detail in details] == pytest.approx(list(expected))
