"""What is wrong with a contract: where it stands, what it is, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """One finding about a contract. `where` is a path such as `schema[0].properties[2].name`."""

    where: str
    what: str
    fix: str
    level: Level = "error"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what} {self.fix}".rstrip()


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that make a contract unusable."""
    return [problem for problem in problems if problem.level == "error"]
