"""What a step costs beyond its own work."""

import tempfile
from collections.abc import Iterator

from timing import median_seconds

from stepwell import Pipeline, Placed, Step, place, step

STEPS = 200


@step(returns="number")
def first() -> int:
    """Begin."""
    return 1


@step(returns="number")
def following(number: int) -> int:
    """Go on."""
    return number + 1


@step(returns="number")
def alone(*, value: int) -> int:
    """Work on nothing."""
    return value


def measure() -> Iterator[str]:
    """A chain and a fan of tiny steps: without a store, with one, and from the cache."""
    chain: list[Step | Placed] = [
        first(),
        *(place(following(), name=f"following_{i}") for i in range(STEPS - 1)),
    ]
    fan: list[Step | Placed] = [
        place(alone(value=i), name=f"alone_{i}", outputs={"number": f"number_{i}"})
        for i in range(STEPS)
    ]
    for name, steps in (("chain", chain), ("fan", fan)):
        yield from _measured(name, Pipeline(name, steps))


def _measured(name: str, pipeline: Pipeline) -> Iterator[str]:
    without = median_seconds(lambda: pipeline.run(store=False, observers=[]))
    with tempfile.TemporaryDirectory() as store:
        kept = median_seconds(lambda: pipeline.run(store=store, observers=[], cache=False))
        cached = median_seconds(lambda: pipeline.run(store=store, observers=[]))
    yield (
        f"{name} of {STEPS}: {without / STEPS * 1000:.3f} ms a step without a store, "
        f"{kept / STEPS * 1000:.2f} ms with artifacts, cache entry and record on disk, "
        f"{cached / STEPS * 1000:.2f} ms from the cache"
    )
