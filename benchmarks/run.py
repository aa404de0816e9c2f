"""Measures what Stepwell costs, beside what it is compared with, in one run: `nox -s benchmarks`.

    python benchmarks/run.py [--write] [NAME …]

Every figure is the median of several runs on this machine; the ratios are what to look at. With
`--write`, the table replaces the one in RESULTS.md.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from table import HEAD, Row, write

BENCHMARKS = (
    "startup",
    "overhead",
    "environment",
    "seven",
    "credit",
    "columns",
    "fairness",
    "expectations",
    "streaming",
    "pii",
    "drift",
)


def main() -> None:
    """Run the benchmarks named on the command line, else all."""
    parser = argparse.ArgumentParser(description="Measure Stepwell beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--write", action="store_true", help="keep the table in RESULTS.md")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if arguments.write and arguments.names:
        parser.error("--write keeps the whole table: leave out the names")
    print(HEAD, flush=True)
    rows = []
    for row in _measured(arguments.names or BENCHMARKS):
        print(row, flush=True)
        rows.append(row)
    if arguments.write:
        write(rows)


def _measured(names: tuple[str, ...] | list[str]) -> Iterator[Row]:
    for name in names:
        yield from importlib.import_module(f"bench_{name}").measure()


if __name__ == "__main__":
    main()
