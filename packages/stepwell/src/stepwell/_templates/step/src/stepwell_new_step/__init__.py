"""A Stepwell step that leaves out repeated rows."""

from stepwell_new_step._new_step import (
    NewStep,
    NewStepOutputs,
)

__all__ = ["NewStep", "NewStepOutputs"]
