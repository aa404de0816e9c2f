"""What a step takes and gives: read from the annotations of `run`, once per class."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from stepwell._errors import PipelineError
from stepwell._protocol._kinds import Kind, json_adapter, kind_of, without_none
from stepwell._protocol._report import Report
from stepwell._protocol._step import Step, title

REPORTS = "reports"
REPORT = "report"


@dataclass(frozen=True)
class Input:
    """A keyword of `run`: `required` must be wired, `nullable` may arrive as None."""

    name: str
    kind: Kind
    annotation: Any
    required: bool
    nullable: bool


@dataclass(frozen=True)
class Output:
    """A field of what `run` returns; an `optional` one may be None."""

    name: str
    kind: Kind
    annotation: Any
    optional: bool


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of a step, in order; `judge` steps also take every report."""

    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    judge: bool
    returns: type | None

    def outputs_of(self, returned: Any) -> dict[str, Any]:
        """The outputs by name, out of what `run` returned."""
        if self.returns is None:
            return dict(zip(self.outputs, (returned,), strict=True)) if self.outputs else {}
        return {name: getattr(returned, name) for name in self.outputs}


@cache
def signature_of(step: type[Step]) -> Signature:
    """The signature of a step class. Raises PipelineError for a `run` that cannot be wired."""
    declared = getattr(step, "signature", None)
    if isinstance(declared, Signature):  # a function step brings its own
        return declared
    hints = _hints(f"{title(step)}.run", step.run)
    parameters = list(inspect.signature(step.run).parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise PipelineError(
                f"{title(step)}.run takes {parameter.name!r} by position; inputs are keyword-only.",
                hint="Write run(self, *, ...).",
            )
    return signature(title(step), parameters, hints)


def signature(
    name: str, parameters: list[inspect.Parameter], hints: dict[str, Any], lone: str | None = None
) -> Signature:
    """The signature that these parameters and this return annotation make.

    `lone` names a lone output; without it, `run` has to return a frozen dataclass.
    """
    inputs = {p.name: _input(name, p, hints) for p in parameters}
    judge = REPORTS in inputs and is_reports(inputs[REPORTS].annotation)
    if judge:
        del inputs[REPORTS]
    returned = hints.get("return", inspect.Parameter.empty)
    if dataclasses.is_dataclass(returned) and isinstance(returned, type):
        return Signature(inputs, _fields(name, returned), judge, returned)
    if returned is type(None):
        return Signature(inputs, {}, judge, None)
    if returned is inspect.Parameter.empty:
        raise PipelineError(f"{name}.run does not say what it returns.")
    if lone is None:
        raise PipelineError(
            f"{name}.run returns {_shown(returned)}; a step returns a frozen dataclass with a "
            "field for each output."
        )
    return Signature(inputs, {lone: _output(name, lone, returned)}, judge, None)


def _hints(name: str, annotated: Any) -> dict[str, Any]:
    try:
        return get_type_hints(annotated)
    except NameError as error:
        raise PipelineError(
            f"An annotation of {name} names {error.name!r}, which is not defined at run time.",
            hint="Import it for real, not only under TYPE_CHECKING.",
        ) from None


def _input(step: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> Input:
    if parameter.name not in hints:
        raise PipelineError(f"{step}.run does not say the type of its input {parameter.name!r}.")
    annotation, nullable = without_none(hints[parameter.name])
    return Input(
        name=parameter.name,
        kind=_kind(step, parameter.name, annotation),
        annotation=annotation,
        required=parameter.default is inspect.Parameter.empty,
        nullable=nullable,
    )


def _fields(step: str, returned: type) -> dict[str, Output]:
    hints = _hints(returned.__name__, returned)
    return {f.name: _output(step, f.name, hints[f.name]) for f in dataclasses.fields(returned)}


def _output(step: str, name: str, annotation: Any) -> Output:
    inner, optional = without_none(annotation)
    return Output(name, _kind(step, name, inner), inner, optional)


def _kind(step: str, name: str, annotation: Any) -> Kind:
    kind = kind_of(annotation)
    if kind == "value" and not is_reports(annotation):
        try:
            json_adapter(annotation)
        except TypeError:
            raise PipelineError(
                f"{step} has an input or output {name!r} of type {_shown(annotation)}, which "
                "cannot pass between steps.",
                hint="What passes is a Dataset or frame, a model whose format is installed, a "
                "Report, a Path, or what JSON can hold.",
            ) from None
    return kind


def is_reports(annotation: Any) -> bool:
    """Whether `list[Report]`, which makes a judge, is what the annotation says."""
    return get_origin(annotation) is list and get_args(annotation) == (Report,)


def _shown(annotation: Any) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)
