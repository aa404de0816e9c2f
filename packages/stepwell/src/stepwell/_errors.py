"""Every error that Stepwell raises on purpose.

StepwellError
 ├── ConfigurationError    a step, a pipeline's settings or an option has a wrong value
 ├── PipelineError         the steps of a pipeline do not fit together
 ├── DataError             a dataset cannot be read, or is not what a step needs
 ├── ModelError            a model cannot be stored, verified, loaded or applied
 ├── ContractError         a step returned something else than it declares
 ├── StoreError            the store cannot be read or written
 │    ├── CorruptedError   stored bytes are not what their digest says
 │    └── DecisionConflict somebody else appended to the chain first
 └── RunError              raised by `Run.raise_for_status`
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_NAME = 60


class StepwellError(Exception):
    """What went wrong, where, and what to do about it, in words without any cell of data.

    `message` says where and what, `hint` what to type; `code` is stable and has a page in the
    documentation.
    """

    code = "SW-000"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigurationError(StepwellError):
    """A field of a step, an option or a setting has a wrong name or value."""

    code = "SW-100"


class PipelineError(StepwellError):
    """The steps of a pipeline do not fit together."""

    code = "SW-200"


class DataError(StepwellError):
    """A dataset cannot be read, or is not what a step needs."""

    code = "SW-300"


class ModelError(StepwellError):
    """A model cannot be stored, verified, loaded or applied."""

    code = "SW-400"


class ContractError(StepwellError):
    """A step returned something else than it declares."""

    code = "SW-500"


class StoreError(StepwellError):
    """The store cannot be read or written."""

    code = "SW-600"


class CorruptedError(StoreError):
    """Stored bytes are not what their digest says."""

    code = "SW-601"


class DecisionConflict(StoreError):
    """Another entry was appended to the chain first; read it and decide again."""

    code = "SW-602"


class RunError(StepwellError):
    """A run did not succeed."""

    code = "SW-700"


class PackageError(StepwellError):
    """A package that is or would be installed cannot be used."""

    code = "SW-800"


class EnvironmentUnavailable(PackageError):
    """The environment of a step cannot be resolved or made."""

    code = "SW-802"


class PackageIndexError(PackageError):
    """A package index refuses to answer (`refused`), or cannot; none other is asked."""

    code = "SW-801"

    def __init__(self, message: str, *, hint: str | None = None, refused: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.refused = refused


def did_you_mean(name: str, existing: Iterable[str]) -> str:
    """A sentence that proposes the nearest of `existing`, else an empty string.

    Nearest is what differs in capitals only, then what is spelled alike, then the only one of which
    `name` is a part.
    """
    names = [one for one in existing if len(one) <= _LONGEST_NAME]
    same = [one for one in names if one.casefold() == name.casefold()]
    parts = [one for one in names if len(name) > 2 and name.casefold() in one.casefold()]
    near = same or get_close_matches(name, names, n=1, cutoff=0.6)
    near = near or (parts if len(parts) == 1 else [])
    return f"Did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[str], *, most: int = 12) -> str:
    """`names` for the end of a message: comma separated, cut after `most`, long ones shortened."""
    every = [one if len(one) <= _LONGEST_NAME else f"{one[:_LONGEST_NAME]}…" for one in names]
    shown = ", ".join(every[:most]) or "none"
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown


def told_labels(labels: Iterable[object], *, near: object = None) -> str:
    """How many labels of which type there are, and whether one is almost `near`.

    They are not shown: labels are cells.
    """
    every = list(labels)
    types = " and ".join(sorted({type(label).__name__ for label in every}))
    same = any(_spelled(label) == _spelled(near) for label in every if label != near)
    alike = "; one differs from it in type, capitals or spaces only" if same else ""
    return f"{len(every):,} of type {types}{alike}" if every else "none"


def _spelled(label: object) -> str:
    return str(label).strip().casefold()
