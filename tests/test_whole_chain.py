"""The whole chain with monitoring in it, on three classes and on numbers: a first model becomes
champion, a better one takes over, and the same once more changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from stepwell import Load, Pipeline, Step
from stepwell_data_check import DataCheck, expect
from stepwell_deploy import Champion, Deploy
from stepwell_evaluate import Evaluate
from stepwell_monitor import Drift, Performance, Plausibility, Profile
from stepwell_pii_scan import PiiScan
from stepwell_predict import Predict
from stepwell_train import Split, Train


def flowers() -> pl.DataFrame:
    """Three kinds that two measures tell apart, and only both together well."""
    random = np.random.default_rng(4)
    kind = random.integers(0, 3, 600)
    long = np.array([2.0, 2.6, 4.5])[kind] + random.normal(0, 0.4, 600)
    wide = np.array([1.0, 2.5, 2.4])[kind] + random.normal(0, 0.4, 600)
    names = np.array(["iris", "lily", "rose"])[kind]
    return pl.DataFrame({"id": range(600), "long": long, "wide": wide, "kind": names})


def rides() -> pl.DataFrame:
    """What is rented in every hour of a month, by hour and weather."""
    random = np.random.default_rng(5)
    hours = np.arange(720)
    warmth = random.normal(15, 5, 720)
    rented = 100 + 80 * np.sin(hours / 24 * 2 * np.pi) + 4 * warmth + random.normal(0, 9, 720)
    start = pl.datetime(2026, 3, 1) + pl.duration(hours=pl.col("number"))
    columns = {"number": hours, "hour": hours % 24, "warmth": warmth, "rented": rented}
    return pl.DataFrame(columns).with_columns(time=start)


CLASSES: list[Any] = [
    flowers(),
    {"id": "identifier", "kind": "target"},
    [Split(by="stratified")],
    "accuracy",
    [
        Train(estimator="sklearn.tree.DecisionTreeClassifier", parameters={"max_depth": 1}),
        Train(estimator="sklearn.linear_model.LogisticRegression"),
    ],
]
NUMBERS: list[Any] = [
    rides(),
    {"number": "identifier", "rented": "target", "time": "time"},
    [Split(by="time", cutoff="2026-03-22")],
    "r2",
    [
        Train(estimator="sklearn.linear_model.Ridge"),
        Train(estimator="sklearn.tree.DecisionTreeRegressor", parameters={"max_depth": 8}),
    ],
]


@pytest.mark.parametrize(
    ("data", "roles", "split", "metric", "trains"), [CLASSES, NUMBERS], ids=["classes", "numbers"]
)
def test_better_model_takes_over_with_monitoring_in_the_chain(
    data: pl.DataFrame,
    roles: dict[str, Any],
    split: list[Step],
    metric: str,
    trains: list[Train],
    tmp_path: Path,
) -> None:
    data.write_parquet(tmp_path / "rows.parquet")
    target = next(column for column, role in roles.items() if role == "target")

    def run(train: Train) -> tuple[str, str, list[str]]:
        steps: list[Step] = [
            Load(source=tmp_path / "rows.parquet", roles=roles),
            DataCheck(suite=[expect("column_values_to_not_be_null", target)]),
            PiiScan(),
            *split,
            train,
            Champion(name="chain"),
            Predict(),
            Evaluate(at_least={metric: 0.3}),
            Profile(),
            Plausibility(),
            Drift(alpha=None, at_most={"population_stability_index": 0.5}),
            Performance(minimum_rows=5),
            Deploy(name="chain", better_on=metric, registry=False),
        ]
        done = Pipeline("chain", steps).run(store=tmp_path / "store", observers=[])
        executed = [step.name for step in done.steps if step.state != "cached"]
        return done.status, done["decision"]["outcome"], executed

    first, better = trains
    assert run(first)[:2] == ("succeeded", "promoted")
    assert run(better)[:2] == ("succeeded", "promoted")
    assert run(better)[:2] == ("succeeded", "already_champion")
    assert run(better) == ("succeeded", "already_champion", ["deploy"])
