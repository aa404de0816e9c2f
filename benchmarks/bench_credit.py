"""The credit pipeline in a fresh process: first run, and again with everything in the cache."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from timing import median_seconds

CREDIT = Path(__file__).parents[1] / "examples" / "credit"
PIPELINE = (
    "import sys; sys.path.insert(0, {folder!r}); from credit import pipeline; "
    "run = pipeline.with_fields({{'deploy.registry': False}}).run(store={store!r}, observers=[]); "
    "assert run.status == 'succeeded', run"
)
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


def measure() -> Iterator[str]:
    """Beside a plain script that loads, trains and scores, and checks nothing."""
    plain = median_seconds(
        lambda: _python(PLAIN.format(source=str(CREDIT / "data" / "german_credit.csv"))), times=5
    )
    with tempfile.TemporaryDirectory() as store:
        code = PIPELINE.format(folder=str(CREDIT), store=store)
        started = time.perf_counter()
        _python(code)
        first = time.perf_counter() - started
        _python(code)  # the champion is another one now; from here on all is cached
        cached = median_seconds(lambda: _python(code), times=5)
    yield f"plain script {plain:.2f} s"
    yield f"first run, all checks, model stored: {first:.2f} s: {first / plain:.2f} x"
    yield f"fully cached, Champion and Deploy included: {cached:.2f} s: {cached / plain:.2f} x"


def _python(code: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(CREDIT)}
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
