"""Checks of a step at work on its example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from stepwell._data._dataset import Dataset
from stepwell._models._model import Model
from stepwell._protocol._step import Step, title
from stepwell.testing._check import CheckFailed
from stepwell.testing._example import example_of, fingerprints, somewhere


def check_example_gives_what_is_declared(step: type[Step]) -> None:
    """The example runs and gives outputs of the declared kinds."""
    configured, inputs = example_of(step)
    with somewhere(configured) as store:
        fingerprints(configured, inputs, store)


def check_inputs_stay_unchanged(step: type[Step]) -> None:
    """A step never changes its inputs."""
    configured, inputs = example_of(step)
    before = _states(inputs)
    with somewhere(configured) as store:
        fingerprints(configured, inputs, store)
    after = _states(inputs)
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        raise CheckFailed(
            f"{title(step)} changes its input {changed[0]!r}.",
            "Work on a copy: polars' with_columns, pandas' copy(), sklearn.base.clone.",
        )


def check_same_run_gives_same_bytes(step: type[Step]) -> None:
    """The same step on the same inputs gives the same bytes, unless it has effects."""
    configured, inputs = example_of(step)
    with somewhere(configured) as store:
        first = fingerprints(configured, inputs, store)
        second = first if configured.effects else fingerprints(configured, inputs, store)
    differing = [name for name in first if first[name] != second[name]]
    if differing:
        raise CheckFailed(
            f"{title(step)} gives another {differing[0]!r} the second time.",
            "Seed every random generator from a field; take no clock and no global state.",
        )


def _states(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _state(value) for name, value in inputs.items()}


def _state(value: Any) -> Any:
    """What a value holds now, and not what it remembers of itself."""
    if isinstance(value, Dataset):
        return Dataset.of(value.to_polars()).fingerprint, repr(value.roles)
    if isinstance(value, Model):
        return value.fingerprint, value.state_digest()
    if hasattr(value, "__arrow_c_stream__"):
        return Dataset.of(value).fingerprint
    return to_jsonable_python(value, fallback=repr)
