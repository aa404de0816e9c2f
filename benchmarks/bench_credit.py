"""The credit pipeline in a fresh process: first run, and again with everything in the cache."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from table import Row
from timing import in_turns, python, seconds

CREDIT = Path(__file__).parents[1] / "examples" / "credit"
HEAVY = ("sklearn", "mlflow")
PIPELINE = """
import sys
from credit import pipeline
run = pipeline.run(store={store!r}, observers=[])
assert run.status == "succeeded", run
print(*(name for name in {heavy!r} if name in sys.modules))
"""
PLAIN = """
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

data = pd.read_csv({source!r})
assert data["credit_risk"].isin(["good", "bad"]).all()
drop = ["credit_risk", "sex", "age_in_years", "foreign_worker", "personal_status_and_sex"]
train, holdout = train_test_split(data, test_size=0.3, random_state=0)
encode = make_column_transformer(
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    remainder="passthrough",
)
model = make_pipeline(encode, RandomForestClassifier(300, min_samples_leaf=5, random_state=0))
model.fit(train.drop(columns=drop), train["credit_risk"])
score = model.predict_proba(holdout.drop(columns=drop))[:, 1]
print(roc_auc_score(holdout["credit_risk"] == "good", score))
"""


def measure() -> Iterator[Row]:
    """Beside a plain script that loads, trains and scores, and checks nothing."""
    plain_code = PLAIN.format(source=str(CREDIT / "data" / "german_credit.csv"))
    with tempfile.TemporaryDirectory() as store:
        code = PIPELINE.format(store=store, heavy=HEAVY)
        first = seconds(lambda: _python(code))
        _python(code)  # the champion is another one now; from here on all is cached
        took = in_turns(
            {"plain": lambda: _python(plain_code), "cached": lambda: _python(code)}, times=5
        )
        imported = _python(code).split()
    plain, cached = took["plain"], took["cached"]
    yield Row(
        "credit pipeline, fully cached, cold process, `Champion` and `Deploy` included",
        "≤ 0.7 × a plain script that loads, trains and scores; no scikit-learn, no MLflow",
        f"{cached / plain:.2f} × ({cached:.2f} s to {plain:.2f} s); "
        f"imports {' and '.join(imported) or 'neither'}",
        cached <= 0.7 * plain and not imported,
    )
    yield Row(
        "its very first run, all checks, MLflow's new database and registry included",
        "",
        f"{first / plain:.1f} × ({first:.2f} s)",
    )


def _python(code: str) -> str:
    return python("-c", code, PYTHONPATH=str(CREDIT))
