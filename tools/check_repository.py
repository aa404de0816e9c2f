"""Check the rules of this repository that no linter knows.

    python tools/check_repository.py

Prints a line for each breach and exits 1 if there is any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 350
FRAGMENT = re.compile(r"(\d+|\+[a-z0-9-]+)\.(added|fixed|deprecated|removed)\.md")
IGNORE = re.compile(r"#\s*(?:type:\s*ignore|noqa\b|pragma:)")
REASONED = re.compile(r"#\s*type: ignore\[[\w, -]+\]  # \w|#\s*noqa: [A-Z0-9, ]+ - \w")
LEFT_OVER = re.compile(r"\b(?:TODO|FIXME)\b|/(?:home|Users|root)/\w")
SPELT_OUT = ("tools/check_repository.py", "tests/test_check_repository.py")
"""Files that name on purpose what others may not hold."""

Rule = Callable[[PurePosixPath, str], Iterator[str]]


def main() -> int:
    """Check every file that is or could be committed."""
    breaches = [breach for file in _files() for breach in breaches_of(file, _text(file))]
    print(*breaches, sep="\n", end="\n" if breaches else "")
    return 1 if breaches else 0


def breaches_of(file: PurePosixPath, text: str) -> list[str]:
    """What is wrong with a file, by its path in the repository and its text."""
    if str(file) in SPELT_OUT:
        return []
    return [f"{file}:{breach}" for rule in RULES for breach in rule(file, text)]


def ignores_have_reasons(file: PurePosixPath, text: str) -> Iterator[str]:
    """An ignored finding names its code and its reason; in a test the name of the test is one."""
    if file.suffix != ".py" or "tests" in file.parts:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if IGNORE.search(line) and not REASONED.search(line):
            yield (
                f"{number}: an ignore without code or reason; write "
                "`# type: ignore[code]  # reason` or `# noqa: CODE - reason`."
            )


def modules_are_short(file: PurePosixPath, text: str) -> Iterator[str]:
    """A long module has two ideas in it."""
    lines = text.count("\n")
    if file.suffix == ".py" and "src" in file.parts and lines > LONGEST_MODULE:
        yield f"1: {lines} lines; a module has at most {LONGEST_MODULE}. Which two ideas are in it?"


def fragments_are_named(file: PurePosixPath, text: str) -> Iterator[str]:
    """What changed is told in a file that towncrier finds."""
    if file.parent.name != "changes" or file.name == ".gitkeep":
        return
    if not FRAGMENT.fullmatch(file.name):
        yield "1: call it <number>.<added|fixed|deprecated|removed>.md; without a number, +<word>."
    elif not text.strip():
        yield "1: say in a sentence or two, for users, what changed and what to do now."


def nothing_is_left_over(file: PurePosixPath, text: str) -> Iterator[str]:
    """A note to oneself, or a path of one's own machine, is of no use to others."""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := LEFT_OVER.search(line):
            yield f"{number}: {found[0]!r} is left over."


RULES: tuple[Rule, ...] = (
    ignores_have_reasons,
    modules_are_short,
    fragments_are_named,
    nothing_is_left_over,
)


def _files() -> Iterator[PurePosixPath]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return (PurePosixPath(name) for name in sorted(listed.split("\0")) if (ROOT / name).is_file())


def _text(file: PurePosixPath) -> str:
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:  # not text
        return ""


if __name__ == "__main__":
    sys.exit(main())
