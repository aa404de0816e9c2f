"""Print, as a JSON list, the packages whose tests a change asks for.

    python tools/touched_packages.py BASE

A change touches the package it is in and those that depend on it. Files outside of packages/ touch
every package, except those that only people or the tests of the repository read. So does a base
that is no known commit: the first push of a branch has none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
TESTED_APART = frozenset({"benchmarks", "docs", "examples", "tests"})


def main() -> None:
    """Compare with the commit given as the only argument."""
    needs = dependencies(ROOT / "packages")
    files = changed_files(ROOT, base=sys.argv[1])
    print(json.dumps(sorted(needs) if files is None else touched(files, needs)))


def touched(files: Iterable[str], needs: Mapping[str, frozenset[str]]) -> list[str]:
    """The packages that a change of `files` touches, given the packages that each one needs."""
    changed: set[str] = set()
    for file in files:
        top, *rest = PurePosixPath(file).parts
        if top == "packages":
            changed.add(rest[0])
        elif top not in TESTED_APART and not top.endswith(".md"):
            return sorted(needs)
    return sorted(name for name in needs if changed & {name, *_all_needs(name, needs)})


def dependencies(folder: Path) -> dict[str, frozenset[str]]:
    """For each package in `folder` the others in it that it declares to need."""
    declared = {path.parent.name: _declared(path) for path in folder.glob("*/pyproject.toml")}
    return {name: needs & set(declared) for name, needs in declared.items()}


def changed_files(repository: Path, *, base: str) -> list[str] | None:
    """The files that differ from where this branch left `base`; None for an unknown `base`."""
    command = ["git", "diff", "--name-only", "--no-renames", "-z", f"{base}...HEAD"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr, end="")
        return None
    return [file for file in done.stdout.split("\0") if file]


def _declared(path: Path) -> frozenset[str]:
    requirements = tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"]
    names = (re.match(r"[\w.-]+", requirement) for requirement in requirements)
    return frozenset(name[0].lower() for name in names if name)


def _all_needs(name: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    direct = needs[name]
    return {*direct, *(deeper for need in direct for deeper in _all_needs(need, needs))}


if __name__ == "__main__":
    main()
