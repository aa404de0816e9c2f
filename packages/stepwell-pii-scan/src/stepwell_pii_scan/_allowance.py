"""Personal data that may stay, for a reason and until a date."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from stepwell_pii_scan._clock import today

_ARTICLES = {"reason": "a reason", "owner": "an owner"}


class Allowance(BaseModel):
    """That one column may hold one kind of personal data, for a reason, until a date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(description="The column that may hold it.")
    entity: str = Field(description="What it may hold, for example 'EMAIL_ADDRESS'.")
    reason: str = Field(description="Why it may, for whoever asks.")
    owner: str = Field(description="Who answers for it: a person, a team, an address.")
    expires: date = Field(description="The last day on which it may: somebody looks again then.")

    @field_validator("reason", "owner")
    @classmethod
    def _says_something(cls, text: str, info: ValidationInfo) -> str:
        if not text.strip():
            raise ValueError(f"an allowance needs {_ARTICLES[info.field_name or '']}")
        return text

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires < today()
