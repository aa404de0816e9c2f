"""What a step costs beyond its own work."""

import tempfile
from collections.abc import Iterator
from itertools import count

from table import Row
from timing import in_turns

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


def measure() -> Iterator[Row]:
    """A chain of tiny steps: without a store, with one, from the cache; then a fan of them."""
    chain: list[Step | Placed] = [
        first(),
        *(place(following(), name=f"following_{i}") for i in range(STEPS - 1)),
    ]
    fan: list[Step | Placed] = [
        place(alone(value=i), name=f"alone_{i}", outputs={"number": f"number_{i}"})
        for i in range(STEPS)
    ]
    took = _took(Pipeline("chain", chain))
    each = {name: seconds / STEPS * 1000 for name, seconds in took.items()}
    yield Row(
        "a tiny step, warm, without a store",
        "≤ 0.1 ms",
        f"{each['without']:.3f} ms",
        each["without"] <= 0.1,
    )
    yield Row(
        "a tiny step, warm, with a cache entry, artifact and record safely on disk",
        "≤ 2.5 ms",
        f"{each['stored']:.2f} ms",
        each["stored"] <= 2.5,
    )
    yield Row("a tiny step, warm, from the cache", "", f"{each['cached']:.2f} ms")
    took = _took(Pipeline("fan", fan))
    beyond = took["stored"] - _bare()
    yield Row(
        f"{STEPS} tiny independent steps, stored, record included",
        "≤ 0.5 s over the bare calls",
        f"{beyond:.2f} s; without a store {took['without']:.3f} s, cached {took['cached']:.2f} s",
        beyond <= 0.5,
    )


def _took(pipeline: Pipeline) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        fresh = (f"{folder}/{number}" for number in count())
        return in_turns(
            {
                "without": lambda: pipeline.run(store=False, observers=[]),
                "stored": lambda: pipeline.run(store=next(fresh), observers=[]),
                "cached": lambda: pipeline.run(store=f"{folder}/cached", observers=[]),
            },
            times=5,
        )


def _bare() -> float:
    call = alone.function
    return in_turns({"bare": lambda: [call(value=i) for i in range(STEPS)]}, times=5)["bare"]
