"""Row conditions: which rows an expectation speaks of.

Condition
 ├── Comparison   a column against a literal or another column
 ├── Membership   a column in a list of literals
 ├── Missing      a column without a value
 ├── Truth        a column of booleans
 ├── Every, Some  and, or
 └── Opposite     not
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class ConditionError(ValueError):
    """A row condition cannot be understood."""


@dataclass(frozen=True)
class Name:
    """A column, as the condition names it."""

    column: str


Literal = str | int | float | bool


@dataclass(frozen=True)
class Comparison:
    """`column operator other`."""

    column: Name
    operator: str
    other: Name | Literal


@dataclass(frozen=True)
class Membership:
    """Whether a column is one of these literals."""

    column: Name
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Missing:
    """Whether a column has no value."""

    column: Name


@dataclass(frozen=True)
class Truth:
    """A column of booleans."""

    column: Name


@dataclass(frozen=True)
class Every:
    """All of these."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """One of these, or more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Opposite:
    """Not this."""

    part: Condition


Condition = Comparison | Membership | Missing | Truth | Every | Some | Opposite
