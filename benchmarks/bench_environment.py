"""What an environment of a step's own costs beside a plain worker process, once it is made."""

import os
import tempfile
from collections.abc import Iterator

from table import Row
from timing import in_turns, seconds

from stepwell import Pipeline, place, step


@step(returns="number")
def there() -> int:
    """Be there."""
    return 1


def measure() -> Iterator[Row]:
    """The first run in a new environment, then later ones and a plain worker in turns."""
    plain = Pipeline("plain", [place(there(), timeout=600)])
    own = Pipeline("own", [place(there(), environment=["pandas<3"])])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STEPWELL_ENVIRONMENTS"] = f"{folder}/environments"

        def run(pipeline: Pipeline) -> None:
            done = pipeline.run(store=f"{folder}/{pipeline.name}", cache=False, observers=[])
            done.raise_for_status()

        first = seconds(lambda: run(own))
        took = in_turns({"plain": lambda: run(plain), "own": lambda: run(own)}, times=9)
    beyond = (took["own"] - took["plain"]) * 1000
    yield Row(
        'environment: the first run of `["pandas<3"]`, uv\'s cache warm', "", f"{first:.1f} s"
    )
    yield Row(
        "environment: later starts over a plain worker start",
        "≤ 100 ms",
        f"{beyond:.0f} ms ({took['own'] * 1000:.0f} ms to {took['plain'] * 1000:.0f} ms)",
        beyond <= 100,
    )
