"""The policy: what a challenger must show to become champion."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue


class Policy(BaseModel):
    """The part of the configuration of `Deploy` that decides, as it stands in the log."""

    model_config = ConfigDict(frozen=True)

    better_on: str
    by: float
    gate: Literal["value", "interval"]
    higher_is_better: bool
    least_rows: int
    strict: bool

    def to_json(self) -> dict[str, JsonValue]:
        """The policy as JSON, for the log and to be compared with an earlier one."""
        return self.model_dump(mode="json")
