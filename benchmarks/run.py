"""Measures what Stepwell costs, beside what it is compared with, in one run: `nox -s benchmarks`.

    python benchmarks/run.py [NAME …]

Every figure is the median of several runs on this machine; the ratios are what to look at.
"""

import importlib
import sys
from pathlib import Path

BENCHMARKS = ("startup", "overhead", "columns", "credit", "fairness", "drift")


def main() -> None:
    """Run the benchmarks named on the command line, else all."""
    sys.path.insert(0, str(Path(__file__).parent))
    for name in sys.argv[1:] or BENCHMARKS:
        module = importlib.import_module(f"bench_{name}")
        print(f"\n{name}: {(module.__doc__ or '').strip().splitlines()[0]}")
        for line in module.measure():
            print(f"  {line}")


if __name__ == "__main__":
    main()
