"""The conformance kit: what every step has to keep, as plain functions.

In a package, `tests/test_protocol.py` is:

    import pytest
    from stepwell.testing import checks_for

    @pytest.mark.parametrize("check", checks_for("stepwell-train"), ids=str)
    def test_protocol(check):
        check()

A check takes a step class and raises AssertionError that says what is wrong and what to do.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution, entry_points
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pydantic import ValidationError

from stepwell._artifacts import artifact_of, fingerprint_of
from stepwell._dataset import Dataset
from stepwell._errors import ConfigurationError
from stepwell._signature import signature_of
from stepwell._step import Step, configuration, title

__all__ = ["CHECKS", "Check", "checks_for", "example_of"]

HEAVY = ("pandas", "sklearn", "scipy", "mlflow", "great_expectations", "skops", "polars", "pyarrow")


@dataclass(frozen=True)
class Check:
    """One check of one step; call it."""

    step: type[Step]
    function: Callable[[type[Step]], None]

    def __call__(self) -> None:
        """Raise AssertionError if the step does not keep what is checked."""
        self.function(self.step)

    def __str__(self) -> str:
        return f"{title(self.step)}-{self.function.__name__.removeprefix('check_')}"


def checks_for(package: str) -> list[Check]:
    """Every check for every step of an installed package. Raises AssertionError without steps."""
    steps = list(_steps_of(package))
    assert steps, (
        f"{package} has no entry point in the group stepwell.steps; add one in pyproject.toml."
    )
    return [Check(step, function) for step in steps for function in CHECKS]


def example_of(step: type[Step]) -> tuple[Step, dict[str, Any]]:
    """A small configured step and its inputs: what its classmethod `example` returns."""
    made = getattr(step, "example", None)
    assert made is not None, (
        f"{title(step)} has no classmethod example() -> (step, inputs); write one."
    )
    configured, inputs = made()
    return configured, dict(inputs)


def _steps_of(package: str) -> Iterator[type[Step]]:
    wanted = canonicalize_name(package)
    for point in entry_points(group="stepwell.steps"):
        if point.dist is not None and canonicalize_name(point.dist.name) == wanted:
            yield point.load()


# the step as a class


def check_has_docstring(step: type[Step]) -> None:
    """A step says in one sentence what it does."""
    own = step.__doc__ or ""
    assert own.strip() and step.__doc__ != Step.__doc__, (
        f"{title(step)} has no docstring; write one."
    )


def check_fields_are_described(step: type[Step]) -> None:
    """Every field has a type and a description."""
    for name, field in step.model_fields.items():
        assert field.description, (
            f"{title(step)}.{name} has no description: Field(description=...)."
        )
        assert field.annotation is not Any, f"{title(step)}.{name} is typed Any; name its type."


def check_no_field_shadows(step: type[Step]) -> None:
    """No field hides a method of Step or pydantic."""
    hidden = sorted(name for name in step.model_fields if hasattr(Step, name))
    assert not hidden, f"{title(step)} has fields that hide methods: {hidden}; rename them."


def check_run_can_be_wired(step: type[Step]) -> None:
    """`run` is keyword-only, annotated, and returns a frozen dataclass with described fields."""
    returns = signature_of(step).returns
    if returns is None:
        return
    frozen = getattr(returns, "__dataclass_params__").frozen  # noqa: B009 - not in the stubs
    assert frozen, f"{returns.__name__} is not frozen: @dataclass(frozen=True)."
    assert returns.__doc__, f"{returns.__name__} has no docstring; write one."


def check_unknown_field_is_refused(step: type[Step]) -> None:
    """A misspelt field is an error."""
    configured, _ = example_of(step)
    try:
        step(**{**configuration(configured), "no_such_field": 1})
    except ConfigurationError as error:
        assert "no_such_field" in str(error), f"{title(step)} does not name the unknown field."
        return
    raise AssertionError(f"{title(step)} accepts unknown fields; do not change extra='forbid'.")


# the step as a value


def check_configuration_round_trips(step: type[Step]) -> None:
    """The configuration is JSON, and makes an equal step with the same hash."""
    configured, _ = example_of(step)
    again = step(**json.loads(json.dumps(configuration(configured))))
    assert again == configured, f"{title(step)} differs after its configuration went through JSON."
    assert hash(again) == hash(configured), f"{title(step)} has another hash after JSON."


def check_configuration_is_frozen(step: type[Step]) -> None:
    """No field can be assigned."""
    configured, _ = example_of(step)
    for name in step.model_fields:
        assert not _can_be_assigned(configured, name), (
            f"{title(step)}.{name} can be assigned; do not change frozen=True."
        )


# the step at work


def check_example_gives_what_is_declared(step: type[Step]) -> None:
    """The example runs and returns outputs of the declared kinds."""
    configured, inputs = example_of(step)
    outputs = _outputs(configured, inputs)
    assert set(outputs) == set(signature_of(step).outputs)


def check_inputs_stay_unchanged(step: type[Step]) -> None:
    """A step never changes its inputs."""
    configured, inputs = example_of(step)
    before = _fingerprints(inputs)
    configured.run(**inputs)
    assert _fingerprints(inputs) == before, f"{title(step)} changes its inputs; work on copies."


def check_same_run_gives_same_bytes(step: type[Step]) -> None:
    """The same step on the same inputs gives the same outputs, unless it has effects."""
    configured, inputs = example_of(step)
    if configured.effects:
        return
    first, second = _outputs(configured, inputs), _outputs(configured, inputs)
    assert first == second, (
        f"{title(step)} gives other outputs the second time; fix its seeds and clocks."
    )


# the package


def check_import_is_light(step: type[Step]) -> None:
    """Importing the package loads no heavy library and prints nothing."""
    package = step.__module__.partition(".")[0]
    code = (
        f"import sys, {package}; {package}.{title(step)}; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n", (
        f"Importing {package} loads or prints {done.stdout.strip()}; import inside run."
    )
    assert not done.stderr, f"Importing {package} prints on standard error; keep it silent."


def check_metadata(step: type[Step]) -> None:
    """The package is named stepwell-…, typed, and requires core with a floor and a cap."""
    from stepwell._packages import distribution_of

    package = step.__module__.partition(".")[0]
    found = distribution_of(package)
    assert found is not None, f"{package} is not installed as a distribution."
    assert found.name == "stepwell" or found.name.startswith("stepwell-"), (
        f"{found.name} lacks the prefix."
    )
    module = sys.modules[package]
    typed = any((path / "py.typed").exists() for path in _folders(module))
    assert typed, f"{package} has no py.typed inside the package folder."
    if found.name == "stepwell":
        return
    core = [
        r for r in map(Requirement, distribution(found.name).requires or ()) if r.name == "stepwell"
    ]
    operators = {specifier.operator for requirement in core for specifier in requirement.specifier}
    assert operators == {">=", "<"}, (
        f"{found.name} must require stepwell with a floor and a cap: >=1.0,<2."
    )


def _folders(module: Any) -> Iterator[Any]:
    from pathlib import Path

    return (Path(folder) for folder in module.__path__)


def _can_be_assigned(step: Step, name: str) -> bool:
    try:
        setattr(step, name, getattr(step, name))
    except (ValidationError, TypeError, AttributeError):
        return False
    return True


def _outputs(step: Step, inputs: Mapping[str, Any]) -> dict[str, str | None]:
    """The fingerprints of what `step` returns; raises if a kind is not the declared one."""
    signature = signature_of(type(step))
    returned = step.run(**inputs)
    assert signature.returns is None or isinstance(returned, signature.returns), (
        f"{title(step)}.run returned a {type(returned).__name__}, not a {signature.returns}."
    )
    values = signature.outputs_of(returned)
    return {
        name: fingerprint_of(artifact_of(output, values[name], title(step)))
        for name, output in signature.outputs.items()
    }


def _fingerprints(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _fingerprint(value) for name, value in inputs.items()}


def _fingerprint(value: Any) -> Any:
    if isinstance(value, Dataset) or hasattr(value, "__arrow_c_stream__"):
        return Dataset.of(value).fingerprint
    if hasattr(value, "fingerprint"):
        return value.fingerprint
    if isinstance(value, list):
        return [_fingerprint(item) for item in value]
    return value if dataclasses.is_dataclass(value) else repr(value)


CHECKS: tuple[Callable[[type[Step]], None], ...] = (
    check_has_docstring,
    check_fields_are_described,
    check_no_field_shadows,
    check_run_can_be_wired,
    check_unknown_field_is_refused,
    check_configuration_round_trips,
    check_configuration_is_frozen,
    check_example_gives_what_is_declared,
    check_inputs_stay_unchanged,
    check_same_run_gives_same_bytes,
    check_import_is_light,
    check_metadata,
)
"""Every check of the kit, in order."""
