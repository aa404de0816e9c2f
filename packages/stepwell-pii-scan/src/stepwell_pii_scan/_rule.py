"""What is to be done with one entity, one column, or both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Action = Literal["block", "mask", "generalise", "drop", "warn"]
MaskAs = Literal["placeholder", "pseudonym", "format"]


class Rule(BaseModel):
    """That findings of an entity, in a column, or of both, are treated unlike all others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action = Field(description="What is done with them.")
    column: str | None = Field(default=None, description="The column; every column by default.")
    entity: str | None = Field(default=None, description="The entity; every entity by default.")
    mask_as: MaskAs | None = Field(default=None, description="As the field of PiiScan.")

    @model_validator(mode="after")
    def _speaks_of_something(self) -> Rule:
        if self.column is None and self.entity is None:
            raise ValueError("a rule needs a column or an entity; for all, set on_finding")
        if self.mask_as and self.action != "mask":
            raise ValueError(f"mask_as means nothing with the action {self.action!r}")
        return self


def rule_for(rules: Iterable[Rule], column: str, entity: str) -> Rule | None:
    """The rule that counts: for both, else for the column, else for the entity."""
    matching = [
        rule for rule in rules if rule.column in (None, column) and rule.entity in (None, entity)
    ]
    return max(matching, key=_how_specific, default=None)


def _how_specific(rule: Rule) -> tuple[bool, bool]:
    return rule.column is not None, rule.entity is not None
