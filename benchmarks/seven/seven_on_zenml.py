"""The seven functions as steps of ZenML, which always stores and records, in a local SQLite."""

import sys
from typing import Annotated

import pandas as pd
import seven_functions
from zenml import pipeline, step

load = step(seven_functions.load)
check = step(seven_functions.check)
scan = step(seven_functions.scan)
train = step(seven_functions.train)
evaluate = step(seven_functions.evaluate)
decide = step(seven_functions.decide)


@step
def split(
    data: pd.DataFrame,
) -> tuple[Annotated[pd.DataFrame, "training"], Annotated[pd.DataFrame, "holdout"]]:
    """Two artifacts of one."""
    training, holdout = seven_functions.split(data)
    return training, holdout


@pipeline(enable_cache=False)
def seven(source: str) -> None:
    """Wire the steps."""
    data = load(source=source)
    training, holdout = split(data)
    decide(check(data), scan(data), evaluate(train(training), holdout))


if __name__ == "__main__":
    run = seven(source=sys.argv[1])
    assert run.steps["decide"].output.load()
