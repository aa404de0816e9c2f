"""The seven functions as steps of Stepwell, with store and record."""

import sys
from dataclasses import dataclass

import pandas as pd
import seven_functions

from stepwell import Pipeline, step


@dataclass(frozen=True)
class Parts:
    """Rows to train on and rows held out."""

    training: pd.DataFrame
    holdout: pd.DataFrame


@step
def split(data: pd.DataFrame) -> Parts:
    """Two datasets of one."""
    return Parts(*seven_functions.split(data))


load = step(seven_functions.load)
check = step(returns="checked")(seven_functions.check)
scan = step(returns="scanned")(seven_functions.scan)
train = step(seven_functions.train)
evaluate = step(returns="metrics")(seven_functions.evaluate)
decide = step(returns="accepted")(seven_functions.decide)

pipeline = Pipeline(
    "seven",
    [load(source=sys.argv[1]), check(), scan(), split(), train(), evaluate(), decide()],
)
run = pipeline.run(store=sys.argv[2], observers=[])
run.raise_for_status()
assert run["accepted"]
