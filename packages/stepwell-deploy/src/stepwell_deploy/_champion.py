"""The champion: the model that the decision log says is in production."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field, JsonValue

from stepwell import Model, Step, decisions
from stepwell_deploy._name import Name


@dataclass(frozen=True)
class Crowned:
    """What `Champion` hands out."""

    champion: Model | None
    """The model in production; None before the first promotion."""


class Champion(Step):
    """Fetch the model that is in production, to compare a challenger with it.

    It reads the decision log of the store and never asks MLflow. While the champion stays the
    same, the step comes from the cache.
    """

    name: Name = Field(description="The name of the model in the decision log.")

    def run(self) -> Crowned:
        """Read the log and open the champion's files."""
        log = decisions(self.name)
        crowning = log.champion()
        if crowning is None or crowning.model is None:
            return Crowned(champion=None)
        return Crowned(champion=log.store.get(crowning.model, "model"))

    def external_state(self) -> JsonValue:
        """The fingerprint of the champion."""
        crowning = decisions(self.name).champion()
        return None if crowning is None else crowning.model

    @classmethod
    def example(cls) -> tuple[Champion, dict[str, object]]:
        """A configured step and its inputs, for the conformance kit."""
        return cls(name="example"), {}
