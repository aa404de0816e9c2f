"""Recognisers of the user's own, as configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from stepwell_pii_scan._recogniser import Alone, Recogniser, stdnum
from stepwell_pii_scan._search import Search

_ENTITY = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


class OwnRecogniser(BaseModel):
    r"""One way of writing one kind of personal data that only your data has.

    `examples` and `counterexamples` are its tests: they are tried when it is made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    entity: str = Field(description="What it finds, in capital letters: 'CUSTOMER_NUMBER'.")
    pattern: str = Field(
        description="A regular expression without look-around and back-references."
    )
    examples: tuple[str, ...] = Field(min_length=1, description="Texts in which it finds it.")
    counterexamples: tuple[str, ...] = Field(
        min_length=1, description="Texts that look alike, in which it finds nothing."
    )
    check: str | None = Field(
        default=None,
        description="A module of python-stdnum that has to call it valid: 'luhn', 'de.idnr'.",
    )
    context: tuple[str, ...] = Field(
        default=(), description="Words nearby or in the column's name that speak for it."
    )
    contradiction: tuple[str, ...] = Field(
        default=(), description="Words directly before it that speak against it."
    )
    alone: Alone = Field(
        default="certain", description="What it is without a word of its context nearby."
    )

    @field_validator("entity")
    @classmethod
    def _is_written_like_others(cls, entity: str) -> str:
        if not _ENTITY.fullmatch(entity):
            raise ValueError("write entities in capital letters, such as 'CUSTOMER_NUMBER'")
        return entity

    @field_validator("context", "contradiction")
    @classmethod
    def _in_lower_case(cls, words: Sequence[str]) -> tuple[str, ...]:
        if not all(word.strip() for word in words):
            raise ValueError("a word is empty")
        return tuple(word.lower() for word in words)

    @field_validator("pattern")
    @classmethod
    def _takes_linear_time(cls, pattern: str) -> str:
        import polars as pl

        try:
            matches_nothing = pl.Series([""]).str.contains(pattern)[0]
        except pl.exceptions.ComputeError:
            raise ValueError(_why_not(pattern)) from None
        if matches_nothing:
            raise ValueError("the pattern matches an empty text, and so everywhere")
        return pattern

    @field_validator("check")
    @classmethod
    def _exists(cls, check: str | None) -> str | None:
        if check is not None and not _is_in_stdnum(check):
            raise ValueError(
                f"python-stdnum has no check {check!r}; there are for example 'luhn', 'de.idnr' "
                "and 'iso7064.mod_97_10'"
            )
        return check

    @model_validator(mode="after")
    def _finds_its_examples(self) -> OwnRecogniser:
        import polars as pl

        search = Search((self.built(),))
        found = search.find(pl.Series([*self.examples, *self.counterexamples]))
        for number in range(len(self.examples)):
            if not any(span.certain for span in found.get(number, ())):
                raise ValueError(f"{self.entity} is not found in example {number + 1}")
        for number in range(len(self.counterexamples)):
            if len(self.examples) + number in found:
                raise ValueError(f"{self.entity} is found in counterexample {number + 1}")
        return self

    def built(self) -> Recogniser:
        """The recogniser, the same one for the same configuration."""
        return _built(self)


@cache
def _built(own: OwnRecogniser) -> Recogniser:
    recogniser = Recogniser(
        entity=own.entity,
        pattern=own.pattern,
        examples=own.examples,
        counterexamples=own.counterexamples,
        context=own.context,
        contradiction=own.contradiction,
        alone=own.alone,
        cuts=False,
        verbatim=True,
    )
    if own.check is None:
        return recogniser
    validation = f"stdnum.{own.check}"
    return replace(recogniser, valid=stdnum(own.check), validation=validation, checked=True)


_LOOK_AROUND = re.compile(r"\(\?(?:[=!]|<[=!])")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=")


def _why_not(pattern: str) -> str:
    if _LOOK_AROUND.search(pattern):
        reason = "it looks around, with (?=, (?!, (?<= or (?<!"
        instead = "write `context` and `contradiction`, or take more into the match"
    elif _BACK_REFERENCE.search(pattern):
        reason = "it refers back to a group"
        instead = "write the repetition out"
    else:
        reason = "it does not compile"
        instead = "see the syntax of Rust's regex"
    return f"the pattern cannot be used by an engine that takes linear time: {reason}; {instead}"


def _is_in_stdnum(check: str) -> bool:
    if not re.fullmatch(r"[a-z0-9_]+(?:\.[a-z0-9_]+)?", check):
        return False
    try:
        return hasattr(import_module(f"stdnum.{check}"), "is_valid")
    except ImportError:
        return False
