"""Seven plain functions: what everybody runs in the comparison."""

import re

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

TARGET = "repaid"
WORDS = ["purpose", "region"]
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


def load(*, source: str) -> pd.DataFrame:
    """The table in a CSV file."""
    return pd.read_csv(source)


def check(data: pd.DataFrame) -> dict[str, int]:
    """How many cells are missing or far too large, by column."""
    missing = data.isna().sum()
    too_large = (data.select_dtypes("number").abs() > 100).sum()
    return {str(name): int(count) for name, count in missing.add(too_large, fill_value=0).items()}


def scan(data: pd.DataFrame) -> dict[str, int]:
    """How many cells hold an e-mail address, by column of text."""
    text = data.select_dtypes("str")
    return {str(name): int(text[name].str.contains(MAIL).sum()) for name in text}


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three quarters of the rows to train on, and the rest."""
    training, holdout = train_test_split(data, test_size=0.25, random_state=0)
    return training, holdout


def train(training: pd.DataFrame) -> Pipeline:
    """A fitted classifier."""
    encode = make_column_transformer((OrdinalEncoder(), WORDS), remainder="passthrough")
    model = make_pipeline(encode, HistGradientBoostingClassifier(random_state=0))
    return model.fit(training.drop(columns=TARGET), training[TARGET])


def evaluate(model: Pipeline, holdout: pd.DataFrame) -> dict[str, float]:
    """How good the model is on rows that it has not seen."""
    score = model.predict_proba(holdout.drop(columns=TARGET))[:, 1]
    return {
        "roc_auc": float(roc_auc_score(holdout[TARGET], score)),
        "log_loss": float(log_loss(holdout[TARGET], score)),
    }


def decide(checked: dict[str, int], scanned: dict[str, int], metrics: dict[str, float]) -> bool:
    """Whether the model may be used."""
    return not any(checked.values()) and not any(scanned.values()) and metrics["roc_auc"] > 0.7
