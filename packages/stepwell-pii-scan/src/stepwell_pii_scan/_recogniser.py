"""A recogniser: how one kind of personal data is written, as data with its own examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Literal

SEPARATORS = " .\u00a0\u202f\u2010-\u2013-"
"""What people put between groups of digits, for a character class: blanks, dots and dashes."""


Alone = Literal["certain", "suspect", "nothing"]
"""What a valid match is that no word nearby speaks for."""


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
    suspects: Sequence[str] = ()
    """Texts in which it finds what may be something."""
    counterexamples: Sequence[str]
    """Texts that look alike and in which it finds nothing."""
    valid: Callable[[str], bool] = _always
    """Whether what the pattern matched is real: a checksum, a range, a structure."""
    validation: str = "pattern"
    """What stands behind `valid`, in words, for the documentation and the report."""
    checked: bool = False
    """Whether a check digit stands behind `valid`: what fails it near its context is suspect."""
    alone: Alone = "certain"
    """What a valid match is that stands without context."""
    context: Sequence[str] = ()
    """Words, in lower case, near the match or in the name of the column, that speak for it."""
    contradiction: Sequence[str] = ()
    """Words, in lower case, directly before it or in the column's name, that speak against it."""
    digits: int = 0
    """How many digits there are at least in what it matches, few characters from one another."""
    verbatim: bool = False
    """Whether the pattern is a user's, for the linear-time engine alone, and left as it is."""
    cuts: bool = True
    """Whether the beginning of a match, or what follows it, may be valid where it is not."""
    glue: str = ".,"
    """Characters that join a match to a further digit: then it is part of a longer number."""

    @cached_property
    def linear_pattern(self) -> str:
        """The pattern for Polars; an ASCII boundary keeps its engine on the fast path."""
        return self.pattern if self.verbatim else self.pattern.replace(r"\b", r"(?-u:\b)")

    @cached_property
    def python_pattern(self) -> re.Pattern[str]:
        """The same pattern for `re`."""
        return re.compile(self.pattern, re.ASCII)

    @cached_property
    def fewest_digits(self) -> int | None:
        """How many digits a mere number has at least that it matches; None if it matches none."""
        if self.verbatim:
            return 1
        texts = (re.sub(r"[^0-9]", "", text) for text in (*self.examples, *self.suspects))
        return min((len(t) for t in texts if self.python_pattern.fullmatch(t)), default=None)

    @cached_property
    def python_context(self) -> re.Pattern[str]:
        """Matches text, in lower case, in which one of the context words stands."""
        return re.compile(_any_word(self.context), re.ASCII)

    @cached_property
    def python_contradiction(self) -> re.Pattern[str]:
        """Matches text, in lower case, that ends with a contradicting word."""
        words = _any_word(self.contradiction)
        return re.compile(
            rf"(?:{words})[a-z]{{0,8}}(?: ?(?:nr|no|nummer|number|id))?[ .:=#_-]{{0,3}}$", re.ASCII
        )


OTHER_NUMBERS = (
    *("order", "bestell", "auftrag", "invoice", "rechnung", "tracking", "sendung", "article"),
    *(
        "artikel",
        "isbn",
        "ean",
        "gtin",
        "sku",
        "ticket",
        "serial",
        "serien",
        "version",
        "timestamp",
    ),
)
"""What numbers of things are called: a contradiction for numbers of people."""


def stdnum(module: str) -> Callable[[str], bool]:
    """The check of python-stdnum's `module`, such as `de.idnr`, on digits and letters alone."""

    def valid(written: str) -> bool:
        return bool(import_module(f"stdnum.{module}").is_valid(digits_and_letters(written)))

    return valid


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
