"""The table of what was measured: a row for each piece of work, printed and kept in RESULTS.md."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
BEGIN, END = "<!-- what run.py --write wrote -->", "<!-- end -->"
LIBRARIES = ("polars", "pandas", "scikit-learn", "skops", "pydantic")


@dataclass(frozen=True)
class Row:
    """What a piece of work took and what it may take; `holds` is None where there is no goal."""

    work: str
    goal: str
    measured: str
    holds: bool | None = None

    def __str__(self) -> str:
        verdict = {True: "holds", False: "**falls short**", None: ""}[self.holds]
        return f"| {self.work} | {self.goal} | {self.measured} | {verdict} |"


HEAD = "| work | goal | measured | |\n|---|---|---|---|"


def write(rows: Iterable[Row]) -> None:
    """Put the rows and what they were measured on between the markers of RESULTS.md."""
    before, _, rest = RESULTS.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join([HEAD, *map(str, rows)])
    text = f"{before}{BEGIN}\n\n{machine()}\n\n{table}\n\n{END}{after}"
    RESULTS.write_text(text, encoding="utf-8")


def machine() -> str:
    """What the figures were measured on, in a sentence or two."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} on {platform.machine()}, "
        f"{os.cpu_count()} processors, {memory:.0f} GiB of memory, load {os.getloadavg()[2]:.1f}; "
        f"Python {platform.python_version()}, {libraries}."
    )
