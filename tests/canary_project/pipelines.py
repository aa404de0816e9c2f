"""A project whose data and secrets sing: whatever quotes one of them is heard.

`aviary` takes people all the way to production, with checks that fail on the way. `clumsy` holds
steps that raise, each with a cell in the message of its exception.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

from stepwell import Load, Pipeline, Target, place, progress, step
from stepwell_data_check import DataCheck, expect
from stepwell_deploy import Champion, Deploy
from stepwell_evaluate import Evaluate
from stepwell_fairness import Fairness
from stepwell_monitor import Drift, Plausibility, Profile
from stepwell_pii_scan import PiiScan
from stepwell_predict import Predict
from stepwell_train import Split, Train

HERE = Path(__file__).parent
ROWS = 600


def people() -> pl.DataFrame:
    """A table in which every column but the target and `sex` holds canaries."""
    random = np.random.default_rng(0)
    skill = random.normal(size=ROWS)
    repaid = skill + random.normal(size=ROWS) > 0
    return pl.DataFrame(
        {
            "id": [f"kanarienvogel-{row}" for row in range(ROWS)],
            "email": [f"zwitscher{row}@voliere.example.org" for row in range(ROWS)],
            "note": [f"trillert Nr. {row}" for row in range(ROWS)],
            "salary": 735192640 + np.round(skill * 10) / 16,
            "skill": skill,
            "born": [date(1931, 7, 23)] * ROWS,
            "plumage": [f"gelbgefieder_{row % 3}" for row in range(ROWS)],
            "sex": [("weiblich", "männlich")[row % 2] for row in range(ROWS)],
            "repaid": np.where(repaid, "yes", "no"),
        }
    )


if not (HERE / "people.parquet").exists():
    people().write_parquet(HERE / "people.parquet")
    lines = ["a,b", *(f"{row},1" for row in range(5000)), "federkleid-4711,1"]
    (HERE / "late.csv").write_text("\n".join(lines))

load = Load(
    source=str(HERE / "people.parquet"),
    roles={
        "repaid": Target(favourable="yes"),
        "sex": "protected",
        "id": "identifier",
        "email": "personal",
    },
)
expectations = [
    expect("column_values_to_be_in_set", "plumage", value_set=["bunt"]),
    expect("column_values_to_match_regex", "note", regex="^x"),
    expect("column_values_to_be_between", "salary", min_value=0, max_value=1),
    expect("column_max_to_be_between", "salary", min_value=0, max_value=1),
    expect("column_values_to_be_unique", "plumage"),
    expect("column_median_to_be_between", "salary", min_value=0, max_value=1),
    expect("column_most_common_value_to_be_in_set", "plumage", value_set=["bunt"]),
]


@step(returns="called")
def calls(*, api_key: str, url: str, note: str, token: str) -> int:
    """Takes secrets in every way."""
    progress(1, 2, note)
    return 1


@step(returns="quoted")
def quotes(data: pd.DataFrame) -> pd.DataFrame:
    """Raises with a cell in the text."""
    raise ValueError(f"cannot use {data['note'][0]} of {data['email'][0]}")


@step(returns="numbers")
def to_numbers(data: pd.DataFrame) -> pd.DataFrame:
    """Raises what pandas raises, which quotes a cell."""
    return pd.DataFrame({"n": pd.to_numeric(data["note"])})


@step(returns="integers")
def cast(data: pl.DataFrame) -> pl.DataFrame:
    """Raises what Polars raises, which quotes cells."""
    return data.with_columns(pl.col("note").cast(pl.Int64))


@step(returns="lazily")
def cast_lazily(data: pl.LazyFrame) -> pl.LazyFrame:
    """Raises only when it is collected."""
    return data.with_columns(pl.col("plumage").cast(pl.Float64))


@step(returns="key")
def looks_up(data: pd.DataFrame) -> pd.DataFrame:
    """Raises a KeyError whose text is a cell."""
    return {}[data["id"][0]]  # it never returns


aviary = Pipeline(
    "aviary",
    [
        load,
        calls(
            api_key="geheimgesang-1",
            url="https://vogel:geheimgesang-2@example.org/?token=geheimgesang-3",
            note="in it is geheimgesang-4",
            token="${SONG}",
        ),
        place(DataCheck(suite=expectations), outputs={"data": "checked"}),
        place(PiiScan(on_finding="block"), outputs={"data": "scanned"}),
        place(PiiScan(on_finding="warn"), name="pii_warn"),
        Profile(),
        Split(holdout=0.3),
        Train(estimator="sklearn.ensemble.RandomForestClassifier", parameters={"n_estimators": 10}),
        Champion(name="aviary"),
        Predict(),
        Evaluate(at_least={"roc_auc": 0.9999}, bootstrap=100),
        Fairness(at_most={"equal_opportunity_difference": 0.0001}),
        Plausibility(categories={"plumage": ["bunt"]}, ranges={"salary": (0, 1)}),
        Drift(),
        Deploy(name="aviary", better_on="roc_auc", registry=False),
    ],
)
clumsy = Pipeline(
    "clumsy",
    [
        load,
        quotes(),
        to_numbers(),
        cast(),
        cast_lazily(),
        looks_up(),
        place(Load(source=str(HERE / "late.csv")), name="late", outputs={"data": "late"}),
        place(
            Load(source="https://vogel:geheimgesang-2@127.0.0.1:9/x.csv"),
            name="remote",
            outputs={"data": "remote"},
        ),
        place(Train(target="note"), name="many_classes"),
        place(
            Fairness(groups=["email"], target="repaid"),
            name="persons",
            inputs={"predictions": "data"},
        ),
    ],
)
apart = Pipeline("apart", [load, quotes(), to_numbers(), cast_lazily()])
