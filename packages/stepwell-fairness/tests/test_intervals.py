"""Intervals against published examples and by simulation."""

import numpy as np
import polars as pl
import pytest

from stepwell_fairness import Fairness
from stepwell_fairness._intervals import Pairs, Proportion, difference, ratio, standard_errors

Z = standard_errors(0.95)


def share(count: int, rows: int) -> Proportion:
    return Proportion(count / rows, rows)


@pytest.mark.parametrize(
    ("count", "rows", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_newcombes_published_limits(count, rows, low, high):
    found = share(count, rows).estimate(Z)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_difference_gives_newcombes_published_limits(first, second, low, high):
    found = difference(share(*first).estimate(Z), share(*second).estimate(Z))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_paired_difference_gives_newcombes_published_limits():
    found = Pairs(36 / 50, 12 / 50, 2 / 50, 0, 50).change(Z)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0569, 0.3404), abs=5e-5)


def test_ratio_of_swapped_groups_is_the_reciprocal():
    first, second = share(56, 70).estimate(Z), share(48, 80).estimate(Z)
    forth, back = ratio(first, second), ratio(second, first)
    assert (back.low, back.high) == pytest.approx((1 / forth.high, 1 / forth.low))


def test_ratio_to_a_group_without_any_is_unbounded():
    found = ratio(share(5, 20).estimate(Z), share(0, 20).estimate(Z))
    assert found.high == float("inf")
    assert found.low > 0


@pytest.mark.parametrize("metric", ["demographic_parity_difference", "demographic_parity_ratio"])
@pytest.mark.parametrize("rates", [(0.7, 0.7, 0.7, 0.7), (0.8, 0.6, 0.7, 0.7)], ids=str)
def test_interval_covers_the_true_disparity_as_often_as_it_says(metric, rates):
    random = np.random.default_rng(11)
    truth = max(rates) - min(rates) if "difference" in metric else min(rates) / max(rates)
    step = Fairness(groups=["group"], minimum_group_size=1)
    covered = 0
    for _ in range(300):
        selected = random.binomial(60, rates)
        frame = pl.DataFrame(
            {
                "group": [*range(len(rates))] * 2,
                "actual": 1,
                "prediction": [1] * len(rates) + [0] * len(rates),
                "__rows__": [*selected, *(60 - selected)],
            }
        )
        found = step.conclude(frame).metric(metric)
        covered += found.low - 1e-9 <= truth <= found.high + 1e-9
    assert covered >= 0.93 * 300
