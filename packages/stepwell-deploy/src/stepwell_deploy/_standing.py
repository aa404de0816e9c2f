"""What a decision log says about today: the champion, the one before it, the latest challenger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from stepwell import Decision


@dataclass(frozen=True)
class Standing:
    """Who holds which place; `crowned` are the promotions that are in force, oldest first."""

    crowned: tuple[Decision, ...] = ()
    challenger: Decision | None = None
    promotions: int = 0
    number: int = 0

    @property
    def champion(self) -> Decision | None:
        """The promotion of today's champion."""
        return self.crowned[-1] if self.crowned else None

    @property
    def previous(self) -> Decision | None:
        """The promotion that a rollback goes back to."""
        return self.crowned[-2] if len(self.crowned) > 1 else None

    def after(self, decision: Decision) -> Standing:
        """The standing once `decision` was made."""
        crowned, challenger, promotions = self.crowned, self.challenger, self.promotions
        if decision.outcome == "promoted":
            crowned, challenger, promotions = (*crowned, decision), None, promotions + 1
        elif decision.outcome == "rolled_back":
            crowned, challenger = _down_to(crowned, decision), None
        elif decision.model is not None:
            challenger = decision
        return Standing(crowned, challenger, promotions, decision.number or self.number)


def standing_of(entries: Iterable[Decision]) -> Standing:
    """The standing after all of these decisions, given oldest first."""
    standing = Standing()
    for decision in entries:
        standing = standing.after(decision)
    return standing


def _down_to(crowned: tuple[Decision, ...], back: Decision) -> tuple[Decision, ...]:
    """The promotions below and including that of the model that `back` restored."""
    for last in range(len(crowned) - 1, -1, -1):
        if (crowned[last].model, crowned[last].version) == (back.model, back.version):
            return crowned[: last + 1]
    return (*crowned, back)
