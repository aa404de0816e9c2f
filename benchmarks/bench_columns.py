"""A frame of 800 MB through a pass-through, one added and one changed column, all stored."""

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from peers import QUIET, python_of, version_of
from table import Row
from timing import python

SCRIPTS = Path(__file__).parent / "columns"
TURNS = 7


def measure() -> Iterator[Row]:
    """Stepwell, then each peer once, beside one BLAKE3 pass and one synced write of the frame."""
    turns = [(_told("floor"), _told("on_stepwell")) for _ in range(TURNS)]
    floor = statistics.median(least["seconds"] for least, _ in turns)
    ours = statistics.median(mine["seconds"] for _, mine in turns)
    peak = statistics.median(mine["peak"] for _, mine in turns)
    yield Row(
        "800 MB (20 columns of floats) passed through, one column added, one changed, stored",
        "≤ 1.5 × one BLAKE3 pass and one write; ≤ 1.3 × the frame in memory",
        f"{ours / floor:.2f} × ({ours:.2f} s to {floor:.2f} s); {peak:.2f} × the frame",
        ours <= 1.5 * floor and peak <= 1.3,
    )
    for peer, how in (("kedro", "as Parquet"), ("hamilton", "in its cache")):
        theirs = _told(f"on_{peer}", python_of(peer))
        yield Row(
            f"the same in {version_of(peer)}, {how}, not synced",
            "",
            f"{theirs['seconds'] / floor:.1f} × ({theirs['seconds']:.1f} s); "
            f"{theirs['peak']:.1f} × the frame",
        )


def _told(name: str, interpreter: str = sys.executable) -> dict[str, float]:
    script = str(SCRIPTS / f"columns_{name}.py")
    with tempfile.TemporaryDirectory() as folder:
        printed = python(script, f"{folder}/store", interpreter=interpreter, **QUIET)
    told: dict[str, float] = json.loads(printed.splitlines()[-1])
    return told
