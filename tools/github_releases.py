"""Make a GitHub release for each bill of materials in a folder, and put it there.

    python tools/github_releases.py dist

`stepwell_train-0.3.0.cdx.json` belongs to the tag `stepwell-train-v0.3.0`. Beside it lies
constraints.txt, if there is one. A release that exists is left as it is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BILL = ".cdx.json"


def main() -> None:
    """Ask `gh`, which takes its credentials from the environment."""
    folder = Path(sys.argv[1])
    constraints = [str(path) for path in folder.glob("constraints.txt")]
    for bill in sorted(folder.glob(f"*{BILL}")):
        tag = tag_of(bill)
        if _gh("view", tag, check=False).returncode:
            told = ["--notes", "What is new stands in the changelog of the package."]
            _gh("create", tag, "--verify-tag", "--title", tag, *told, str(bill), *constraints)


def tag_of(bill: Path) -> str:
    """The tag of the release that a bill of materials belongs to."""
    name, _, version = bill.name.removesuffix(BILL).rpartition("-")
    return f"{name.replace('_', '-')}-v{version}"


def _gh(*words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["gh", "release", *words], check=check)


if __name__ == "__main__":
    main()
