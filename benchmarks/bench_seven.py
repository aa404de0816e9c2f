"""Seven function steps on 20,000 rows, each time in a cold process, by Stepwell and its peers."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
from peers import QUIET, python_of, version_of
from table import Row
from timing import in_turns, python

SCRIPTS = Path(__file__).parent / "seven"
ROWS = 20_000
TURNS = 5
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""For everybody: where a processor is taken, OpenMP waits for it in a loop, for seconds."""


def measure() -> Iterator[Row]:
    """A row for Stepwell and for each peer, beside the plain script."""
    with tempfile.TemporaryDirectory() as folder:
        source = f"{folder}/data.csv"
        data().to_csv(source, index=False)
        took = in_turns(_contenders(source, Path(folder)), times=TURNS)
    plain, ours = took.pop("plain script"), took.pop("Stepwell")
    skops = took.pop("plain script, and an import of skops") - plain
    yield Row(
        "seven function steps on 20,000 rows, cold process, store and record",
        "≤ 1.15 × the plain script, and one import of skops for the model",
        f"{ours / plain:.2f} × ({ours:.2f} s to {plain:.2f} s); {(ours - skops) / plain:.2f} × "
        f"without one import of skops ({skops:.2f} s)",
        ours <= 1.15 * plain + skops,
    )
    for peer, seconds in took.items():
        yield Row(f"the same in {peer}", "", f"{seconds / plain:.2f} × ({seconds:.2f} s)")


def data() -> pd.DataFrame:
    """Ten columns of numbers, two of words, and whether a loan was repaid."""
    random = np.random.default_rng(0)
    numbers = {f"number_{i}": random.normal(size=ROWS).round(6) for i in range(10)}
    purpose = random.choice(["car", "house", "education", "business"], ROWS)
    region = random.choice(["north", "south", "east", "west"], ROWS)
    score = numbers["number_0"] + numbers["number_1"] * numbers["number_2"] + (purpose == "car")
    repaid = (score + random.normal(size=ROWS) > 0).astype(int)
    return pd.DataFrame({**numbers, "purpose": purpose, "region": region, "repaid": repaid})


def _contenders(source: str, folder: Path) -> dict[str, Callable[[], object]]:
    fresh = (str(folder / f"store-{number}") for number in count())
    kedro, hamilton, zenml = (python_of(peer) for peer in ("kedro", "hamilton", "zenml"))
    kept = {"ZENML_CONFIG_PATH": str(folder / "zenml")}
    return {
        "plain script": lambda: _script("plain", source),
        "plain script, and an import of skops": lambda: _script("plain_and_skops", source),
        "Stepwell": lambda: _script("on_stepwell", source, next(fresh)),
        f"{version_of('kedro')}, storing nothing": lambda: _script(
            "on_kedro", source, interpreter=kedro
        ),
        f"{version_of('kedro')}, Parquet, pickle and JSON, no record": lambda: _script(
            "on_kedro", source, next(fresh), interpreter=kedro
        ),
        f"{version_of('hamilton')}, storing nothing": lambda: _script(
            "on_hamilton", source, interpreter=hamilton
        ),
        f"{version_of('hamilton')}, with its cache": lambda: _script(
            "on_hamilton", source, next(fresh), interpreter=hamilton
        ),
        f"{version_of('zenml')}, its database there already": lambda: _script(
            "on_zenml", source, interpreter=zenml, **kept
        ),
    }


def _script(name: str, *arguments: str, interpreter: str = sys.executable, **more: str) -> None:
    _python(str(SCRIPTS / f"seven_{name}.py"), *arguments, interpreter=interpreter, **more)


def _python(*arguments: str, interpreter: str = sys.executable, **more: str) -> str:
    environment = {**QUIET, **ONE_THREAD, "PYTHONPATH": str(SCRIPTS), **more}
    return python(*arguments, interpreter=interpreter, **environment)
