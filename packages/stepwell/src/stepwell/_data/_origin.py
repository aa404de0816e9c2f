"""Where data comes from: the entries of a catalog that a dataset was made of."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field


class Origin(BaseModel):
    """A version of a catalogued dataset: what a dataset, and a model trained on it, came from.

    `contract` is the digest of what the catalog said about it at that time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    contract: str = Field(min_length=1)


def joined(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """Every origin once, in the order of their names and versions."""
    return tuple(sorted(set(origins), key=lambda one: (one.name, one.version, one.contract)))
