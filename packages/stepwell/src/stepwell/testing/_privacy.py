"""Checks of what a step does and says when its data is not what it expects."""

from __future__ import annotations

from stepwell._errors import ContractError, StepwellError
from stepwell._pipelines._failure import reason_of
from stepwell._protocol._step import Step, title
from stepwell.testing._check import CheckFailed
from stepwell.testing._disturbance import NO_ROWS, Observation, observations


def check_data_without_rows(step: type[Step]) -> None:
    """Data without rows gives the declared outputs or a StepwellError, nothing else."""
    for seen in observations(step):
        if seen.when.endswith(NO_ROWS):
            _check_outcome(step, seen, "Return outputs without rows, or raise DataError.")


def check_errors_are_of_stepwell(step: type[Step]) -> None:
    """Whatever is wrong with the data, a step raises a StepwellError or gives what it declares."""
    for seen in observations(step):
        _check_outcome(
            step, seen, "Raise DataError, which names the column and says what to do about it."
        )


def check_no_cell_is_shown(step: type[Step]) -> None:
    """No cell of the data stands in a message, a report, a log or anything printed."""
    for seen in observations(step):
        for where, text in seen.said.texts.items():
            column = seen.planted.found_in(text)
            if column is not None:
                raise CheckFailed(
                    f"When {seen.when}, {where} shows a cell of column {column!r}: {title(step)}.",
                    "Say counts, names of columns, numbers of rows and masked shapes instead.",
                )


def _check_outcome(step: type[Step], seen: Observation, remedy: str) -> None:
    if isinstance(seen.error, ContractError):
        raise CheckFailed(
            f"When {seen.when}, {title(step)} gives something else than it declares: {seen.error}",
            remedy,
        ) from seen.error
    if seen.error is not None and not isinstance(seen.error, StepwellError):
        raise CheckFailed(
            f"When {seen.when}, {title(step)} raises {reason_of(seen.error)}.", remedy
        ) from seen.error
