"""One expectation of a suite, checked and ready to be judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from stepwell_expectations._conditions import Condition

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


class SuiteError(ValueError):
    """A suite cannot be read, or says something that cannot be checked."""


@dataclass(frozen=True)
class Expectation:
    """What is expected of a dataset, in the words of Great Expectations.

    `config` is the expectation as it stands in results. One that `sets_apart` is no verdict on the
    dataset but on each row: those that are not as expected are left out.
    """

    type: str
    kwargs: Mapping[str, Any]
    severity: Severity = "critical"
    condition: Condition | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    sets_apart: bool = False

    @property
    def mostly(self) -> float:
        """The share of rows that has to be as expected."""
        mostly = self.kwargs.get("mostly")
        return 1.0 if mostly is None else float(mostly)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns whose values it speaks of, as the suite names them."""
        if self.type.startswith("expect_table_"):
            return ()
        single = [
            self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs
        ]
        return (*single, *(self.kwargs.get("column_list") or ()))


@dataclass(frozen=True)
class Suite:
    """Expectations under one name; `written` is the JSON that they were read from."""

    name: str
    expectations: tuple[Expectation, ...]
    written: str
