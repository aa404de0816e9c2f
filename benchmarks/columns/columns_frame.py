"""A frame of 800 MB, and what a contender says of its work."""

import json
import resource
import time
from collections.abc import Callable

import numpy as np

ROWS = 5_000_000
COLUMNS = 20
SIZE = ROWS * COLUMNS * 8


def numbers() -> dict[str, np.ndarray]:
    """20 columns of random numbers."""
    random = np.random.default_rng(0)
    return {f"column_{i}": random.random(ROWS) for i in range(COLUMNS)}


def tell(work: Callable[[], object]) -> None:
    """Print how long `work` took, and the peak memory of the process as a share of the frame."""
    started = time.perf_counter()
    work()
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": took, "peak": peak / SIZE}))
