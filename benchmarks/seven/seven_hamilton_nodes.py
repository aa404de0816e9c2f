"""The seven functions as Hamilton wants them: named for what they give."""

import pandas as pd
import seven_functions
from hamilton.function_modifiers import extract_fields
from sklearn.pipeline import Pipeline


def data(source: str) -> pd.DataFrame:
    """The table."""
    return seven_functions.load(source=source)


def checked(data: pd.DataFrame) -> dict[str, int]:
    """Cells that are missing or too large."""
    return seven_functions.check(data)


def scanned(data: pd.DataFrame) -> dict[str, int]:
    """Cells with an address."""
    return seven_functions.scan(data)


@extract_fields({"training": pd.DataFrame, "holdout": pd.DataFrame})
def parts(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows to train on and rows held out."""
    training, holdout = seven_functions.split(data)
    return {"training": training, "holdout": holdout}


def model(training: pd.DataFrame) -> Pipeline:
    """The classifier."""
    return seven_functions.train(training)


def metrics(model: Pipeline, holdout: pd.DataFrame) -> dict[str, float]:
    """How good it is."""
    return seven_functions.evaluate(model, holdout)


def accepted(checked: dict[str, int], scanned: dict[str, int], metrics: dict[str, float]) -> bool:
    """Whether it may be used."""
    return seven_functions.decide(checked, scanned, metrics)
