"""A recogniser: how one kind of personal data is written, as data with its own examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

SEPARATORS = " .\u00a0\u202f\u2010-\u2013-"
"""What people put between groups of digits, for a character class: blanks, dots and dashes."""


def _always(_written: str) -> bool:
    return True


@dataclass(frozen=True, kw_only=True, eq=False)
class Recogniser:
    r"""One way of writing one kind of personal data.

    To add one is to add data: `examples` and `counterexamples` are its tests.

    `pattern` uses the syntax that Python's `re` and the linear-time engine of Polars share, with
    explicit classes (`[0-9]`, not `\d`); `\b` is the ASCII word boundary in both. It has no
    groups that capture.
    """

    entity: str
    pattern: str
    examples: Sequence[str]
    """Texts in which it finds something."""
    counterexamples: Sequence[str]
    """Texts that look alike and in which it finds nothing."""
    valid: Callable[[str], bool] = _always
    """Whether what the pattern matched is real: a checksum, a range, a structure."""
    context: Sequence[str] = ()
    """Words, in lower case, of which one has to be near, or in the name of the column."""
    contradiction: Sequence[str] = ()
    """Words, in lower case, that directly before it say that it is something else."""
    glue: str = ".,"
    """Characters that join a match to a further digit: then it is part of a longer number."""

    @cached_property
    def linear_pattern(self) -> str:
        """The pattern for Polars; an ASCII boundary keeps its engine on the fast path."""
        return self.pattern.replace(r"\b", r"(?-u:\b)")

    @cached_property
    def python_pattern(self) -> re.Pattern[str]:
        """The same pattern for `re`."""
        return re.compile(self.pattern, re.ASCII)

    @cached_property
    def linear_context(self) -> str:
        """A pattern for Polars that matches where one of the context words stands."""
        return f"(?i){_any_word(self.context)}".replace(r"\b", r"(?-u:\b)")

    @cached_property
    def python_context(self) -> re.Pattern[str]:
        """The same for `re`, for text in lower case."""
        return re.compile(_any_word(self.context), re.ASCII)

    @cached_property
    def python_contradiction(self) -> re.Pattern[str]:
        """Matches text, in lower case, that ends with a contradicting word."""
        return re.compile(rf"\b(?:{'|'.join(self.contradiction)})[ .:=#]{{0,3}}$", re.ASCII)


def digits_and_letters(written: str) -> str:
    """`written` without what stands between its groups."""
    return written if written.isalnum() else "".join(filter(str.isalnum, written))


_SHORT = 5


def _any_word(words: Sequence[str]) -> str:
    """Matches any of `words`: long ones inside of compounds too, short ones only by themselves."""
    short = [re.escape(word) for word in words if len(word) < _SHORT]
    long = [re.escape(word) for word in words if len(word) >= _SHORT]
    alone = [rf"\b(?:{'|'.join(short)})\b"] if short else []
    return "|".join([*alone, *long])
